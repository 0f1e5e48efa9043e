import type { EventRecord } from '../../source/demo/engine/event-row.js';
import type { History } from '../../source/demo/engine/history.js';

/** A history's events by execution, in the order of their ids. */
export function groupByExecution({ records }: History): Map<string, EventRecord[]> {
  const groups = new Map<string, EventRecord[]>();
  for (const record of records) {
    const group = groups.get(record.execution_id) ?? [];
    groups.set(record.execution_id, group);
    group.push(record);
  }
  for (const group of groups.values()) group.sort((a, b) => (BigInt(a.event_id) < BigInt(b.event_id) ? -1 : 1));
  return groups;
}

/** Each command's events as `type:status` words in order, without the `command.` before the type. */
export function livesOf(events: readonly EventRecord[], keyOf: (event: EventRecord) => string | null): string[] {
  const lives = new Map<string, string[]>();
  for (const event of events) {
    const key = keyOf(event);
    if (key === null) continue;
    const life = lives.get(key) ?? [];
    lives.set(key, life);
    life.push(`${event.event_type.replace('command.', '')}:${event.status}`);
  }
  return [...lives.values()].map((life) => life.join(' '));
}

import type { SnowflakeLayout } from '../../domain/snowflake.js';
import { type EventDraft, type EventRecord, placeEvent } from './event-row.js';
import type { IdSource } from './id-source.js';

interface Strange {
  readonly agoMs: number;
  readonly layout: SnowflakeLayout;
  readonly path: string;
  readonly parent?: string;
  readonly events: readonly (readonly [eventType: string, status: string | null])[];
}

const MINUTE = 60_000;

/** Logs that no engine of today writes, but that real tables hold. */
const STRANGE: readonly Strange[] = [
  {
    agoMs: 80 * MINUTE,
    layout: 'database',
    path: 'analytics/sessionize',
    events: [
      ['playbook.initialized', 'initialized'],
      ['subscription.opened', null],
      ['frame.sealed', 'CONTEXT'],
    ],
  },
  // A start from before the underscore, whose parent has no rows here; then unknown words.
  {
    agoMs: 7 * 60 * MINUTE,
    layout: 'rust',
    path: 'etl/daily_sales',
    parent: '1234567890123456',
    events: [
      ['playbook.started', 'STARTED'],
      ['quantum.entangled', 'Spinning'],
    ],
  },
  // Older Python servers report the last command after the playbook's end.
  {
    agoMs: 30 * 60 * MINUTE,
    layout: 'database',
    path: 'analytics/sessionize',
    events: [
      ['playbook.initialized', 'INITIALIZED'],
      ['workflow.completed', 'COMPLETED'],
      ['playbook.completed', 'COMPLETED'],
      ['command.completed', 'COMPLETED'],
    ],
  },
  // It failed, and was cancelled afterwards by a tool that looked at the latest event alone.
  {
    agoMs: 11 * 60 * MINUTE,
    layout: 'database',
    path: 'ml/score_customers',
    events: [
      ['playbook.initialized', 'INITIALIZED'],
      ['workflow.initialized', 'initialized'],
      ['workflow.failed', 'FAILED'],
      ['playbook.failed', 'FAILED'],
      ['ctx.updated', 'CONTEXT'],
      ['execution.cancelled', 'CANCELLED'],
    ],
  },
];

/** Their rows, a second apart. */
export function strangeRecords(now: number, ids: IdSource, catalogIds: ReadonlyMap<string, string>): EventRecord[] {
  return STRANGE.flatMap(({ agoMs, layout, path, parent, events }) => {
    const startedAt = now - agoMs;
    const executionId = ids.at(startedAt, layout).toString();
    let previous: bigint | null = null;
    return events.map(([eventType, status], index) => {
      const at = startedAt + index * 1000;
      const draft: EventDraft = {
        by: 'orchestrator',
        at,
        event_type: eventType,
        node_id: 'playbook',
        node_name: index === 0 ? path : 'playbook',
        ...(status === null ? {} : { status }),
        ...(parent && index === 0 ? { parent_execution_id: parent } : {}),
      };
      const eventId = ids.at(at, layout);
      const catalogId = catalogIds.get(path) ?? '0';
      const record = placeEvent(draft, {
        executionId,
        catalogId,
        eventId,
        previous,
        stack: layout === 'rust' ? 'rust' : 'python',
      });
      previous = eventId;
      return record;
    });
  });
}

import { expect, it } from 'vitest';
import { type FactEvent, factsFromEvents } from '../../../source/domain/staleness/facts-from-events.js';
import type { EventStore } from '../../../source/store/event-store.js';
import type { EventRow, TestDatabase } from '../../helpers/database.js';
import { generateHistory, loadHistory } from '../../helpers/history.js';
import { loadRecordingAt, readRecording } from '../../helpers/recorded.js';
import { withStore } from '../../helpers/with-store.js';

let db: TestDatabase;
let store: EventStore;
withStore((opened) => {
  ({ db, store } = opened);
});

/** Every row of the table, as the pure function takes it. */
async function allEvents(): Promise<Map<string, FactEvent[]>> {
  const { rows } = await db.pool.query<Record<string, string | null>>(`SELECT execution_id::text AS id, event_id::text,
      event_type, node_name, status, coalesce(worker_id, meta->>'worker_id') AS worker,
      (extract(epoch FROM created_at) * 1000)::float8 AS at, meta->>'command_id' AS in_meta, command_id::text AS in_column,
      result->'context'->>'command_id' AS in_result, result->'context'->>'pending_callback' = 'true' AS parked,
      coalesce(nullif(error, ''), result->'context'->>'error') AS error
    FROM noetl.event`);
  const events = new Map<string, FactEvent[]>();
  for (const row of rows) {
    const own = events.get(row.id!) ?? [];
    events.set(row.id!, own);
    const byResult = row.in_meta === null ? row.in_result : null;
    const ends = ['command.completed', 'command.failed', 'command.cancelled'].includes(row.event_type!);
    own.push({
      eventId: row.event_id!,
      type: row.event_type ?? '',
      node: row.node_name ?? null,
      status: row.status ?? null,
      workerId: row.worker ?? null,
      at: Number(row.at),
      commandId: row.in_meta ?? (ends && byResult ? null : (row.in_column ?? null)),
      resultCommandId: byResult ?? null,
      pendingCallback: Boolean(row.parked),
      error: row.error ?? null,
    });
  }
  return events;
}

async function compare(): Promise<number> {
  const events = await allEvents();
  const recorded = await store.recordedFacts([...events.keys()]);
  const byKey = (list: readonly { commandKey: string }[]) =>
    [...list].sort((a, b) => (a.commandKey < b.commandKey ? -1 : 1));
  for (const [id, own] of events) {
    const { lastEvent: _, ...pure } = factsFromEvents(own);
    const { ingest: __, ...sql } = recorded.get(id)!;
    expect([id, { ...pure, outstanding: byKey(pure.outstanding) }]).toEqual([
      id,
      { ...sql, outstanding: byKey(sql.outstanding) },
    ]);
  }
  return events.size;
}

it('the facts from rows at hand are those that the statement reads, on a generated history', async () => {
  const history = generateHistory({ seed: 5, executions: 400, now: Date.now(), steps: 2 });
  await loadHistory(db.pool, history, Date.now());
  expect(await compare()).toBeGreaterThan(300);
}, 60_000);

it.each(['python', 'rust'] as const)(
  'and on what real engines wrote, cut anywhere (%s)',
  async (name) => {
    const recording = readRecording(name);
    const moments = recording.rows.map((row: EventRow) => Number(row.created_at)).sort((a, b) => a - b);
    for (let index = 20; index < moments.length; index += 90) {
      await loadRecordingAt(db.pool, recording, moments[index]!);
      expect(await compare()).toBeGreaterThan(0);
    }
  },
  60_000,
);

import { describe, expect, it } from 'vitest';
import { executionStatus } from '../../source/domain/execution-status.js';
import type { EventStore } from '../../source/store/event-store.js';
import { barCells, rangeOf } from '../../source/ui/gantt/layout.js';
import { childWaits, iterationRows } from '../../source/ui/gantt/rows.js';
import { commandSpans } from '../../source/ui/gantt/spans.js';
import type { TestDatabase } from '../helpers/database.js';
import { loadRecordingAt, readRecording } from '../helpers/recorded.js';
import { withStore } from '../helpers/with-store.js';

let db: TestDatabase;
let store: EventStore;
withStore((opened) => {
  ({ db, store } = opened);
});

describe.each(['python', 'rust'] as const)('bars of the %s recording', (stack) => {
  it('have a span for every command, in order, all ended where the execution completed', async () => {
    const recording = readRecording(stack);
    await loadRecordingAt(db.pool, recording, 1 + Math.max(...recording.rows.map((row) => row.created_at)));
    const ids = [...new Set(recording.rows.map((row) => row.execution_id))];
    let completed = 0;
    for (const id of ids) {
      const { events } = await store.eventsOf(id, { limit: 20_000 });
      const spans = commandSpans(events);
      const issued = events.filter((event) => event.type === 'command.issued');
      expect(spans.length, id).toBeGreaterThanOrEqual(issued.length);
      for (const { from, begun, to } of spans) {
        expect(begun ?? from).toBeGreaterThanOrEqual(from);
        expect(to ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(begun ?? from);
      }
      const types = events.map((event) => event.type);
      if (executionStatus(types).status === 'COMPLETED') {
        completed += 1;
        expect(spans.filter((span) => span.to === null).map((span) => `${id} ${span.node}`)).toEqual([]);
      }
      const rows = iterationRows(events, spans, null, childWaits(spans, null));
      expect(rows.slice(1).every((row, at) => at === 0 || row.from >= (rows[at]?.from ?? 0) - 1000)).toBe(true);
      const range = rangeOf(rows, Math.max(...events.map((event) => event.at)));
      for (const row of rows) expect(barCells(row, range, 80)).toHaveLength(80);
    }
    expect(completed).toBeGreaterThan(0);
  });
});

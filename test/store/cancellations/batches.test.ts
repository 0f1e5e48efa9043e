import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cancelRows } from '../../../source/domain/cancellation.js';
import { createFollowService } from '../../../source/service/follow/follow.js';
import { type BatchList, createBatchLog, withPiece } from '../../../source/service/report/batch-list.js';
import { cancelBatchRows, MEMBERS } from '../../../source/store/cancellations/batches.js';
import { tablesIn } from '../../../source/store/connection/tables.js';
import type { EventStore } from '../../../source/store/event-store.js';
import { createTestDatabase, type EventRow, nextIdAt, type TestDatabase, writeEvents } from '../../helpers/database.js';
import { explained } from '../../helpers/explained.js';
import { openStore } from '../../helpers/store.js';

const HOUR = 3_600_000;
const NOW = Date.now();
/** More than MEMBERS, in one batch. */
const LARGE = MEMBERS + 40;

let db: TestDatabase;
let store: EventStore;

/** The rows of a cancelled execution of a stack; the root of a cascade where it is not given one. */
function cancelled(stack: 'rust' | 'python', batchId: string, cancelledBy: string, at: number, rootId?: string) {
  const executionId = nextIdAt(at - HOUR, stack === 'rust' ? 'rust' : 'database');
  const request = { reason: `why ${batchId}`, cancelledBy, cascade: true, batchId, source: 'noetl-console/test' };
  const start = stack === 'rust' ? 'playbook_started' : 'playbook.initialized';
  const rows: EventRow[] = [
    { execution_id: executionId, event_type: start, created_at: at - HOUR },
    ...cancelRows({ executionId, rootId: rootId ?? executionId, stack }, request).map(
      ({ eventType, meta, context }): EventRow => ({
        execution_id: executionId,
        event_type: eventType,
        created_at: at,
        meta: meta as EventRow['meta'],
        context: context as EventRow['context'],
      }),
    ),
  ];
  return { executionId, rows };
}

beforeAll(async () => {
  db = await createTestDatabase();
  store = openStore(db.url);
  const root = cancelled('rust', 'b-old', 'bob@ops', NOW - 48 * HOUR);
  const child = cancelled('python', 'b-old', 'bob@ops', NOW - 48 * HOUR + 5, root.executionId);
  const large = Array.from({ length: LARGE }, (_, at) => cancelled('rust', 'b-large', 'ann@ops', NOW - HOUR + at));
  const newest = cancelled('python', 'b-new', 'alice@ops', NOW - 60_000);
  const foreign = nextIdAt(NOW - HOUR, 'rust');
  const endless = nextIdAt(NOW, 'rust');
  await writeEvents(db.pool, [
    ...[root, child, ...large, newest].flatMap(({ rows }) => rows),
    // NoETL's own: a Python server's, which names its actor, and a Rust server's, which names nothing.
    { execution_id: foreign, event_type: 'playbook_started', created_at: NOW - HOUR },
    { execution_id: foreign, event_type: 'playbook_cancelled', created_at: NOW - 30_000 },
    { execution_id: endless, event_type: 'execution.cancelled' },
  ]);
  await db.pool.query(`UPDATE noetl.event SET created_at = 'infinity' WHERE execution_id = $1`, [endless]);
  await db.pool.query('ANALYZE noetl.event');
}, 60_000);
afterAll(async () => {
  await store.close();
  await db.close();
});

describe('the batches of the log', () => {
  it('names who, when, why and how many, newest first, whoever ran them', async () => {
    const { batches, next, loose } = await createBatchLog(store, createFollowService(store)).read();
    expect(batches).toMatchObject([
      { batchId: 'b-new', cancelledBy: 'alice@ops', reason: 'why b-new', executions: 1, isPartial: false },
      { batchId: 'b-large', executions: LARGE, requested: LARGE, source: 'noetl-console/test' },
      { batchId: 'b-old', cancelledBy: 'bob@ops', executions: 2, requested: 1, cascade: true },
    ]);
    expect({ next, loose }).toEqual({ next: null, loose: 0 });
    expect(batches[1]?.members).toHaveLength(MEMBERS);
    expect(batches[1]?.firstAt).toBe(NOW - HOUR);
  });

  it('is the same in pieces, and calls a batch partial that an older piece may go on with', async () => {
    let list: BatchList = { batches: [], next: null, loose: 0 };
    const seen: string[] = [];
    for (let before: string | undefined; ; ) {
      const piece = await store.cancelBatches({ limit: 200, before });
      list = withPiece(list, piece);
      seen.push(
        list.batches.map((batch) => `${batch.batchId}:${batch.executions}${batch.isPartial ? '+' : ''}`).join(),
      );
      if (piece.next === null) break;
      before = piece.next;
    }
    expect(seen).toEqual(['b-new:1,b-large:199+', 'b-new:1,b-large:399+', `b-new:1,b-large:${LARGE},b-old:2`]);
  });

  it('looks at its newest executions to say whether the work has stopped', async () => {
    const log = createBatchLog(store, createFollowService(store));
    const { batches } = await log.read();
    const [newest, large] = batches;
    if (!newest || !large) throw new Error('no batches');
    expect(await log.standing(newest)).toMatchObject({ isSettled: true, phases: { stopped: 1 }, looked: 1 });
    expect(await log.standing(large)).toMatchObject({ isSettled: true, looked: MEMBERS });
  });

  it('groups the cancels since a time, those of NoETL itself too', async () => {
    const log = createBatchLog(store, createFollowService(store));
    const { batches: found } = await log.since(NOW - 2 * 60_000);
    expect(found.map(({ batchId, cancelledBy, executions }) => [batchId, cancelledBy, executions]).sort()).toEqual([
      [null, null, 1],
      ['b-new', 'alice@ops', 1],
    ]);
  });

  it('opens one in full, from a time on', async () => {
    const log = createBatchLog(store, createFollowService(store));
    const opened = await log.open('b-old', { since: NOW - 48 * HOUR });
    expect(opened?.report.request).toMatchObject({ cancelledBy: 'bob@ops', reason: 'why b-old' });
    expect(opened?.follow.allSettled).toBe(true);
    expect(await log.open('never-run')).toBeNull();
  });

  it('reads cancel rows only, and of the newest no more than it was asked for', async () => {
    const { work, result } = await explained(db.pool, ({ query }) =>
      query(cancelBatchRows(tablesIn('noetl'), { limit: 100, since: NOW - 2 * 60_000 })),
    );
    expect(result).toHaveLength(1);
    expect(work.sequentialScans).toEqual([]);
    expect(work.rows).toBeLessThan(LARGE * 2);
  });
});

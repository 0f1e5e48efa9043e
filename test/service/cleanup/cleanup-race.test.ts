import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCancelService } from '../../../source/service/cancel/cancel.js';
import { createCleanupService } from '../../../source/service/cleanup/cleanup.js';
import { createDiagnoseService } from '../../../source/service/diagnose/diagnose.js';
import type { EventStore } from '../../../source/store/event-store.js';
import { createTestDatabase, nextIdAt, type TestDatabase, writeEvents } from '../../helpers/database.js';
import { openStore } from '../../helpers/store.js';

const EXECUTIONS = 600;
const WORKERS = 4;
const HOUR = 3_600_000;
const ids = Array.from({ length: EXECUTIONS }, (_, index) => String(632_110_245_000_000_000n + BigInt(index)));

let db: TestDatabase;
let store: EventStore;
beforeAll(async () => {
  db = await createTestDatabase();
  store = openStore(db.url);
  // With an idle worker there for long, a command that waits is stuck; without one it might only wait.
  await db.pool.query(`INSERT INTO noetl.runtime (runtime_id, name, kind, status, heartbeat, created_at)
    VALUES (1, 'idle', 'worker_pool', 'ready', now(), now() - interval '1 hour')`);
  const old = Date.now() - 3 * HOUR;
  await writeEvents(
    db.pool,
    ids.flatMap((execution_id) => [
      { execution_id, event_type: 'playbook_started', created_at: old },
      { execution_id, event_type: 'command.issued', node_name: 'a', created_at: old + 1, meta: { command_id: 'a1' } },
    ]),
  );
});
afterAll(async () => {
  await store?.close();
  await db?.close();
});

describe('cleanup against workers that wake executions up', () => {
  it('cancels none whose wake was there before its write began', async () => {
    // Wakes that are known to be committed, in the order in which they became known.
    const awake: string[] = [];
    const begunWith = new Map<string, number>();
    const watched: EventStore = {
      ...store,
      appendCancellations: (targets, ...rest) => {
        for (const { executionId } of targets) begunWith.set(executionId, awake.length);
        return store.appendCancellations(targets, ...rest);
      },
    };
    const cleanup = createCleanupService(watched, {
      diagnose: createDiagnoseService(watched),
      cancel: createCancelService(watched),
    });
    const plan = await cleanup.plan({ olderThanMs: 10 * 60_000 });
    expect(plan.targets).toHaveLength(EXECUTIONS);

    const order = plan.targets.map(({ execution }) => execution.executionId);
    const running = { now: true };
    const workers = Array.from({ length: WORKERS }, (_, worker) => wakeSome(order, worker, running, awake));
    const report = await cleanup
      .run(plan, {
        reason: null,
        cancelledBy: 'ops@host',
        cascade: false,
        batchId: 'race',
        source: 'noetl-console/test',
      })
      .finally(() => {
        running.now = false;
      });
    await Promise.all(workers);

    const cancelled = new Set(report.cancelled.map(({ executionId }) => executionId));
    const wronged = awake.filter((id, place) => cancelled.has(id) && place < (begunWith.get(id) ?? 0));
    expect(wronged).toEqual([]);
    // One that wakes between the two reads of a batch is silent in the first and held by a worker in the second.
    expect(new Set(report.skipped.map(({ why }) => why).filter((why) => why !== 'no-longer-safe'))).toEqual(
      new Set(['woke']),
    );
    expect(report.skipped.filter(({ executionId }) => !awake.includes(executionId))).toEqual([]);
    expect(cancelled.size).toBeGreaterThan(0);
    expect(cancelled.size + report.skipped.length).toBe(EXECUTIONS);

    // The table says the same: whatever was cancelled had been silent up to its cancel.
    const { rows } = await db.pool.query<{ id: string }>(
      `SELECT c.execution_id::text AS id FROM noetl.event c JOIN noetl.event w ON w.execution_id = c.execution_id
        WHERE c.event_type = 'execution.cancelled' AND w.event_type = 'command.claimed'`,
    );
    const both = rows.map(({ id }) => id);
    expect(both.filter((id) => awake.indexOf(id) < (begunWith.get(id) ?? 0))).toEqual([]);
  });
});

/** A worker of its own connection: claims one stale command after another, from the end that is cleaned last. */
async function wakeSome(
  order: readonly string[],
  worker: number,
  running: { now: boolean },
  awake: string[],
): Promise<void> {
  const client = new pg.Client({ connectionString: db.url });
  await client.connect();
  try {
    for (let place = order.length - 1 - worker; place >= 0 && running.now; place -= WORKERS) {
      const id = order[place];
      if (id === undefined) break;
      const eventId = nextIdAt(Date.now(), 'rust');
      const { rowCount } = await client.query(
        `INSERT INTO noetl.event (execution_id, event_id, catalog_id, created_at, event_type, node_name, status, meta)
          SELECT execution_id, $2, catalog_id, clock_timestamp() AT TIME ZONE 'UTC', 'command.claimed', 'a', 'RUNNING',
            '{"command_id": "a1", "worker_id": "w"}'
          FROM noetl.event e WHERE execution_id = $1 AND event_type = 'playbook_started'
            AND NOT EXISTS (SELECT FROM noetl.event x WHERE x.execution_id = e.execution_id AND x.event_type = 'execution.cancelled')`,
        [id, eventId],
      );
      if (rowCount) awake.push(id);
    }
  } finally {
    await client.end();
  }
}

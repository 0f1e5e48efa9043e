import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventStore } from '../../source/store/event-store.js';
import { openPostgresEventStore } from '../../source/store/postgres-event-store.js';
import { createTestDatabase, type TestDatabase, writeEvents } from '../helpers/database.js';
import { hasPgBouncer, type PgBouncer, pgBouncer } from '../helpers/pgbouncer.js';
import { settingsOf } from '../helpers/store.js';

const COUNT = 200;
const idOf = (n: number) => String(1_000_000 + n);

if (!hasPgBouncer) {
  console.warn(
    'PgBouncer is not installed (Debian: apt-get install pgbouncer): its transaction mode is NOT tested here',
  );
}

describe.skipIf(!hasPgBouncer)('behind PgBouncer in transaction mode', () => {
  let db: TestDatabase;
  let pooler: PgBouncer;
  const stores: EventStore[] = [];

  beforeAll(async () => {
    db = await createTestDatabase();
    // One server connection for all clients: every transaction meets what the one before it left behind.
    pooler = await pgBouncer(db.url, 1);
    for (let n = 0; n < 4; n++) stores.push(openPostgresEventStore(settingsOf(pooler.url)));
    const at = Date.now() - 3_600_000;
    await writeEvents(
      db.pool,
      Array.from({ length: COUNT }, (_, n) => ({
        execution_id: idOf(n),
        event_type: 'playbook_started',
        created_at: at,
      })),
    );
  });
  afterAll(async () => {
    for (const store of stores) await store.close();
    await pooler.close();
    await db.close();
  });

  it('reads, cancels and reads again from several clients at once, each execution cancelled once', async () => {
    const ids = Array.from({ length: COUNT }, (_, n) => idOf(n));
    const outcomes = await Promise.all(
      stores.map(async (store, index) => {
        const { executions } = await store.executionsById(ids);
        expect(executions).toHaveLength(COUNT);
        const targets = ids.map((executionId) => ({
          executionId,
          rootId: executionId,
          parentExecutionId: null,
          stack: 'rust' as const,
          layout: 'rust' as const,
          path: null,
          depth: 0,
        }));
        const request = {
          reason: `client ${index}`,
          cancelledBy: 'test',
          cascade: false,
          batchId: randomUUID(),
          source: 'test',
        };
        const reads = [store.activeExecutions(), store.recentCancellations(10), store.workers()];
        const results = await store.appendCancellations(targets, request);
        await Promise.all(reads);
        return results;
      }),
    );
    const appended = outcomes.flat().filter((result) => result.kind === 'appended');
    expect(appended).toHaveLength(COUNT);
    const { rows } = await db.pool.query(
      `SELECT count(*)::int AS rows, count(DISTINCT execution_id)::int AS executions FROM noetl.event
       WHERE event_type = 'execution.cancelled'`,
    );
    expect(rows[0]).toEqual({ rows: COUNT, executions: COUNT });
    expect((await stores[0]!.activeExecutions()).executions).toHaveLength(0);
  });

  it('leaves no setting and no lock behind', async () => {
    const { rows } = await db.pool.query(
      "SELECT count(*)::int AS locks FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
    );
    expect(rows[0]).toEqual({ locks: 0 });
    const { columns, rows: shown } = await stores[1]!.runReadOnly('SHOW statement_timeout', { maxRows: 1 });
    expect(columns).toHaveLength(1);
    expect(shown).toHaveLength(1);
  });

  it('survives a failed statement in a pipelined transaction', async () => {
    await Promise.allSettled([stores[2]!.activeExecutions({ timeoutMs: 1 })]);
    await expect(stores[2]!.runReadOnly('SELECT 1/0', { maxRows: 1 })).rejects.toThrow(/division by zero/);
    expect((await stores[2]!.executionsById([idOf(0)])).executions[0]?.status).toBe('CANCELLED');
  });
});

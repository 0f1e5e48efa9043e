import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createCancelService } from '../../../source/service/cancel/cancel.js';
import { createCleanupService } from '../../../source/service/cleanup/cleanup.js';
import { CleanupBlocked } from '../../../source/service/cleanup/rules.js';
import { createConditionsService } from '../../../source/service/conditions.js';
import { createDiagnoseService } from '../../../source/service/diagnose/diagnose.js';
import { judgedDiagnoses } from '../../../source/service/diagnose/judged-diagnoses.js';
import type { EventStore } from '../../../source/store/event-store.js';
import { createTestDatabase, nextIdAt, type TestDatabase, writeEvents } from '../../helpers/database.js';
import { emptyTables } from '../../helpers/empty-tables.js';
import { openStore } from '../../helpers/store.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const TEN = { olderThanMs: 10 * MINUTE };
const request = { reason: 'Tidy', cancelledBy: 'ops@host', cascade: false, batchId: 'b', source: 'noetl-console/test' };

let db: TestDatabase;
let store: EventStore;
beforeAll(async () => {
  db = await createTestDatabase();
  store = openStore(db.url);
});
afterEach(() => emptyTables(db.pool, 'event', 'command', 'runtime'));
afterAll(async () => {
  await store?.close();
  await db?.close();
});

/** A row of noetl.runtime: beat and registration so many minutes ago. */
async function runtime(name: string, beat: number, registered: number, kind = 'worker_pool', status = 'ready') {
  await db.pool.query(
    `INSERT INTO noetl.runtime (runtime_id, name, kind, status, heartbeat, created_at)
      VALUES (noetl.snowflake_id(), $1, $2, $3, now() - $4 * interval '1 min', now() - $5 * interval '1 min')
      ON CONFLICT (kind, name) DO UPDATE SET status = EXCLUDED.status, heartbeat = EXCLUDED.heartbeat`,
    [name, kind, status, beat, registered],
  );
}

/** A silent execution with a command that nobody claimed, or that a worker holds. */
async function stuck(worker?: string, end?: string): Promise<string> {
  const execution_id = nextIdAt(Date.now() - 3 * HOUR);
  const meta = { command_id: `${execution_id}:a` };
  await writeEvents(
    db.pool,
    [
      { event_type: 'playbook_started', node_name: 'playbook' },
      { event_type: 'command.issued', node_name: 'a', meta },
      ...(worker ? [{ event_type: 'command.claimed', node_name: 'a', meta: { ...meta, worker_id: worker } }] : []),
      ...(end ? [{ event_type: end, node_name: 'playbook' }] : []),
    ].map((row, index) => ({ ...row, execution_id, created_at: Date.now() - 3 * HOUR + index })),
  );
  return execution_id;
}
const codes = async () => (await createConditionsService(store).read()).conditions.map(({ code }) => code);
const cancels = async () =>
  (
    await db.pool.query<{ id: string; despite: unknown; has: boolean }>(
      `SELECT execution_id::text AS id, meta->'despite' AS despite, meta ? 'despite' AS has FROM noetl.event
        WHERE event_type IN ('execution.cancelled', 'playbook.cancelled') ORDER BY event_id`,
    )
  ).rows;
const cleanupOn = (on: EventStore) =>
  createCleanupService(on, { diagnose: createDiagnoseService(on), cancel: createCancelService(on) });

describe('the conditions, read', () => {
  it('no-workers: what has not ended waits, unclaimed or held by a worker that is gone', async () => {
    await runtime('gone', 5, 60);
    await stuck(undefined, 'playbook.completed');
    expect(await codes()).toEqual([]);
    await stuck('gone');
    await stuck();
    const { conditions, workers } = await createConditionsService(store).read();
    expect(conditions).toMatchObject([{ code: 'no-workers', count: 2, names: ['gone'] }]);
    expect(conditions[0]?.sentence).toContain('2 commands wait (1 unclaimed, 1 held by workers that are gone)');
    expect(workers).toEqual({ alive: 0, registered: 1 });
    await runtime('other', 0, 60);
    expect(await codes()).toEqual([]);
  });

  it('reads no event while a worker lives, and stops early where thousands wait', async () => {
    let reads = 0;
    const counted: EventStore = {
      ...store,
      activeExecutions: (options) => {
        reads += 1;
        return store.activeExecutions(options);
      },
    };
    await runtime('w', 0, 60);
    await stuck();
    await createConditionsService(counted).read();
    expect(reads).toBe(0);
    await runtime('w', 5, 60);
    const ids = Array.from({ length: 1500 }, () => nextIdAt(Date.now() - HOUR));
    await writeEvents(
      db.pool,
      ids.flatMap((execution_id) => [
        { execution_id, event_type: 'playbook_started', created_at: Date.now() - HOUR },
        { execution_id, event_type: 'command.issued', node_name: 'a', created_at: Date.now() - HOUR + 1 },
      ]),
    );
    const { conditions } = await createConditionsService(counted).read();
    expect(conditions[0]).toMatchObject({ code: 'no-workers', count: 1000 });
    expect(conditions[0]?.sentence).toMatch(/^at least 1000 commands wait/);
  });

  it('workers-returned: by registration, and by what this process saw where the row is an old one', async () => {
    const conditions = createConditionsService(store);
    await stuck();
    await runtime('same-name', 5, 600, 'worker_pool', 'offline');
    expect((await conditions.read()).conditions).toMatchObject([{ code: 'no-workers' }]);
    await runtime('same-name', 0, 600);
    expect((await conditions.read()).conditions).toMatchObject([{ code: 'workers-returned', names: ['same-name'] }]);
    // Another process did not see it.
    expect(await codes()).toEqual([]);
    await runtime('new-name', 0, 3);
    expect(await codes()).toEqual([]);
    await runtime('same-name', 5, 600);
    expect(await codes()).toEqual(['workers-returned']);
  });

  it('log-behind and engine-down', async () => {
    const id = nextIdAt();
    await db.pool.query(
      `INSERT INTO noetl.command (command_id, execution_id, step_name, created_at)
        VALUES (noetl.snowflake_id(), $1, 'a', now() - interval '3 min')`,
      [id],
    );
    expect(await codes()).toEqual(['log-behind']);
    await runtime('srv1', 3, 60, 'server_api');
    expect(await codes()).toEqual(['log-behind', 'engine-down']);
    await runtime('srv1:command_reaper', 1, 60, 'server_api');
    await writeEvents(db.pool, [{ execution_id: id, event_type: 'command.issued', node_name: 'a' }]);
    expect(await codes()).toEqual([]);
  });

  it('are kept for as long as the caller allows, and shared by those who ask at once', async () => {
    let reads = 0;
    const counted: EventStore = {
      ...store,
      workers: (options) => {
        reads += 1;
        return store.workers(options);
      },
    };
    const conditions = createConditionsService(counted);
    await Promise.all(Array.from({ length: 20 }, () => conditions.read({ maxAgeMs: MINUTE })));
    await conditions.read({ maxAgeMs: MINUTE });
    expect(reads).toBe(1);
    await conditions.read();
    expect(reads).toBe(2);
  });
});

describe('while one holds', () => {
  it('nothing is safe, and the codes and evidence stay', async () => {
    await runtime('gone', 5, 60);
    const [unclaimed, lost] = [await stuck(), await stuck('gone')];
    const raw = await createDiagnoseService(store).diagnoseStale(TEN);
    expect(raw.stale.every(({ diagnosis }) => diagnosis.safe)).toBe(true);
    const judged = judgedDiagnoses(store, createDiagnoseService(store), createConditionsService(store));
    const report = await judged.diagnoseStale(TEN);
    expect(report.stale.map(({ diagnosis }) => [diagnosis.code, diagnosis.safe])).toEqual(
      raw.stale.map(({ diagnosis }) => [diagnosis.code, false]),
    );
    expect(report.byCode.some(({ safe }) => safe)).toBe(false);
    expect(report.byPath.map(({ safe }) => safe)).toEqual([0]);
    const many = await judged.diagnoseMany([unclaimed, lost], TEN);
    expect([...many.values()].map(({ safe }) => safe)).toEqual([false, false]);
    await runtime('new', 0, 60);
    const later = judgedDiagnoses(store, createDiagnoseService(store), createConditionsService(store));
    expect((await later.diagnoseStale(TEN)).stale.some(({ diagnosis }) => diagnosis.safe)).toBe(true);
  });

  it('a cleanup plans, and refuses to run before anything is written', async () => {
    await runtime('gone', 5, 60);
    const ids = [await stuck(), await stuck('gone')];
    const cleanup = cleanupOn(store);
    const plan = await cleanup.plan(TEN);
    expect(plan.targets.map(({ execution }) => execution.executionId).sort()).toEqual(ids.sort());
    expect(plan.refusedBy).toMatchObject([{ code: 'no-workers' }]);
    const refusal = await cleanup.run(plan, request).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(CleanupBlocked);
    expect(String(refusal)).toMatch(/no-workers: 2 commands wait .*start a worker pool/);
    expect(await cancels()).toEqual([]);
    const empty = await cleanup.plan({ ...TEN, limit: 1, olderThanMs: 100 * HOUR });
    await expect(cleanup.run(empty, request)).rejects.toBeInstanceOf(CleanupBlocked);
  });

  it('an override of another condition does not help; of each that holds it does, and is written into each cancel', async () => {
    await runtime('gone', 5, 60);
    await runtime('srv', 5, 60, 'server_api');
    const ids = [await stuck(), await stuck('gone')];
    const cleanup = cleanupOn(store);
    const half = await cleanup.plan({ ...TEN, despite: ['engine-down', 'log-behind'] });
    expect(half.refusedBy).toMatchObject([{ code: 'no-workers' }]);
    await expect(cleanup.run(half, request)).rejects.toBeInstanceOf(CleanupBlocked);
    const whole = await cleanup.plan({ ...TEN, despite: ['engine-down', 'no-workers', 'log-behind'] });
    expect(whole.refusedBy).toEqual([]);
    const report = await cleanup.run(whole, request);
    expect(report.cancelled.map(({ executionId }) => executionId).sort()).toEqual(ids.sort());
    expect(report.cancel.request.despite).toEqual(['no-workers', 'engine-down']);
    const written = await cancels();
    // Two rows each: both were begun by Rust.
    expect(written).toHaveLength(4);
    for (const { despite } of written) expect(despite).toEqual(['no-workers', 'engine-down']);
  });

  it('an override of what does not hold is not written', async () => {
    await runtime('w', 0, 60);
    await stuck('dead');
    const cleanup = cleanupOn(store);
    const report = await cleanup.run(await cleanup.plan({ ...TEN, despite: ['no-workers'] }), request);
    expect(report.cancelled).toHaveLength(1);
    expect((await cancels()).map(({ has }) => has)).toEqual([false, false]);
    expect('despite' in report.cancel.request).toBe(false);
  });

  it('is looked for again before each batch: one that begins after the plan refuses, one on the way ends the run', async () => {
    await runtime('w', 0, 60);
    for (let index = 0; index < 4; index++) await stuck('dead');
    const outage = () => runtime('w', 5, 60);
    const late = cleanupOn(store);
    const plan = await late.plan(TEN);
    await outage();
    await expect(late.run(plan, request)).rejects.toBeInstanceOf(CleanupBlocked);
    expect(await cancels()).toEqual([]);

    await runtime('w', 0, 60);
    // A process that has not seen the outage.
    const other = cleanupOn(store);
    const report = await other.run(await other.plan(TEN), request, {
      // Two a batch.
      ratePerSecond: 1,
      onProgress: ({ done }) => {
        if (done === 2) broken.push(outage());
      },
    });
    await Promise.all(broken);
    expect(report.cancelled).toHaveLength(2);
    expect(report.failure).toContain('no-workers');
    expect(report.skipped.filter(({ why }) => why === 'not-attempted')).toHaveLength(2);
    expect(await cancels()).toHaveLength(4);
  });
  const broken: Promise<void>[] = [];
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCancelService } from '../../source/service/cancel/cancel.js';
import { createCleanupService } from '../../source/service/cleanup/cleanup.js';
import { CleanupRefused } from '../../source/service/cleanup/rules.js';
import { createConditionsService } from '../../source/service/conditions.js';
import { createDiagnoseService } from '../../source/service/diagnose/diagnose.js';
import { createRunawayService } from '../../source/service/runaway.js';
import type { EventStore } from '../../source/store/event-store.js';
import { createTestDatabase, nextIdAt, type TestDatabase, writeEvents } from '../helpers/database.js';
import { openStore } from '../helpers/store.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

let db: TestDatabase;
let store: EventStore;
beforeEach(async () => {
  db = await createTestDatabase();
  store = openStore(db.url);
});
afterEach(async () => {
  await store?.close();
  await db?.close();
});

/** Silent for three hours: one that a worker holds, one that waits for a worker. */
async function silentOnes(): Promise<{ held: string; waits: string }> {
  const at = Date.now() - 3 * HOUR;
  const [held, waits] = [nextIdAt(at), nextIdAt(at)];
  for (const execution_id of [held, waits]) {
    const command = { execution_id, node_name: 'load', meta: { command_id: 'c' }, created_at: at };
    await writeEvents(db.pool, [
      { execution_id, event_type: 'playbook.initialized', created_at: at },
      { ...command, event_type: 'command.issued' },
      ...(execution_id === held ? [{ ...command, event_type: 'command.claimed', worker_id: 'somebody' }] : []),
    ]);
  }
  return { held, waits };
}

const runtimeRow = (name: string, kind: string, heartbeat: string) =>
  db.pool.query(
    `INSERT INTO noetl.runtime (runtime_id, name, kind, status, heartbeat, created_at)
      VALUES ((SELECT count(*) + 1 FROM noetl.runtime), $1, $2, 'ready', ${heartbeat}, now() - interval '2 days')`,
    [name, kind],
  );

const judge = async () => ({
  engine: await createConditionsService(store).read(),
  report: await createDiagnoseService(store).diagnoseStale({ olderThanMs: 10 * MINUTE }),
});
const cleanup = () =>
  createCleanupService(store, { diagnose: createDiagnoseService(store), cancel: createCancelService(store) });

describe('what nothing is known of is never safe', () => {
  it.each([
    ['noetl.runtime is empty', 'SELECT 1'],
    ['noetl.runtime is absent', 'DROP TABLE noetl.runtime CASCADE'],
    ['noetl.command is absent', 'DROP TABLE noetl.command CASCADE'],
    ['both are absent', 'DROP TABLE noetl.command, noetl.runtime CASCADE'],
  ])('%s', async (_, sql) => {
    const { held, waits } = await silentOnes();
    await db.pool.query(sql);
    const { engine, report } = await judge();
    const found = new Map(report.stale.map(({ execution, diagnosis }) => [execution.executionId, diagnosis]));
    expect(found.get(held)).toMatchObject({ code: 'live-claim', safe: false });
    expect(found.get(held)?.evidence.sentence).toContain('worker liveness unknown');
    expect(found.get(waits)).toMatchObject({ code: 'recovering', safe: false });
    expect(found.get(waits)?.evidence.sentence).toContain('worker liveness unknown');
    expect(engine.unknown.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['no-workers', 'workers-returned', 'engine-down', 'log-behind']),
    );
    expect((await cleanup().plan({ olderThanMs: 10 * MINUTE })).targets).toEqual([]);
    expect((await createRunawayService(store).find()).found).toEqual([]);
  });

  it('a user who may read neither of them', async () => {
    const { held, waits } = await silentOnes();
    await runtimeRow('other', 'worker_pool', 'now()');
    const role = `reader_${nextIdAt()}`;
    await db.pool.query(`CREATE ROLE ${role} LOGIN PASSWORD 'x'; GRANT USAGE ON SCHEMA noetl TO ${role};
      GRANT SELECT ON noetl.event, noetl.catalog TO ${role}`);
    const url = new URL(db.url);
    [url.username, url.password] = [role, 'x'];
    const reader = openStore(url.href);
    try {
      const { stale } = await createDiagnoseService(reader).diagnoseStale({ olderThanMs: 10 * MINUTE });
      expect(stale.map(({ execution, diagnosis }) => [execution.executionId, diagnosis.code]).sort()).toEqual(
        [
          [held, 'live-claim'],
          [waits, 'recovering'],
        ].sort(),
      );
      expect(stale.some(({ diagnosis }) => diagnosis.safe)).toBe(false);
      const { unknown } = await createConditionsService(reader).read();
      expect(unknown.length).toBe(4);
    } finally {
      await reader.close();
      await db.pool.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
    }
  });

  it('servers alone say nothing of workers, and then none is alive', async () => {
    await silentOnes();
    await runtimeRow('srv', 'server_api', 'now()');
    const { engine, report } = await judge();
    expect(engine.conditions.map(({ code }) => code)).toEqual(['no-workers']);
    expect(report.stale.map(({ diagnosis }) => diagnosis.code).sort()).toEqual(['live-claim', 'recovering']);
  });

  it('a heartbeat of the future proves no life, and is named', async () => {
    await silentOnes();
    await runtimeRow('ahead', 'worker_pool', "now() + interval '1 day'");
    const { engine } = await judge();
    expect(engine.conditions.map(({ code }) => code)).toContain('no-workers');
    expect(engine.conditions[0]?.sentence).toContain('heartbeat of the future (check the clocks)');
    const { report, refusedBy } = await cleanup().plan({ olderThanMs: 10 * MINUTE });
    expect(refusedBy.map(({ code }) => code)).toContain('no-workers');
    expect(report.stale.some(({ diagnosis }) => diagnosis.safe)).toBe(false);
  });

  it('events of the future are no silence', async () => {
    const execution_id = nextIdAt();
    await writeEvents(db.pool, [{ execution_id, event_type: 'playbook.initialized', created_at: Date.now() + DAY }]);
    const { report } = await judge();
    expect(report.stale).toEqual([]);
  });
});

describe('nothing there, and thresholds at the ends', () => {
  it('an empty database is judged without a finding', async () => {
    const { engine, report } = await judge();
    expect([engine.conditions, report.stale]).toEqual([[], []]);
    expect((await createRunawayService(store).find()).found).toEqual([]);
  });

  it('0 is refused with the reason, a year finds nothing', async () => {
    await silentOnes();
    await expect(cleanup().plan({ olderThanMs: 0 })).rejects.toBeInstanceOf(CleanupRefused);
    expect((await cleanup().plan({ olderThanMs: 365 * DAY })).report.stale).toEqual([]);
    const none = await cleanup().plan({
      olderThanMs: 10 * MINUTE,
      wanted: ({ execution }) => execution.path === 'no/such',
    });
    expect([none.targets, none.skipped]).toEqual([[], []]);
  });
});

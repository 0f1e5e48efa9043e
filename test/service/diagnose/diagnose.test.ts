import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StaleCode } from '../../../source/domain/staleness/staleness-types.js';
import { createDiagnoseService } from '../../../source/service/diagnose/diagnose.js';
import type { StoreError } from '../../../source/store/errors.js';
import type { EventStore } from '../../../source/store/event-store.js';
import {
  createTestDatabase,
  type EventRow,
  type TestDatabase,
  type TestDatabaseOptions,
  writeEvents,
} from '../../helpers/database.js';
import { openStore } from '../../helpers/store.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const TEN = { olderThanMs: 10 * MINUTE };

interface World {
  readonly db: TestDatabase;
  readonly store: EventStore;
  close(): Promise<void>;
}
async function makeWorld(options: TestDatabaseOptions = {}): Promise<World> {
  const db = await createTestDatabase(options);
  const store = openStore(db.url, options.schema);
  return {
    db,
    store,
    close: async () => {
      await store.close();
      await db.close();
    },
  };
}

let nextId = 632_110_245_000_000_000n;
async function write(
  world: World,
  age: number,
  rows: readonly Partial<EventRow>[],
  more: { id?: string; parent?: string; start?: Partial<EventRow>; path?: string } = {},
): Promise<string> {
  const execution_id = more.id ?? String(nextId++);
  const start = {
    event_type: 'playbook_started',
    node_name: 'playbook',
    ...(more.parent ? { parent_execution_id: more.parent } : {}),
    ...(more.path ? { path: more.path } : {}),
    ...more.start,
  };
  const all = [start, ...rows];
  await writeEvents(
    world.db.pool,
    all.map((row, index) => ({ created_at: Date.now() - age - all.length + index, ...row, execution_id }) as EventRow),
    world.db.schema,
  );
  return execution_id;
}

const issued = { event_type: 'command.issued', node_name: 'a', meta: { command_id: 'a1' } };
const claimed = (worker_id: string) => ({
  event_type: 'command.claimed',
  node_name: 'a',
  meta: { command_id: 'a1', worker_id },
});
const done = { event_type: 'command.completed', node_name: 'a', meta: { command_id: 'a1' } };
const ended = { event_type: 'playbook.completed', node_name: 'playbook' };

async function codes(world: World): Promise<Map<string, StaleCode>> {
  const { stale } = await createDiagnoseService(world.store).diagnoseStale(TEN);
  return new Map(stale.map(({ execution, diagnosis }) => [execution.executionId, diagnosis.code]));
}

describe('relatives', () => {
  let world: World;
  beforeAll(async () => {
    world = await makeWorld();
    await world.db.pool.query(`INSERT INTO noetl.runtime (runtime_id, name, kind, heartbeat)
      VALUES (1, 'alive', 'worker_pool', now() + interval '1 hour')`);
  });
  afterAll(() => world?.close());

  it('through ended middles, however deep; a missing parent is none', async () => {
    const root = await write(world, 3 * HOUR, [issued, done]);
    const second = await write(world, 3 * HOUR, [issued, done, ended], { parent: root });
    const third = await write(world, 3 * HOUR, [issued, done, ended], { parent: second });
    const leaf = await write(world, MINUTE, [issued], { parent: third });
    const stray = await write(world, 3 * HOUR, [issued], { parent: '4711' });
    const found = await codes(world);
    expect([found.get(root), found.has(leaf), found.get(stray)]).toEqual(['waiting-on-child', false, 'never-claimed']);
  });

  it('a cycle ends, and does not make its members wait for themselves', async () => {
    const [one, two] = [String(nextId++), String(nextId++)];
    await write(world, 3 * HOUR, [issued, done], { id: one, parent: two });
    await write(world, 3 * HOUR, [issued, done], { id: two, parent: one });
    const self = String(nextId++);
    await write(world, 3 * HOUR, [issued, done], { id: self, parent: self });
    const found = await codes(world);
    expect([found.get(one), found.get(two), found.get(self)]).toEqual(['no-successor', 'no-successor', 'no-successor']);
  });

  it('an inline child counts as a child', async () => {
    const parent = await write(world, 3 * HOUR, [issued, done], { start: { event_type: 'playbook.initialized' } });
    await write(world, MINUTE, [issued], {
      start: { event_type: 'playbook.initialized', meta: { inlined_in_parent: parent } },
    });
    expect((await codes(world)).get(parent)).toBe('waiting-on-child');
  });

  it('a child that was cancelled lately holds nobody up, one that finished lately does', async () => {
    const above = await write(world, 3 * HOUR, [issued, done]);
    await write(world, MINUTE, [{ event_type: 'execution.cancelled', node_name: 'cancel' }], { parent: above });
    const about = await write(world, 3 * HOUR, [issued, done]);
    await write(world, MINUTE, [ended], { parent: about });
    const found = await codes(world);
    expect([found.get(above), found.get(about)]).toEqual(['no-successor', 'finalizing']);
  });

  it('a child that the engine may yet end holds its parent', async () => {
    const parent = await write(world, 3 * HOUR, [issued, done]);
    const child = await write(world, 20 * MINUTE, [issued, done], { parent });
    const found = await codes(world);
    expect([found.get(child), found.get(parent)]).toEqual(['finalizing', 'unknown']);
  });

  it('diagnoseMany reads what those below hold, though they were not asked for', async () => {
    const parent = await write(world, 3 * HOUR, [issued, done]);
    const child = await write(world, 2 * HOUR, [issued, claimed('alive')], { parent });
    const service = createDiagnoseService(world.store);
    const alone = await service.diagnoseMany([parent, parent, '999'], TEN);
    expect([...alone.keys()]).toEqual([parent]);
    expect(alone.get(parent)).toMatchObject({
      code: 'live-claim',
      evidence: { relatedExecutionId: child, workerId: 'alive' },
    });
    const active = await world.store.activeExecutions();
    const given = await service.diagnoseMany([parent], { ...TEN, active });
    expect(given.get(parent)?.evidence.sentence).toBe(alone.get(parent)?.evidence.sentence);
    expect((await service.diagnoseMany([], TEN)).size).toBe(0);
  });

  it('stops when told', async () => {
    await write(world, 3 * HOUR, [issued]);
    const stop = AbortSignal.abort();
    const reading = createDiagnoseService(world.store).diagnoseStale({ ...TEN, signal: stop });
    await expect(reading).rejects.toMatchObject({ name: 'StoreError', kind: 'aborted' } satisfies Partial<StoreError>);
  });
});

describe('liveness', () => {
  it.each([
    ['without the table', { withoutRuntime: true }, null],
    ['with an empty table', {}, null],
    ['with servers only', {}, `(1, 'api', 'server_api', now())`],
  ])('is unknown %s: a claim is live', async (_, options, row) => {
    const world = await makeWorld({ ...options, schema: 'flow "x"' });
    try {
      if (row)
        await world.db.pool.query(`INSERT INTO "flow ""x""".runtime (runtime_id, name, kind, heartbeat) VALUES ${row}`);
      const id = await write(world, 3 * HOUR, [issued, claimed('worker-7')]);
      const { stale } = await createDiagnoseService(world.store).diagnoseStale(TEN);
      expect(stale).toMatchObject([{ execution: { executionId: id }, diagnosis: { code: 'live-claim', safe: false } }]);
      expect(stale[0]?.diagnosis.evidence.sentence).toContain('worker liveness unknown');
    } finally {
      await world.close();
    }
  });
});

describe('the report', () => {
  let world: World;
  beforeAll(async () => {
    world = await makeWorld();
    await world.db.pool.query(`INSERT INTO noetl.runtime (runtime_id, name, kind, status, heartbeat)
      VALUES (1, 'alive', 'worker_pool', 'ready', now() + interval '1 hour')`);
  });
  afterAll(() => world?.close());

  it('counts by code and by playbook, the longest silence first, and groups cohorts', async () => {
    const loadedAt = Date.now() - 20 * HOUR;
    const load = { ingest_time: loadedAt };
    const cohort: string[] = [];
    for (const age of [50, 60]) {
      cohort.push(await write(world, age * HOUR, [{ ...issued, ...load }], { path: 'etl/old', start: load }));
    }
    // Loaded together with one that has ended: no other stale execution shares its ingest_time.
    const lone = { ingest_time: loadedAt + 7 };
    const accompanied = await write(
      world,
      70 * HOUR,
      [issued, done].map((row) => ({ ...row, ...lone })),
      { start: lone },
    );
    await write(world, 70 * HOUR, [{ ...ended, ...lone }], { start: lone });
    // Late, but alone: no cohort.
    const solitary = { ingest_time: loadedAt + 99 };
    const alone = await write(world, 40 * HOUR, [{ ...issued, ...solitary }], { start: solitary, path: 'etl/new' });

    const report = await createDiagnoseService(world.store).diagnoseStale(TEN);
    expect(report.stale.map(({ execution, diagnosis }) => [execution.executionId, diagnosis.code])).toEqual([
      [accompanied, 'imported'],
      [cohort[1], 'imported'],
      [cohort[0], 'imported'],
      [alone, 'never-claimed'],
    ]);
    expect(report.byCode).toEqual([
      { code: 'imported', safe: true, count: 3 },
      { code: 'never-claimed', safe: true, count: 1 },
    ]);
    expect(report.byPath).toEqual([
      { path: 'etl/old', count: 2, safe: 2 },
      { path: 'etl/new', count: 1, safe: 1 },
      { path: 'test/playbook', count: 1, safe: 1 },
    ]);
    expect(report.cohorts.map(({ executionIds }) => executionIds.length)).toEqual([1, 2]);
    expect(report.stale[1]?.silentMs).toBeGreaterThan(59 * HOUR);
    expect(report.cohorts[1]?.cohort).toBe(`${new Date(loadedAt).toISOString().slice(0, -1)}000Z`);
  });
});

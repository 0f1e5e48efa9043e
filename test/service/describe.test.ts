import { afterAll, beforeAll, beforeEach, expect, describe as group, it } from 'vitest';
import { createDescribeService } from '../../source/service/describe.js';
import { describedFacts, statusText } from '../../source/service/describe-facts.js';
import { createDiagnoseService } from '../../source/service/diagnose/diagnose.js';
import { createFollowService } from '../../source/service/follow/follow.js';
import { createRunawayService } from '../../source/service/runaway.js';
import type { EventStore } from '../../source/store/event-store.js';
import { createTestDatabase, nextIdAt, type TestDatabase, writeEvents } from '../helpers/database.js';
import { emptyTables } from '../helpers/empty-tables.js';
import { at, loadRecordingAt, readRecording } from '../helpers/recorded.js';
import { openStore } from '../helpers/store.js';

const MINUTE = 60_000;
const PATH = 'etl/described';
let db: TestDatabase;
let store: EventStore;
beforeAll(async () => {
  db = await createTestDatabase();
  store = openStore(db.url);
});
beforeEach(async () => {
  await emptyTables(db.pool, 'event');
  await db.pool.query('DELETE FROM noetl.runtime');
});
afterAll(async () => {
  await store?.close();
  await db?.close();
});

async function describe(id: string, staleAfterMs = 10 * MINUTE) {
  const service = createDescribeService({
    store,
    diagnose: createDiagnoseService(store),
    follow: createFollowService(store),
    runaway: createRunawayService(store),
  });
  return (await service.describe([id, '4'], { staleAfterMs })).get(id);
}

type Event = Parameters<typeof writeEvents>[1][number];

/** One execution; `ago` is in minutes, the rows follow one another by a second. */
async function write(ago: number, events: readonly Partial<Event>[], parent: string | null = null): Promise<string> {
  const id = nextIdAt(Date.now() - ago * MINUTE);
  await writeEvents(
    db.pool,
    events.map((event, step) => ({
      execution_id: id,
      event_type: 'ctx.updated',
      path: PATH,
      parent_execution_id: parent,
      created_at: Date.now() - ago * MINUTE + step * 1000,
      ...event,
    })),
  );
  return id;
}

const start: Partial<Event> = { event_type: 'playbook.initialized', node_name: PATH };
const command = (type: string, more: Partial<Event> = {}): Partial<Event> => ({
  event_type: `command.${type}`,
  node_name: 'load',
  worker_id: type === 'issued' ? null : 'worker-1',
  meta: { command_id: 'c1' },
  ...more,
});
const labelled = async (id: string, staleAfterMs?: number) => {
  const one = await describe(id, staleAfterMs);
  if (!one) throw new Error(`${id} has no rows`);
  return Object.fromEntries(describedFacts(one, one.asOf).map(({ label, text }) => [label, text]));
};

it('reads the first error, the worker, the parent and the run time of recorded executions', async () => {
  await loadRecordingAt(db.pool, readRecording('rust'), at('14:28:05.000000'));
  expect(await describe('383624475429376000', MINUTE)).toMatchObject({
    status: 'STALE',
    firstError: { type: 'command.failed', node: 'start', text: "ValueError('boom')" },
    worker: { name: 'worker-real-1', status: 'ready' },
    command: { node: 'start', stage: 'failed', attempts: 1, outstanding: 0 },
    diagnosis: { code: 'finalizing' },
    parent: null,
  });
  expect(await describe('383624582719672320', MINUTE)).toMatchObject({
    parent: { executionId: '383624580890955776', status: 'CANCELLED' },
    execution: { status: 'COMPLETED' },
    firstError: null,
    diagnosis: null,
    cancellation: null,
  });
  expect((await describe('383624582719672320', MINUTE))?.runMs).toBeCloseTo(10_276, -2);
  expect(await describe('383624580890955776', MINUTE)).toMatchObject({
    status: 'CANCELLED',
    cancellation: { record: { cancelledBy: expect.any(String) }, stop: { phase: expect.any(String) } },
    children: { all: 1, completed: 1, live: 0 },
  });
  expect(await describe('4')).toBeUndefined();
});

group('children', () => {
  it('are counted by status, each once', async () => {
    const root = await write(30, [start]);
    const ends = ['playbook.completed', 'playbook_failed', 'execution.cancelled'];
    for (const event_type of ends) await write(25, [start, { event_type }], root);
    // A run that finished in spite of a cancel did finish.
    await write(25, [start, { event_type: 'execution.cancelled' }, { event_type: 'playbook.completed' }], root);
    await write(25, [start, command('issued')], root);
    await write(1, [start, command('issued')], root);
    // The transport's row is no sign of life.
    await write(40, [start, command('issued'), { event_type: 'batch.completed', created_at: Date.now() - 1000 }], root);
    const one = await describe(root);
    expect(one?.children).toEqual({
      all: 7,
      live: 3,
      running: 1,
      stale: 2,
      completed: 2,
      failed: 1,
      cancelled: 1,
      isCapped: false,
    });
    expect((await labelled(root)).Children).toBe('3 live of 7: 1 running, 2 stale, 2 completed, 1 failed, 1 cancelled');
  });

  it('of thousands are bounded, and the answer says so', async () => {
    const root = await write(30, [start]);
    const catalog = await db.pool.query('SELECT catalog_id FROM noetl.catalog LIMIT 1');
    await db.pool.query(
      `INSERT INTO noetl.event (execution_id, event_id, catalog_id, event_type, parent_execution_id, created_at)
       SELECT 500000000000 + n, 1, $2, 'playbook_started', $1, now() AT TIME ZONE 'UTC' FROM generate_series(1, 12000) n`,
      [root, catalog.rows[0].catalog_id],
    );
    const one = await describe(root);
    expect(one?.children).toMatchObject({ all: 10_000, running: 10_000, isCapped: true });
    expect((await labelled(root)).Children).toBe('10,000 live of at least 10,000: 10,000 running');
  });
});

group('the current command', () => {
  it('is the one that a worker holds; a claim again is a further attempt', async () => {
    const id = await write(5, [
      start,
      command('issued'),
      command('claimed'),
      command('claimed', { worker_id: 'worker-2' }),
      command('started', { worker_id: 'worker-2' }),
      command('issued', { node_name: 'later', meta: { command_id: 'c2' } }),
      { event_type: 'batch.accepted', node_name: 'events.batch' },
    ]);
    await db.pool.query(
      `INSERT INTO noetl.runtime (runtime_id, name, kind, status, heartbeat)
       VALUES (1, 'worker-2', 'worker_pool', 'ready', now() - interval '12 seconds')`,
    );
    const facts = await labelled(id);
    expect(facts).toMatchObject({
      Step: 'load, command started; 2 commands in progress or waiting',
      Worker: 'worker-2, last heartbeat 12s ago',
      Attempts: '2 times',
    });
    expect(facts['Last event']).toMatch(/^command\.issued later, /);
  });

  it('was tried as often as its writer says, and an unclaimed one not at all', async () => {
    const again = { meta: { command_id: 'c1', attempt: 3 } };
    const retried = await write(5, [start, command('issued', again), command('claimed')]);
    expect((await describe(retried))?.command?.attempts).toBe(3);
    const waiting = await write(5, [start, command('issued', { meta: { command_id: 'c1', attempt: 1 } })]);
    expect((await labelled(waiting)).Attempts).toBe('not claimed yet');
  });

  it('counts only what came since it was issued last: a loop issues the same step again', async () => {
    const round = ['issued', 'claimed', 'started', 'completed'].map((type) => command(type, { meta: {} }));
    const id = await write(5, [start, ...round, ...round, ...round.slice(0, 2)]);
    expect((await describe(id))?.command).toMatchObject({ stage: 'claimed', attempts: 1, outstanding: 1 });
  });
});

group('the run time', () => {
  it('is set against what the playbook usually takes', async () => {
    for (let run = 0; run < 12; run++) {
      await write(
        200 + run,
        [start, { event_type: 'playbook.completed' }].map((event, step) => ({
          ...event,
          created_at: Date.now() - (200 + run) * MINUTE + step * 40_000,
        })),
      );
    }
    const id = await write(12, [start, command('issued'), command('claimed', { created_at: Date.now() - 1000 })]);
    expect(await labelled(id)).toMatchObject({
      'Run time': '12m, usually 40s',
      Runaway: expect.stringMatching(/^overrunning: /),
    });
  });
});

it('says who cancelled it, why, in which batch, and whether it has stopped', async () => {
  const id = await write(30, [
    start,
    command('issued'),
    command('claimed'),
    {
      event_type: 'execution.cancelled',
      meta: { reason: 'Detected\u001b[31m loop', cancelled_by: 'ann@ops', batch_id: 'b-1', cascade: true },
    },
    command('completed'),
  ]);
  const facts = await labelled(id);
  expect(facts.Cancelled).toMatch(/^by ann@ops, 29m ago \(.+\), cascade$/);
  expect(facts).toMatchObject({ Reason: 'Detected␛[31m loop', Work: 'stopped', Batch: 'b-1', 'Last step': 'load' });
  const one = await describe(id);
  expect(one && statusText(one, one.asOf)).toMatch(/^CANCELLED 29m ago \(\d{4}-.+Z\)$/);
});

it('does not know what no row says, and does not call that nothing', async () => {
  const id = await write(30, [{ event_type: 'ctx.updated' }]);
  expect(await labelled(id)).toMatchObject({
    Started: expect.stringMatching(/; no start event, this is its first$/),
    Step: null,
    Worker: null,
    Attempts: null,
  });
  const orphan = await write(30, [start], '77');
  expect((await labelled(orphan)).Parent).toBe('77 (no rows here)');
});

import { describe, expect, it } from 'vitest';
import type { EventStore } from '../../../source/store/event-store.js';
import { createTestDatabase, type EventRow, nextIdAt, type TestDatabase, writeEvents } from '../../helpers/database.js';
import { openStore } from '../../helpers/store.js';
import { withStore } from '../../helpers/with-store.js';

const HOUR = 3_600_000;
const START = Date.now() - 5 * HOUR;
const BOUNDS = { cap: 1000, minAttempts: 5 };

let db: TestDatabase;
let store: EventStore;
withStore(
  (opened) => {
    ({ db, store } = opened);
  },
  { timezone: 'America/New_York' },
);

type Row = Omit<EventRow, 'execution_id'>;

/** Writes one execution, a row a second; answers its id. */
async function execution(rows: readonly Row[], common: Partial<EventRow> = {}): Promise<string> {
  const execution_id = nextIdAt(START);
  const path = common.path ?? 'test/playbook';
  const all: Row[] = [{ event_type: 'playbook_started', node_name: path, status: 'STARTED' }, ...rows];
  await writeEvents(
    db.pool,
    all.map((row, index) => ({ created_at: START + index * 1000, ...common, ...row, execution_id }) as EventRow),
  );
  return execution_id;
}

const issued = (node_name: string, meta: EventRow['meta'] = {}): Row => ({
  event_type: 'command.issued',
  node_name,
  meta,
});
const took = (event_type: string, key: string, worker_id: string): Row => ({
  event_type,
  node_name: 'load',
  worker_id,
  meta: { command_id: key },
});
const behaviourOf = async (id: string, bounds = BOUNDS) => (await store.behaviours([id], bounds)).get(id)!;

describe('what an execution did', () => {
  it('counts issues by step, with what loops announced', async () => {
    const id = await execution([
      ...Array.from({ length: 3 }, () => issued('poll')),
      ...Array.from({ length: 5 }, (_, index) => issued('each', { iteration_index: index, iteration_total: 9 })),
      issued('odd', { iteration_total: 'many' }),
      issued('none', { iteration_total: 0 }),
      issued('huge', { iteration_total: 99999999999, iteration_index: -4 }),
    ]);
    const { steps, areStepsCapped } = await behaviourOf(id);
    expect(areStepsCapped).toBe(false);
    expect(
      steps.map((step) => [step.node, step.issued, step.announced, step.iteration, step.isAnnouncementUnreadable]),
    ).toEqual([
      ['each', 5, 9, 4, false],
      ['poll', 3, null, null, false],
      ['huge', 1, null, null, true],
      ['none', 1, null, null, true],
      ['odd', 1, null, null, true],
    ]);
    expect(steps[1]?.firstAt).toBe(START + 1000);
  });

  it('finds a command that was claimed often, and counts the issues of a key that is reused', async () => {
    const id = await execution([
      { ...issued('load', { command_id: 'a' }) },
      ...Array.from({ length: 6 }, (_, index) => took('command.claimed', 'a', `w${index}`)),
      ...Array.from({ length: 6 }, () => issued('load', { command_id: 'b' })),
      ...Array.from({ length: 6 }, () => took('command.claimed', 'b', 'w')),
      ...Array.from({ length: 4 }, () => took('command.started', 'c', 'w')),
    ]);
    const { repeated } = await behaviourOf(id);
    expect(repeated).toEqual([
      {
        key: 'a',
        node: 'load',
        claimed: 6,
        started: 0,
        issued: 1,
        firstAt: START + 2000,
        lastAt: START + 7000,
        lastWorkerId: 'w5',
      },
    ]);
  });

  it('counts each child once, whichever rows of it name the parent', async () => {
    const parent = await execution([]);
    for (let child = 0; child < 3; child += 1) {
      await execution([issued('load')], { parent_execution_id: parent });
    }
    expect((await behaviourOf(parent)).children).toEqual({ count: 3, firstAt: START, isCapped: false });
    expect((await behaviourOf(parent, { ...BOUNDS, cap: 4 })).children.isCapped).toBe(true);
  });

  it('counts no further than the cap, newest first', async () => {
    const id = await execution([
      ...Array.from({ length: 10 }, () => issued('old')),
      ...Array.from({ length: 10 }, () => issued('new')),
    ]);
    const { steps, areStepsCapped } = await behaviourOf(id, { ...BOUNDS, cap: 10 });
    expect([areStepsCapped, steps.map(({ node, issued: count }) => [node, count])]).toEqual([true, [['new', 10]]]);
  });

  it('answers for executions without rows, and for none', async () => {
    expect(await behaviourOf('99')).toEqual({
      steps: [],
      areStepsCapped: false,
      repeated: [],
      children: { count: 0, firstAt: null, isCapped: false },
    });
    expect((await store.behaviours([], BOUNDS)).size).toBe(0);
  });

  it('reads installs without the command_id column', async () => {
    const old = await createTestDatabase();
    const oldStore = openStore(old.url);
    try {
      await old.pool.query('ALTER TABLE noetl.event DROP COLUMN command_id');
      const execution_id = nextIdAt(START);
      await writeEvents(
        old.pool,
        Array.from({ length: 5 }, () => ({ execution_id, event_type: 'command.claimed', node_name: 'load' })),
      );
      expect((await oldStore.behaviours([execution_id], BOUNDS)).get(execution_id)?.repeated).toMatchObject([
        { key: 'load', claimed: 5 },
      ]);
    } finally {
      await oldStore.close();
      await old.close();
    }
  });
});

describe('runs of a path', () => {
  it('of both stacks and all versions, newest first, and no step that has the same name', async () => {
    const path = 'etl/runs';
    const first = await execution([], { path });
    const python = nextIdAt(START + HOUR);
    await writeEvents(db.pool, [
      {
        execution_id: python,
        event_type: 'playbook.initialized',
        node_name: path,
        path,
        version: 2,
        created_at: START + HOUR,
      },
      {
        execution_id: python,
        event_type: 'playbook.completed',
        node_name: path,
        path,
        version: 2,
        created_at: START + HOUR,
      },
    ]);
    await execution([{ event_type: 'step.enter', node_name: path }], { path: 'etl/other' });
    const found = await store.runsOfPaths([path, 'etl/other', 'etl/absent'], 10);
    expect(found.get(path)).toEqual([python, first]);
    expect(found.get('etl/other')).toHaveLength(1);
    expect(found.has('etl/absent')).toBe(false);
    expect((await store.runsOfPaths([path], 1)).get(path)).toEqual([python]);
  });

  it('whose start names another node are found among the newest rows of the log', async () => {
    const id = await execution([{ event_type: 'playbook_started', node_name: 'playbook' }].slice(1), {
      path: 'etl/named',
    });
    await db.pool.query(`UPDATE noetl.event SET node_name = 'playbook' WHERE execution_id = $1`, [id]);
    expect((await store.runsOfPaths(['etl/named'], 10)).get('etl/named')).toEqual([id]);
  });
});

describe('the pace of events', () => {
  it('is how many there are since the first of them', async () => {
    const id = await execution([issued('a'), issued('a')]);
    expect([...(await store.eventPace([id, '99']))]).toEqual([[id, { events: 3, since: START }]]);
  });
});

import { describe, expect, it } from 'vitest';
import type { EventStore } from '../../../source/store/event-store.js';
import type { RecordedFacts } from '../../../source/store/stale-facts/reader.js';
import { createTestDatabase, type EventRow, type TestDatabase, writeEvents } from '../../helpers/database.js';
import { openStore } from '../../helpers/store.js';
import { withStore } from '../../helpers/with-store.js';

const HOUR = 3_600_000;
const START = Date.now() - 5 * HOUR;

let db: TestDatabase;
let store: EventStore;
let nextId = 632_110_245_082_301_156n;
withStore(
  (opened) => {
    ({ db, store } = opened);
  },
  { timezone: 'America/New_York' },
);

/** Writes one execution, a row a second, and reads its facts. */
async function factsOf(rows: readonly Omit<EventRow, 'execution_id'>[]): Promise<RecordedFacts> {
  const execution_id = String(nextId++);
  const all = [{ event_type: 'playbook_started', node_name: 'playbook' }, ...rows];
  await writeEvents(
    db.pool,
    all.map((row, index) => ({ created_at: START + index * 1000, ...row, execution_id }) as EventRow),
  );
  const facts = (await store.recordedFacts([execution_id])).get(execution_id);
  if (!facts) throw new Error('no facts');
  return facts;
}

const row = (event_type: string, node_name: string, more: Partial<EventRow> = {}) => ({
  event_type,
  node_name,
  ...more,
});
const named = (key: string, worker_id?: string) => ({ meta: { command_id: key, ...(worker_id ? { worker_id } : {}) } });
const outline = (facts: RecordedFacts) => facts.outstanding.map((one) => [one.commandKey, one.stage, one.workerId]);

describe('outstanding commands', () => {
  it('by the id in meta, with the worker that meta names', async () => {
    const facts = await factsOf([
      row('command.issued', 'a', named('a1')),
      row('command.claimed', 'a', named('a1', 'w1')),
      row('command.started', 'a', named('a1')),
      row('command.issued', 'b', named('b1')),
      row('command.issued', 'c', named('c1')),
      row('command.claimed', 'c', named('c1', 'w2')),
      row('command.completed', 'c', named('c1', 'w2')),
    ]);
    expect(outline(facts)).toEqual(
      expect.arrayContaining([
        ['a1', 'started', 'w1'],
        ['b1', 'issued', null],
      ]),
    );
    expect(facts.outstanding).toHaveLength(2);
    expect(facts.outstanding.find((one) => one.commandKey === 'a1')).toMatchObject({
      eventType: 'command.started',
      node: 'a',
      at: START + 3000,
    });
    expect(facts.lastFinished).toEqual({ type: 'command.completed', node: 'c', at: START + 7000 });
  });

  it('by the column, with the worker of the column', async () => {
    const facts = await factsOf([
      row('command.issued', 'a', { command_id: '77' }),
      row('command.claimed', 'a', { command_id: '77', worker_id: 'w1' }),
      row('command.issued', 'a', { command_id: '78' }),
      row('command.failed', 'a', { command_id: '78' }),
    ]);
    expect(outline(facts)).toEqual([['77', 'claimed', 'w1']]);
  });

  it('by the node, failing both', async () => {
    const facts = await factsOf([
      row('command.issued', 'a'),
      row('command.claimed', 'a', { worker_id: 'w1' }),
      row('command.completed', 'a'),
      row('command.issued', 'b'),
      row('command.heartbeat', 'b', { worker_id: 'w2' }),
    ]);
    expect(outline(facts)).toEqual([['b', 'started', 'w2']]);
  });

  it("an end that names its command in result's context only, as Rust's does", async () => {
    const facts = await factsOf([
      row('command.issued', 'a', named('a1')),
      row('command.claimed', 'a', named('a1', 'w1')),
      row('command.completed', 'other', {
        meta: { attempts: 1, worker_id: 'w1' },
        result: { status: 'success', context: { command_id: 'a1' } },
      }),
    ]);
    expect(facts.outstanding).toEqual([]);
  });

  it('an end without any id ends one command of its node, and never one that another worker holds', async () => {
    const issued = [
      row('command.issued', 'loop', named('l1')),
      row('command.claimed', 'loop', named('l1', 'w1')),
      row('command.issued', 'loop', named('l2')),
      row('command.claimed', 'loop', named('l2', 'w2')),
    ];
    expect(outline(await factsOf([...issued, row('command.completed', 'loop')]))).toEqual([['l2', 'claimed', 'w2']]);
    expect(outline(await factsOf([...issued, row('command.completed', 'loop', { worker_id: 'w2' })]))).toEqual([
      ['l1', 'claimed', 'w1'],
    ]);
    expect(await factsOf([...issued, row('command.completed', 'loop', { worker_id: 'w3' })])).toHaveProperty(
      'outstanding.length',
      2,
    );
    expect(await factsOf([row('command.completed', 'loop'), ...issued])).toHaveProperty('outstanding.length', 2);
  });

  it('one that was issued again after it failed', async () => {
    const facts = await factsOf([
      row('command.issued', 'a', named('a1')),
      row('command.claimed', 'a', named('a1', 'w1')),
      row('command.failed', 'a', named('a1', 'w1')),
      row('command.issued', 'a', named('a1')),
    ]);
    expect(outline(facts)).toEqual([['a1', 'issued', null]]);
  });

  it('every worker is heard of, however many commands nobody claimed', async () => {
    const many = Array.from({ length: 700 }, (_, index) => row('command.issued', 'loop', named(`i${index}`)));
    const facts = await factsOf([
      row('command.issued', 'a', named('a1')),
      row('command.claimed', 'a', named('a1', 'w-early')),
      ...many,
    ]);
    expect(facts.outstanding.length).toBeLessThanOrEqual(256);
    expect(facts.outstanding.filter((one) => one.stage === 'claimed').map((one) => one.workerId)).toEqual(['w-early']);
  });
});

describe('pending callbacks', () => {
  const parked = (key: Partial<EventRow>) =>
    row('command.completed', 'approve', { ...key, result: { status: 'success', context: { pending_callback: true } } });
  const life = (key: Partial<EventRow>) => [
    row('command.issued', 'approve', key),
    row('command.claimed', 'approve', key),
    parked(key),
  ];

  it('stands while no call.done came after it for its command', async () => {
    const facts = await factsOf([
      row('call.done', 'approve', named('p1')),
      ...life(named('p1')),
      row('call.done', 'other', named('o1')),
    ]);
    expect(facts.pendingCallback).toMatchObject({ commandKey: 'p1', node: 'approve', eventType: 'command.completed' });
    expect(facts.outstanding).toEqual([]);
  });

  it("is also the text 'true'", async () => {
    const text = row('command.completed', 'approve', {
      ...named('p1'),
      result: { status: 'ok', context: { pending_callback: 'true' } },
    });
    expect((await factsOf([row('command.issued', 'approve', named('p1')), text])).pendingCallback).not.toBeNull();
    const no = row('command.completed', 'approve', {
      ...named('p1'),
      result: { status: 'ok', context: { pending_callback: false } },
    });
    expect((await factsOf([row('command.issued', 'approve', named('p1')), no])).pendingCallback).toBeNull();
  });

  it('is over once answered: by command, or by node where the answer names no command', async () => {
    expect(
      (await factsOf([...life(named('p1')), row('call.done', 'approve', named('p1'))])).pendingCallback,
    ).toBeNull();
    expect((await factsOf([...life(named('p1')), row('call.done', 'approve')])).pendingCallback).toBeNull();
    expect(
      (await factsOf([...life({ command_id: '5' }), row('call.done', 'approve', { command_id: '5' })])).pendingCallback,
    ).toBeNull();
  });

  it('stands for the second of a loop when only the first was answered', async () => {
    const facts = await factsOf([...life(named('p1')), ...life(named('p2')), row('call.done', 'approve', named('p1'))]);
    expect(facts.pendingCallback).toMatchObject({ commandKey: 'p2' });
  });
});

describe('when rows reached the table', () => {
  it('tells the one ingest_time to the microsecond, whatever zone the server lives in', async () => {
    const mixed = await factsOf([row('command.issued', 'a', { ...named('a1'), ingest_time: START + 4 * HOUR })]);
    expect(mixed.ingest).toBeNull();
    const whole = await factsOf([]);
    expect(whole.ingest).toMatchObject({
      lagMs: 0,
      lastEventAt: START,
      ingestTime: `${new Date(START).toISOString().slice(0, -1)}000Z`,
    });
  });

  it('finds a cohort among the rows near by', async () => {
    const at = Date.now() - 40 * 24 * HOUR;
    const ingest_time = at + 9 * HOUR;
    await writeEvents(db.pool, [
      { execution_id: '9001', event_type: 'playbook_started', created_at: at, ingest_time },
      { execution_id: '9002', event_type: 'playbook.completed', created_at: at + 60_000, ingest_time },
      { execution_id: '9003', event_type: 'playbook_started', created_at: at + 90_000, ingest_time: at + 10 * HOUR },
    ]);
    const facts = await store.recordedFacts(['9001', '9003']);
    const loads = ['9001', '9003'].flatMap((executionId) => {
      const ingest = facts.get(executionId)?.ingest;
      return ingest ? [{ executionId, ...ingest }] : [];
    });
    expect(loads.map((load) => load.lagMs)).toEqual([9 * HOUR, 10 * HOUR - 90_000]);
    expect([...(await store.loadedWithNeighbours(loads))]).toEqual(['9001']);
  });
});

describe('who finished lately', () => {
  it('is who completed or failed, not who was cancelled or has an old end', async () => {
    const now = Date.now();
    const end = (execution_id: string, event_type: string, age: number) => ({
      execution_id,
      event_type,
      created_at: now - age,
    });
    await writeEvents(db.pool, [
      end('8001', 'playbook.completed', 60_000),
      end('8002', 'playbook_failed', 60_000),
      end('8003', 'execution.cancelled', 60_000),
      end('8004', 'workflow.completed', 20 * 60_000),
    ]);
    expect((await store.finishedWithin(10 * 60_000)).sort()).toEqual(['8001', '8002']);
  });
});

describe('failures', () => {
  it('the last one, where no command ended after it, with its text from error or from the result', async () => {
    const failed = (more: Partial<EventRow>) => row('command.failed', 'b', { ...named('b1', 'w1'), ...more });
    const issued = row('command.issued', 'b', named('b1'));
    const python = await factsOf([issued, failed({ error: 'boom' })]);
    expect(python.lastFailure).toMatchObject({ type: 'command.failed', node: 'b', text: 'boom' });
    const rust = await factsOf([issued, failed({ result: { status: 'FAILED', context: { error: 'bust' } } })]);
    expect(rust.lastFailure?.text).toBe('bust');
    const object = await factsOf([issued, failed({ result: { status: 'FAILED', context: { error: { kind: 'x' } } } })]);
    expect(object.lastFailure?.text).toBe('{"kind": "x"}');
    expect((await factsOf([issued, failed({})])).lastFailure?.text).toBeNull();
    const after = await factsOf([issued, failed({}), row('command.completed', 'c', named('c1'))]);
    expect(after.lastFailure).toBeNull();
    expect((await factsOf([issued, failed({ error: 'x'.repeat(100_000) })])).lastFailure?.text).toHaveLength(2000);
  });

  it('the first one', async () => {
    const execution_id = String(nextId++);
    await writeEvents(db.pool, [
      { execution_id, event_type: 'playbook_started' },
      { execution_id, event_type: 'call.error', node_name: 'a', error: 'first' },
      { execution_id, event_type: 'command.failed', node_name: 'b', error: 'second' },
    ]);
    expect(await store.firstErrorOf(execution_id)).toMatchObject({ type: 'call.error', node: 'a', text: 'first' });
    expect(await store.firstErrorOf('4')).toBeNull();
  });
});

describe('claims of late', () => {
  it('names who claimed, and when the latest issued of the claimed commands was issued', async () => {
    const now = Date.now();
    const execution_id = String(nextId++);
    const event = (event_type: string, key: string, age: number) => ({
      execution_id,
      event_type,
      created_at: now - age,
      ...named(key, event_type === 'command.claimed' ? 'w-busy' : undefined),
    });
    await writeEvents(db.pool, [
      event('command.issued', 'q1', 50_000),
      event('command.issued', 'q2', 40_000),
      event('command.issued', 'q3', 30_000),
      event('command.claimed', 'q1', 20_000),
      event('command.claimed', 'q2', 10_000),
    ]);
    const { workers, newestIssue, complete } = await store.recentClaims(now - 25_000);
    expect([[...workers], newestIssue, complete]).toEqual([['w-busy'], now - 40_000, true]);
    expect(await store.recentClaims(now + 60_000)).toEqual({ workers: new Set(), newestIssue: null, complete: true });
  });
});

describe('the transport', () => {
  it('is never the last event, and an execution that holds nothing else is still described', async () => {
    const [real, bare] = [String(nextId++), String(nextId++)];
    const batch = (execution_id: string) => ({
      execution_id,
      event_type: 'batch.completed',
      node_name: 'events.batch',
    });
    await writeEvents(db.pool, [
      { execution_id: real, event_type: 'playbook.initialized' },
      { execution_id: real, event_type: 'step.enter', node_name: 'a' },
      batch(real),
      batch(real),
      batch(bare),
    ]);
    const { executions } = await store.executionsById([real, bare, '4']);
    const last = new Map(executions.map((one) => [one.executionId, one.lastEvent.type]));
    expect([...last.keys()].sort()).toEqual([real, bare]);
    expect([last.get(real), last.get(bare)]).toEqual(['step.enter', 'batch.completed']);
  });
});

describe('installs without the newer columns', () => {
  it('has facts, without cohorts', async () => {
    const old = await createTestDatabase();
    try {
      await writeEvents(old.pool, [
        { execution_id: '5', event_type: 'playbook_started', created_at: START },
        { execution_id: '5', event_type: 'command.issued', node_name: 'a', created_at: START },
      ]);
      await old.pool.query('ALTER TABLE noetl.event DROP COLUMN command_id, DROP COLUMN ingest_time');
      const oldStore = openStore(old.url);
      const facts = (await oldStore.recordedFacts(['5'])).get('5');
      await oldStore.close();
      expect(facts).toMatchObject({ ingest: null, outstanding: [{ commandKey: 'a', stage: 'issued' }] });
    } finally {
      await old.close();
    }
  });
});

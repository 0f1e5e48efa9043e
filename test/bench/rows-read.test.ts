import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generate } from '../../bench/generator/generate.js';
import { AS_TREE, eventRowsRead, explainStatements } from '../../bench/harness/explained-statements.js';
import { type HotQuery, type HotQueryName, hotQueries } from '../../bench/references/hot-queries.js';
import { addSubjects } from '../../bench/references/hot-subjects.js';
import type { EventStore } from '../../source/store/event-store.js';
import { createTestDatabase, type TestDatabase } from '../helpers/database.js';
import { openStore } from '../helpers/store.js';

const EVENTS = 150_000;
/** Each asks about another execution, where the query is about one. */
const ROUNDS = 5;

/**
 * How many rows of the event table a query may read for each row that its answer is made of (bench/references/hot-queries
 * says which those are), and why more than one.
 */
const MOST_ROWS: Record<HotQueryName, readonly [factor: number, because: string]> = {
  'first-rows': [3, 'each running execution: its start, its newest event, and the rows searched for its parent'],
  active: [4, 'each start, the row that ends it, and the details of those without one'],
  'in-pieces': [4, 'the same'],
  history: [40, 'each execution: its start, its ends, its newest event, and up to 16 rows searched for its parent'],
  completed: [
    200,
    'the log from its newest event back to the last of them, with 85 events an execution; two ends for each',
  ],
  'by-id': [24, 'its newest event behind transport events, its start, its ends, and 16 rows searched for its parent'],
  timeline: [1.1, 'one row more shows whether a page follows'],
  'python-tree': [
    150,
    'a third of the rows name the parent; starts of the time in which inline children can have begun',
  ],
  'rust-tree': [2, 'one row names the parent'],
  'child-counts': [5, 'a child of Python names its parent on every third row'],
  refresh: [1.05, 'the new events'],
  'stale-facts': [3, 'the events of commands, and the first and last of the execution'],
  diagnosis: [8, 'as active, with the facts of what is stale, its kin and its neighbours'],
  check: [3, 'its newest event, or its ends'],
  cancelled: [8, 'every cancel row while they are few, two for an execution of Rust'],
  cancel: [30, 'the execution by id, then its newest event under the lock'],
};

let database: TestDatabase;
let client: pg.Client;
let store: EventStore;
let queries: ReadonlyMap<HotQueryName, HotQuery>;

beforeAll(async () => {
  database = await createTestDatabase({ empty: true });
  await generate(database.url, EVENTS, false);
  client = new pg.Client(database.url);
  await client.connect();
  const subjects = await addSubjects({ client, schema: 'noetl' });
  store = openStore(database.url);
  queries = new Map(hotQueries(store, subjects).map((query) => [query.name, query]));
}, 180_000);
afterAll(async () => {
  await store?.close();
  await client?.end();
  await database?.close();
});

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
const names = Object.keys(MOST_ROWS) as HotQueryName[];

describe('on 150,000 events in 17 partitions', () => {
  it('every hot query has its factor', () => {
    expect([...queries.keys()].sort()).toEqual([...names].sort());
  });

  it.each(names)('%s reads no more rows than its answer needs, by its factor', async (name) => {
    const query = queries.get(name);
    if (!query) throw new Error(`no query ${name}`);
    const [factor] = MOST_ROWS[name];
    for (let round = 0; round < ROUNDS; round++) {
      const { result: needed, statements } = await explainStatements(() => query.ask(round), AS_TREE);
      expect(needed).toBeGreaterThan(0);
      const read = sum(statements.map(({ plan }) => eventRowsRead(plan)));
      // EXPLAIN rounds the rows of each loop.
      expect(read).toBeGreaterThan(needed * 0.5);
      expect(read).toBeLessThanOrEqual(needed * factor);
    }
  });

  it.each(['python-tree', 'rust-tree', 'child-counts'] as const)(
    '%s reads no more where its plan is kept for any values',
    async (name) => {
      const query = queries.get(name);
      if (!query) throw new Error(`no query ${name}`);
      for (let round = 0; round < ROUNDS; round++) {
        const { result: needed, statements } = await explainStatements(() => query.ask(round), AS_TREE, true);
        expect(statements.some(({ isKept }) => isKept)).toBe(true);
        const read = sum(statements.map(({ plan }) => eventRowsRead(plan)));
        expect(read).toBeGreaterThan(needed * 0.5);
        expect(read).toBeLessThanOrEqual(needed * MOST_ROWS[name][0]);
      }
    },
  );

  it.each([
    ['refresh', 'WHERE e.created_at >=', "WHERE e.created_at + interval '0' >="],
    ['by-id', 'e.execution_id = i.execution_id', 'e.execution_id + 0 = i.execution_id'],
    ['timeline', 'e.execution_id = $1::bigint', 'e.execution_id + 0 = $1::bigint'],
    ['check', 't.execution_id = $1::bigint', 't.execution_id + 0 = $1::bigint'],
  ] as const)('the limit of %s would be missed without its index', async (name, condition, without) => {
    const { result: needed, statements } = await explainStatements(() => queries.get(name)!.ask(0), AS_TREE);
    const statement = statements.find(({ text }) => text.includes(condition));
    if (!statement) throw new Error(`no statement has ${condition}`);
    const mutated = statement.text.replace(condition, without);
    const answer = await client.query(`EXPLAIN (${AS_TREE.options}) ${mutated}`, [...statement.values]);
    const read = eventRowsRead(AS_TREE.read(answer.rows));
    expect(read).toBeGreaterThan(needed * MOST_ROWS[name][0]);
  });
});

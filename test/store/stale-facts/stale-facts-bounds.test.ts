import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StoreContext } from '../../../source/store/connection/context.js';
import { tablesIn } from '../../../source/store/connection/tables.js';
import type { Sql } from '../../../source/store/sql.js';
import { staleFactsReader } from '../../../source/store/stale-facts/reader.js';
import { NEWEST_READ, recordedFacts } from '../../../source/store/stale-facts/recorded-facts.js';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.js';
import { explained } from '../../helpers/explained.js';

const tables = tablesIn('noetl');
/** 50,000 and 25,000 commands of four rows. */
const [LONG, HALF] = ['700000000000000001', '700000000000000002'];
const MANY = 10_000;
/** Ids of many executions, far from one another as real ones are. */
const FIRST = 600_000_000_000_000_000n;
const STEP = 2_000_000_000_000n;
const manyIds = Array.from({ length: MANY }, (_, n) => String(FIRST + BigInt(n) * STEP));

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
  await dropOtherIndexes();
  await db.pool.query(
    `INSERT INTO noetl.catalog (catalog_id, path, version, kind, content) VALUES (1, 'p', 1, 'playbook', '')`,
  );
  // The third command and the newest two of each never ended; the last end names no command that was ever issued.
  await addCommands([LONG], 50_000, 'n IN (3, 49999, 50000)');
  await addCommands([HALF], 25_000, 'n IN (3, 24999, 25000)');
  await addCommands(manyIds, 2, 'n = 2');
  await db.pool.query('VACUUM (ANALYZE) noetl.event');
}, 180_000);
afterAll(() => db?.close());

/** What these statements do not lean on only makes the rows dear to write. */
async function dropOtherIndexes(): Promise<void> {
  const { rows } = await db.pool.query<{ name: string }>(`SELECT i.indexrelid::regclass::text AS name
    FROM pg_index i WHERE i.indrelid = 'noetl.event'::regclass AND NOT i.indisprimary
      AND pg_get_indexdef(i.indexrelid) !~ 'USING btree \\(execution_id'`);
  for (const { name } of rows) await db.pool.query(`DROP INDEX ${name} CASCADE`);
}

/** So many commands an execution, each of four rows, but for those that were lost after their start. */
async function addCommands(ids: readonly string[], commands: number, lost: string): Promise<void> {
  await db.pool.query(
    `INSERT INTO noetl.event (execution_id, event_id, catalog_id, created_at, event_type, node_name, meta)
      SELECT i.id, n * 4 + o, 1, (now() AT TIME ZONE 'UTC') - interval '3 hours' + n * interval '1 ms', t, 'loop',
        jsonb_build_object('command_id', 'c' || n, 'worker_id', CASE WHEN o > 1 THEN 'worker-7' END)
      FROM unnest($1::bigint[]) AS i (id), generate_series(1, $2::int) n,
        unnest(ARRAY['command.issued', 'command.claimed', 'command.started', 'command.completed']) WITH ORDINALITY AS u (t, o)
      WHERE NOT (o = 4 AND (${lost}))`,
    [ids, commands],
  );
}

const workOf = async (id: string) =>
  (await explained(db.pool, (transaction) => transaction.query(recordedFacts(tables, [id])))).work;

interface Statement {
  readonly name: string;
  readonly ids: number;
  readonly rows: number;
}

/** A store's context whose statements are explained, one after the other, and noted with what they read. */
function explaining(noted: Statement[]): StoreContext {
  const readAtOnce = async (_share: unknown, _bounds: unknown, statements: readonly Sql[]) => {
    const answers: unknown[][] = [];
    for (const sql of statements) {
      const { result, work } = await explained(db.pool, (transaction) => transaction.query(sql));
      answers.push(result);
      const [ids] = sql.values;
      if (Array.isArray(ids)) noted.push({ name: sql.name, ids: ids.length, rows: work.rows });
      expect(work.sequentialScans).toEqual([]);
    }
    return answers;
  };
  return { tables, pools: { readAtOnce } } as unknown as StoreContext;
}

describe('an execution of 200,000 events', () => {
  it('costs what the newest of its commands cost: no more rows than one of half its length', async () => {
    const [half, long] = [await workOf(HALF), await workOf(LONG)];
    expect([...half.sequentialScans, ...long.sequentialScans]).toEqual([]);
    // Four rows of each of 10,000 commands, and the entries of an index that are passed to find where these begin.
    expect(long.rows).toBeLessThan(4 * NEWEST_READ + 5 * NEWEST_READ + 100);
    expect(Math.abs(long.rows - half.rows)).toBeLessThan(100);
  });

  it('has the commands that are outstanding among its newest, and says that these were read alone', async () => {
    const facts = await staleFactsReader(explaining([])).recordedFacts([LONG]);
    const { outstanding, newestOnly } = facts.get(LONG)!;
    expect(newestOnly).toBe(NEWEST_READ);
    expect(outstanding.map(({ commandKey }) => commandKey).sort()).toEqual(['c49999', 'c50000']);
  });

  it('has no command ended by the end of one that was issued before what was read', async () => {
    // The newest end of the same step, by a worker whose name nothing says: of a command that was issued long ago.
    await db.pool.query(`INSERT INTO noetl.event (execution_id, event_id, catalog_id, event_type, node_name, meta)
      VALUES (${LONG}, 300000, 1, 'command.completed', 'loop', '{"command_id": "c3"}')`);
    const facts = await staleFactsReader(explaining([])).recordedFacts([LONG]);
    expect(facts.get(LONG)?.outstanding).toHaveLength(2);
  });
});

it('10,000 executions are read in statements of a bounded number of ids and of rows, however long some are', async () => {
  const noted: Statement[] = [];
  const facts = await staleFactsReader(explaining(noted)).recordedFacts([...manyIds, LONG, HALF]);
  expect(facts.size).toBe(MANY + 2);
  const counting = noted.filter(({ name }) => name === 'row-counts');
  const reading = noted.filter(({ name }) => name === 'recorded-facts');
  expect([counting.length, reading.length]).toEqual([11, 7]);
  expect(Math.max(...counting.map(({ ids }) => ids))).toBeLessThanOrEqual(1_000);
  expect(Math.max(...reading.map(({ ids }) => ids))).toBeLessThanOrEqual(2_000);
  expect(Math.max(...noted.map(({ rows }) => rows))).toBeLessThan(100_000);
});

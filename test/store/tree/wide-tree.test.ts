import { afterEach, describe, expect, it } from 'vitest';
import { addWideTree } from '../../../bench/references/wide-tree-rows.js';
import type { Transaction } from '../../../source/store/connection/pools.js';
import { tablesIn } from '../../../source/store/connection/tables.js';
import { StoreError } from '../../../source/store/errors.js';
import { executionsById } from '../../../source/store/executions/summaries.js';
import { TreeSearch } from '../../../source/store/tree/search.js';
import { createTestDatabase, type TestDatabase, writeEvents } from '../../helpers/database.js';
import { explained } from '../../helpers/explained.js';
import { nextIdAt } from '../../helpers/ids.js';

const CHILDREN = 2000;
/** Half of them are Rust's, whose parent stands in one row; half are Python's, with three. */
const NAMING_ROWS = CHILDREN * 2;
const tables = tablesIn('noetl');

let database: TestDatabase;
afterEach(() => database?.close());

async function wideTree(spread: boolean): Promise<string> {
  database = await createTestDatabase();
  const client = await database.pool.connect();
  try {
    return await addWideTree({ client, schema: 'noetl' }, CHILDREN, spread);
  } finally {
    client.release();
  }
}

const searched = async (transaction: Transaction, ids: readonly string[], limit = 1_000_000) => {
  const search = new TreeSearch(tables, ids, limit);
  await search.advance(transaction);
  return search.result();
};

describe.each([
  { spread: false, analysed: false },
  { spread: false, analysed: true },
  { spread: true, analysed: false },
  { spread: true, analysed: true },
])('2,000 children of one parent, $spread over all partitions, analysed: $analysed', ({ spread, analysed }) => {
  it('cost what their rows cost, and no sequential scan', async () => {
    const root = await wideTree(spread);
    if (analysed) await database.pool.query('VACUUM ANALYZE noetl.event');
    const { result, work } = await explained(database.pool, (transaction) => searched(transaction, [root]));
    expect(result.links).toHaveLength(CHILDREN);
    expect(result.truncated).toBe(false);
    expect(work.sequentialScans).toEqual([]);
    // The rows that name the parent; and of each Python child its start, its newest row, and its start again in the
    // stretch of time in which inline children may have begun.
    expect(work.rows).toBeLessThanOrEqual(1.1 * (NAMING_ROWS + 1.5 * CHILDREN));
    // Two levels, the second without children: a statement each for the children, one each for the time of inline ones.
    expect(work.statements.length).toBeLessThanOrEqual(6);
  });

  it('are read with all their details from a few rows each', async () => {
    const root = await wideTree(spread);
    if (analysed) await database.pool.query('VACUUM ANALYZE noetl.event');
    const { work } = await explained(database.pool, async (transaction) => {
      const { links } = await searched(transaction, [root]);
      const ids = links.map(({ child }) => child);
      for (let start = 0; start < ids.length; start += 1000) {
        await transaction.query({ ...executionsById(tables, ids.slice(start, start + 1000)), name: 'details' });
      }
    });
    expect(work.sequentialScans).toEqual([]);
    expect(work.rows).toBeLessThanOrEqual(1.1 * (NAMING_ROWS + 13.5 * CHILDREN));
  });
});

describe('a search', () => {
  const startRow = (id: string, parent: string | null, meta: object = {}) => ({
    execution_id: id,
    event_type: 'playbook.initialized',
    parent_execution_id: parent,
    meta: meta as never,
  });

  it('that reaches the time limit goes on in smaller pieces, down to a cursor on one parent', async () => {
    const root = await wideTree(true);
    const client = await database.pool.connect();
    const search = new TreeSearch(tables, [root], 1_000_000);
    let [limits, fetches] = [0, 0];
    const query: Transaction['query'] = async ({ name, text, values }) => {
      const ids = values[0] as readonly string[];
      const rows = Number(/^FETCH (\d+)/.exec(text)?.[1] ?? 0);
      // As if a statement of more than 300 rows, or the children of the root at once, took too long.
      if ((name === 'children-of' && (ids.includes(root) || ids.length > 700)) || rows > 400) {
        limits += 1;
        throw new StoreError('timeout', 'too slow');
      }
      if (rows > 0) fetches += 1;
      return (await client.query(text, [...values])).rows;
    };
    try {
      for (let tries = 0; !search.isOver && tries < 50; tries++) {
        await client.query('BEGIN READ ONLY');
        try {
          await search.advance({ query });
        } catch {
          expect(search.takeSmallerPieces()).toBe(true);
        }
        await client.query('ROLLBACK');
      }
    } finally {
      client.release();
    }
    const { links } = search.result();
    expect(new Set(links.map(({ child }) => child)).size).toBe(CHILDREN);
    expect(links).toHaveLength(CHILDREN);
    expect(limits).toBeGreaterThan(3);
    expect(fetches).toBeGreaterThan(10);
  });

  it('gives up where even the smallest pieces take too long', async () => {
    database = await createTestDatabase();
    const search = new TreeSearch(tables, [nextIdAt(), nextIdAt()], 100);
    let tries = 0;
    while (search.takeSmallerPieces() && tries < 100) tries += 1;
    expect(tries).toBeLessThan(20);
  });

  it('follows a chain of 1,200 and a cycle at its end in few statements', async () => {
    database = await createTestDatabase();
    const ids = Array.from({ length: 1200 }, () => nextIdAt());
    // The last is the parent of the tenth as well.
    const rows = ids.map((id, index) => startRow(id, ids[index - 1] ?? null));
    rows.push({ ...startRow(ids[10]!, ids.at(-1)!), event_type: 'command.issued' } as never);
    await writeEvents(database.pool, rows);
    const { result, work } = await explained(database.pool, (transaction) => searched(transaction, [ids[0]!]));
    expect(result.links).toHaveLength(1200);
    expect(new Set(result.links.map(({ parent, child }) => `${parent}>${child}`)).size).toBe(1200);
    expect(result.links.some(({ parent, child }) => parent === ids.at(-1) && child === ids[10])).toBe(true);
    expect(work.statements.length).toBeLessThan(40);
    expect(work.sequentialScans).toEqual([]);
  });

  it('finds inline children at any depth, and below one another, each once', async () => {
    database = await createTestDatabase();
    const ids = Array.from({ length: 12 }, () => nextIdAt());
    await writeEvents(
      database.pool,
      ids.map((id, index) =>
        index % 2 === 1
          ? startRow(id, null, { inlined_in_parent: ids[index - 1]! })
          : startRow(id, ids[index - 1] ?? null),
      ),
    );
    const { result } = await explained(database.pool, (transaction) => searched(transaction, [ids[0]!]));
    expect(result.links.map(({ child }) => child).sort()).toEqual(ids.slice(1).sort());
  });

  it('says when there is more than it was asked for', async () => {
    const root = await wideTree(false);
    const { result } = await explained(database.pool, (transaction) => searched(transaction, [root], 500));
    expect(result.links).toHaveLength(500);
    expect(result.truncated).toBe(true);
    const whole = await explained(database.pool, (transaction) => searched(transaction, [root], CHILDREN));
    expect(whole.result.truncated).toBe(false);
  });
});

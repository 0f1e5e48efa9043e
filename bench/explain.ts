/**
 * EXPLAIN (ANALYZE, BUFFERS) of the hot queries, as first written and as they are, and of the seed's, on the larger of
 * the benchmark's databases: `npx tsx bench/explain.ts [--cache DIR] [--events N]` writes docs/decisions.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type pg from 'pg';
import { tablesIn } from '../source/store/connection/tables.js';
import { activeExecutions, executionsById } from '../source/store/executions/summaries.js';
import { eventsSince } from '../source/store/feed.js';
import type { Sql } from '../source/store/sql.js';
import { childCounts } from '../source/store/tree/reader.js';
import { childrenOf } from '../source/store/tree/search.js';
import { type BenchDatabase, Databases } from './harness/databases.js';
import { shortPlan } from './harness/short-plan.js';
import { firstActiveExecutions, firstExecutionsById, firstLinksBelow } from './references/first-queries.js';
import { SEED_STALE_QUERY, SEED_TREE_QUERY } from './references/seed-queries.js';

const DOCUMENT = fileURLToPath(new URL('../docs/decisions/2026-11-24-queries-explained.md', import.meta.url));
const WARM_UPS = 3;

interface Explained {
  readonly title: string;
  readonly sql: Sql;
}

async function listOf({ client, schema }: BenchDatabase): Promise<Explained[]> {
  const tables = tablesIn(schema);
  const root = await client.query<{ id: string }>(
    `SELECT t.root::text AS id FROM bench.tree_of_five t JOIN bench.execution x ON x.execution_id = t.root
     WHERE x.stack = 'python' ORDER BY t.root LIMIT 1`,
  );
  const some = await client.query<{ id: string }>(
    'SELECT execution_id::text AS id FROM bench.execution WHERE NOT inline ORDER BY execution_id LIMIT 1000 OFFSET 1000',
  );
  const tree = [root.rows[0]!.id];
  const ids = some.rows.map(({ id }) => id);
  const seed = (text: string, values: readonly unknown[] = []): Sql => ({ name: 'seed', text, values });
  return [
    { title: "Stale: the seed's query", sql: seed(SEED_STALE_QUERY) },
    { title: 'Active executions, as first written (candidates only)', sql: firstActiveExecutions() },
    { title: 'Active executions, as it is (with all details)', sql: activeExecutions(tables) },
    { title: "Tree of five: the seed's query", sql: seed(SEED_TREE_QUERY, tree) },
    { title: 'Tree of five, as first written', sql: firstLinksBelow(tree) },
    { title: 'One level of a tree, as it is', sql: childrenOf(tables, tree, 1000) },
    { title: 'One execution by id, as first written', sql: firstExecutionsById(ids.slice(0, 1)) },
    { title: 'One execution by id, as it is', sql: executionsById(tables, ids.slice(0, 1)) },
    { title: '1,000 executions by id, as first written', sql: firstExecutionsById(ids) },
    { title: '1,000 executions by id, as it is', sql: executionsById(tables, ids) },
    { title: 'Children of 1,000, as it is', sql: childCounts(tables, ids) },
    { title: 'New events of a minute (unchanged)', sql: eventsSince(tables, Date.now() - 60_000, 5000) },
  ];
}

async function explain(client: pg.Client, { sql }: Explained): Promise<string[]> {
  const values = [...sql.values];
  await client.query('BEGIN; SET LOCAL jit = off');
  for (let run = 0; run < WARM_UPS; run++) await client.query(sql.text, values);
  const { rows } = await client.query<{ 'QUERY PLAN': string }>(`EXPLAIN (ANALYZE, BUFFERS) ${sql.text}`, values);
  await client.query('ROLLBACK');
  return rows.map((row) => row['QUERY PLAN']);
}

const { values: flags } = parseArgs({ options: { cache: { type: 'string' }, events: { type: 'string' } } });
const databases = new Databases(flags.cache, (line) => process.stderr.write(`${line}\n`));
try {
  const database = await databases.filled(Number(flags.events ?? 5_000_000));
  await database.freshen();
  const sections: string[] = [];
  const summary: string[] = [];
  for (const each of await listOf(database)) {
    const { lines, planningMs, executionMs, buffers } = shortPlan(await explain(database.client, each));
    summary.push(`| ${each.title} | ${planningMs} | ${executionMs} | ${buffers} |`);
    sections.push(`\n## ${each.title}\n\n\`\`\`\n${lines.join('\n')}\n\`\`\``);
  }
  const head = [
    '# The hot queries, explained (2026-11-24)',
    '',
    '<!-- Written by `npx tsx bench/explain.ts`; edits are lost. -->',
    '',
    `EXPLAIN (ANALYZE, BUFFERS) on ${database.events.toLocaleString('en')} events, 17 partitions × 32 indexes, PostgreSQL ` +
      `${await databases.serverVersion()}, jit off, warm. Partitions beyond the first of each Append are left out, and so is what was`,
    'never executed. What was decided and why: 2026-11-23-queries.md.',
    '',
    '| query | planning ms | execution ms | buffers |',
    '|---|--:|--:|--:|',
    ...summary,
  ];
  writeFileSync(DOCUMENT, `${[...head, ...sections].join('\n')}\n`);
} finally {
  await databases.close();
}

/**
 * EXPLAIN (ANALYZE, BUFFERS) of every hot query as the store sends it, beside the seed's queries and those that were
 * first written: `npx tsx bench/explain.ts [--cache DIR] [--events N] [--to FILE]` writes docs/decisions.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type pg from 'pg';
import type { EventStore } from '../source/store/event-store.js';
import type { Sql } from '../source/store/sql.js';
import { type BenchDatabase, Databases } from './harness/databases.js';
import { AS_TEXT, explainStatements } from './harness/explained-statements.js';
import { shortPlan } from './harness/short-plan.js';
import { openStore } from './harness/store.js';
import { firstActiveExecutions, firstExecutionsById, firstLinksBelow } from './references/first-queries.js';
import { type HotQuery, hotQueries } from './references/hot-queries.js';
import { addSubjects, type HotSubjects, removeSubjects } from './references/hot-subjects.js';
import { SEED_STALE_QUERY, SEED_TREE_QUERY } from './references/seed-queries.js';
import { addWideTree } from './references/wide-tree-rows.js';

const DOCUMENT = fileURLToPath(new URL('../docs/decisions/2026-12-01-queries-explained.md', import.meta.url));
const WARM_UPS = 3;
const WIDE = 5000;

/** One statement's plan, and under which title it stands. */
interface Explained {
  readonly title: string;
  readonly plan: readonly string[];
}

const sql = (text: string, values: readonly unknown[] = []): Sql => ({ name: 'before', text, values });

/** What is compared with: the statements as they were before. */
const before = ({ pythonRoots, parents }: HotSubjects): Record<string, Sql> => ({
  "Stale: the seed's query": sql(SEED_STALE_QUERY),
  'Active executions, as first written (ids only)': firstActiveExecutions(),
  "Tree of five: the seed's query": sql(SEED_TREE_QUERY, pythonRoots.slice(0, 1)),
  'Tree of five, as first written': firstLinksBelow(pythonRoots.slice(0, 1)),
  'One execution by id, as first written': firstExecutionsById(parents.slice(0, 1)),
  '1,000 executions by id, as first written': firstExecutionsById(parents),
});

async function explainBefore(client: pg.Client, title: string, { text, values }: Sql): Promise<Explained> {
  await client.query('BEGIN; SET LOCAL jit = off');
  for (let run = 0; run < WARM_UPS; run++) await client.query(text, [...values]);
  const { rows } = await client.query<{ 'QUERY PLAN': string }>(`EXPLAIN (${AS_TEXT.options}) ${text}`, [...values]);
  await client.query('ROLLBACK');
  return { title, plan: AS_TEXT.read(rows) };
}

const onEvents = (text: string): boolean => /FROM "\w+"\.event\b/.test(text);

/** The statements of one question on the event table, those that found nothing in their partition left out. */
async function explainHot({ title, ask }: Pick<HotQuery, 'title' | 'ask'>): Promise<Explained[]> {
  for (let round = 0; round < WARM_UPS; round++) await ask(round);
  const { statements } = await explainStatements(() => ask(WARM_UPS), AS_TEXT);
  const plans = statements.filter(({ text }) => onEvents(text)).map(({ plan }) => plan);
  const telling = plans.filter((plan) => !/ rows=0\.00 /.test(plan[0] ?? ''));
  const shown = telling.length > 0 ? telling : plans.slice(0, 1);
  return shown.map((plan, index) => ({
    title: shown.length > 1 ? `${title} (${index + 1} of ${shown.length})` : title,
    plan,
  }));
}

/** Further questions that grow with a tree's width and with what is asked about. */
function further(store: EventStore, subjects: HotSubjects, wideRoot: string): Pick<HotQuery, 'title' | 'ask'>[] {
  return [
    {
      title: '1,000 executions by id',
      ask: async () => (await store.executionsById(subjects.parents)).executions.length,
    },
    {
      title: `a level of ${WIDE.toLocaleString('en')} children`,
      ask: async () => (await store.linksBelow([wideRoot], WIDE + 1)).links.length,
    },
  ];
}

async function sectionsOf(database: BenchDatabase): Promise<{ before: Explained[]; now: Explained[] }> {
  // First, so that the newest events are those of the subjects.
  const wideRoot = await addWideTree(database, WIDE, false);
  const subjects = await addSubjects(database);
  const store = openStore(database);
  try {
    const [first, now]: [Explained[], Explained[]] = [[], []];
    for (const [title, statement] of Object.entries(before(subjects))) {
      first.push(await explainBefore(database.client, title, statement));
    }
    for (const query of [...hotQueries(store, subjects), ...further(store, subjects, wideRoot)]) {
      now.push(...(await explainHot(query)));
    }
    return { before: first, now };
  } finally {
    await store.close();
    await removeSubjects(database, subjects);
    await database.client.query(
      `DELETE FROM ${database.schema}.event WHERE execution_id = $1::bigint OR parent_execution_id = $1::bigint
         OR execution_id IN (SELECT execution_id FROM ${database.schema}.event WHERE parent_execution_id = $1::bigint)`,
      [wideRoot],
    );
  }
}

const table = (explained: readonly Explained[]): string[] => [
  '| query | planning ms | execution ms | buffers |',
  '|---|--:|--:|--:|',
  ...explained.map(({ title, plan }) => {
    const { planningMs, executionMs, buffers } = shortPlan(plan);
    return `| ${title} | ${planningMs} | ${executionMs} | ${buffers} |`;
  }),
];

const plans = (explained: readonly Explained[]): string[] =>
  explained.flatMap(({ title, plan }) => ['', `### ${title}`, '', '```', ...shortPlan(plan).lines, '```']);

const { values: flags } = parseArgs({
  options: { cache: { type: 'string' }, events: { type: 'string' }, to: { type: 'string' } },
});
const databases = new Databases(flags.cache, (line) => process.stderr.write(`${line}\n`));
try {
  const database = await databases.filled(Number(flags.events ?? 5_000_000));
  const { before: first, now } = await sectionsOf(database);
  const text = [
    `# The hot queries, explained (${new Date().toISOString().slice(0, 10)})`,
    '',
    '<!-- Written by `npx tsx bench/explain.ts`; edits are lost. -->',
    '',
    `EXPLAIN (ANALYZE, BUFFERS) on ${database.events.toLocaleString('en')} events, 17 partitions × 32 indexes, PostgreSQL ` +
      `${await databases.serverVersion()}, jit off, warm, on a connection that was used before.`,
    "Each of today's statements is explained in its own transaction, right before it runs. Of each Append the first partition that",
    'gave rows is shown; what was never executed is left out. What was decided and why: 2026-11-23-queries.md.',
    '',
    '## Before',
    '',
    ...table(first),
    '',
    '## Today',
    '',
    ...table(now),
    '',
    '## The plans before',
    ...plans(first),
    '',
    "## Today's plans",
    ...plans(now),
    '',
  ];
  writeFileSync(flags.to ?? DOCUMENT, text.join('\n'));
} finally {
  await databases.close();
}

import { createDiagnoseService } from '../../source/service/diagnose/diagnose.js';
import type { EventStore } from '../../source/store/event-store.js';
import type { BenchDatabase } from '../harness/databases.js';
import { fastestTenthOf } from '../harness/fastest-tenth.js';
import { linearLaw, type Point } from '../harness/fit.js';
import { growthRow } from '../harness/growth-rows.js';
import { figureRow } from '../harness/rows.js';
import { openStore } from '../harness/store.js';
import type { BenchContext, BenchRow } from '../harness/types.js';
import { type HotQueryName, hotQueries } from '../references/hot-queries.js';
import { addSubjects } from '../references/hot-subjects.js';
import { addRunning } from '../references/running-executions.js';
import { addWideTree } from '../references/wide-tree-rows.js';

const NOT_ENDED = [500, 2000, 8000];
const WIDTHS = [1000, 4000, 16_000];
const LINKS = 200_000;
const FURTHER_INDEXES = 18;
const THOUSAND = { unit: 1000, unitName: 'thousand' };
/** Ranges of 2^56 ids beyond the 16 that a table has. */
const FURTHER_PARTITIONS = 33;
const SHOWN: readonly HotQueryName[] = [
  'first-rows',
  'in-pieces',
  'by-id',
  'timeline',
  'python-tree',
  'child-counts',
  'refresh',
  'check',
  'cancel',
];

/** Growth with everything but the number of events, in small tables. */
export async function otherAxes(context: BenchContext): Promise<BenchRow[]> {
  const usual = await context.scratchDatabase();
  const rows = await withPartitionsAndIndexes(context, usual);
  return [...(await withNotEnded(context, usual)), ...(await withWidth(context)), ...rows];
}

/** The same queries where the table has other partitions or indexes, by turns with the usual 17 and 32. */
async function withPartitionsAndIndexes(context: BenchContext, usual: BenchDatabase): Promise<BenchRow[]> {
  const [partitioned, bare] = [await context.scratchDatabase(), await context.scratchDatabase()];
  await addPartitions(partitioned);
  for (let n = 1; n <= FURTHER_INDEXES; n++) {
    await bare.client.query(`DROP INDEX ${bare.schema}.event_further_${n}`);
  }
  const databases = [usual, partitioned, bare];
  const stores = databases.map(openStore);
  try {
    const tables = [];
    for (const [at, store] of stores.entries()) tables.push(hotQueries(store, await addSubjects(databases[at]!)));
    const rows: BenchRow[][] = [[], []];
    for (const [index, { name, title }] of tables[0]!.entries()) {
      if (!SHOWN.includes(name)) continue;
      const [normal = 0, many = 0, few = 0] = await fastestTenthOf(
        context,
        tables.map((queries) => queries[index]!),
      );
      rows[0]!.push(compared(`${title}, 50 partitions instead of 17`, many, normal));
      rows[1]!.push(compared(`${title}, 32 indexes instead of 14`, normal, few));
    }
    return rows.flat();
  } finally {
    await Promise.all(stores.map((store) => store.close()));
  }
}

const compared = (what: string, more: number, fewer: number): BenchRow =>
  figureRow({
    what,
    sizes: '100,000 events',
    unit: '×',
    value: more / fewer,
    shown: `${more.toFixed(2)} ms`,
    reference: `${fewer.toFixed(2)} ms`,
  });

async function addPartitions({ client, schema }: BenchDatabase): Promise<void> {
  for (let n = 16; n < 16 + FURTHER_PARTITIONS; n++) {
    const [from, to] = [BigInt(n) << 56n, BigInt(n + 1) << 56n];
    await client.query(
      `CREATE TABLE ${schema}.event_p${n} PARTITION OF ${schema}.event FOR VALUES FROM ('${from}') TO ('${to}')`,
    );
  }
}

async function withNotEnded(context: BenchContext, database: BenchDatabase): Promise<BenchRow[]> {
  const store = openStore(database);
  const diagnosis = createDiagnoseService(store);
  const reads: Record<string, () => Promise<unknown>> = {
    'all that has not ended, in one statement': () => store.activeExecutions(),
    'all that has not ended, in pieces': () => inPieces(store),
    'the diagnoses of all of them': () => diagnosis.diagnoseStale({ olderThanMs: 1 }),
  };
  const points = new Map<string, Point[]>();
  let there = 0;
  try {
    for (const wanted of context.mode === 'quick' ? NOT_ENDED.map((n) => n / 5) : NOT_ENDED) {
      await addRunning(database, wanted - there);
      there = wanted;
      await database.client.query(`VACUUM (ANALYZE) ${database.schema}.event`);
      for (const [what, read] of Object.entries(reads)) {
        const time = await bestOf(context.repeats(3), read);
        context.log(`${what}, ${wanted}: ${time.toFixed(0)} ms`);
        points.set(what, [...(points.get(what) ?? []), { n: wanted, y: time }]);
      }
    }
  } finally {
    await store.close();
  }
  const of = { ...THOUSAND, name: 'not ended' };
  return [...points].map(([what, readings]) => growthRow({ what, points: readings, of, atMost: 1, law: linearLaw }));
}

async function inPieces(store: EventStore): Promise<void> {
  for await (const _ of store.activeInPieces());
}

async function withWidth(context: BenchContext): Promise<BenchRow[]> {
  const database = await context.emptyDatabase();
  const store = openStore(database);
  const [links, counts]: [Point[], Point[]] = [[], []];
  try {
    for (const n of context.mode === 'quick' ? WIDTHS.map((width) => width / 4) : WIDTHS) {
      const root = await addWideTree(database, n, false);
      await database.client.query(`VACUUM (ANALYZE) ${database.schema}.event`);
      links.push({ n, y: await bestOf(context.repeats(3), () => store.linksBelow([root], LINKS)) });
      counts.push({ n, y: await bestOf(context.repeats(3), () => store.childCounts([root])) });
    }
  } finally {
    await store.close();
  }
  const of = { ...THOUSAND, name: 'children of one' };
  return [
    growthRow({ what: 'the tree below one execution', points: links, of, atMost: 1, law: linearLaw }),
    growthRow({ what: 'its children counted', points: counts, of, atMost: 1, law: linearLaw }),
  ];
}

/** The shortest of some times, milliseconds: for reads that are too slow to repeat often. */
async function bestOf(times: number, read: () => Promise<unknown>): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let n = 0; n < times; n++) {
    const start = performance.now();
    await read();
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

import type { BenchDatabase } from '../harness/databases.js';
import { fastestTenthOf } from '../harness/fastest-tenth.js';
import { flatLaw, linearLaw, type Point } from '../harness/fit.js';
import { growthRow } from '../harness/growth-rows.js';
import { type MeasuredGrowth, modelLines } from '../harness/scale-model.js';
import { openStore } from '../harness/store.js';
import type { BenchContext, BenchRow } from '../harness/types.js';
import { type GrowsWith, hotQueries } from '../references/hot-queries.js';
import { addSubjects, type HotSubjects, removeSubjects } from '../references/hot-subjects.js';
import { otherAxes } from './growth-axes.js';

const MILLION = { name: 'events', unit: 1_000_000, unitName: 'million' };
const MOST: Record<GrowsWith, number> = { nothing: 0.1, executions: 1 };

/**
 * How each hot query's time grows as a table grows by what has ended, with the same amount running in each; then how it
 * grows with what runs, the width of a tree, partitions and indexes.
 */
export async function run(context: BenchContext): Promise<BenchRow[]> {
  const { smallest, small, large, largest } = context.sizes;
  const sizes = [smallest, small, large, ...(largest ? [largest] : [])];
  const growths = await withEvents(context, sizes);
  context.writeModel('model', modelLines(growths));
  const rows = growths.queries.map(({ title, growsWith, points, note }) =>
    growthRow({
      what: title,
      points,
      of: MILLION,
      atMost: MOST[growsWith],
      law: growsWith === 'nothing' ? flatLaw : linearLaw,
      ...(note ? { note } : {}),
    }),
  );
  return [...rows, ...(await otherAxes(context))];
}

async function withEvents(context: BenchContext, sizes: readonly number[]): Promise<MeasuredGrowth> {
  const databases: BenchDatabase[] = [];
  for (const size of sizes) databases.push(await context.database(size));
  const stores = databases.map(openStore);
  const added: HotSubjects[] = [];
  try {
    for (const database of databases) added.push(await addSubjects(database));
    const tables = stores.map((store, at) => hotQueries(store, added[at]!));
    const queries: MeasuredGrowth['queries'][number][] = [];
    for (const [index, { name, title, growsWith }] of tables[0]!.entries()) {
      const asked = tables.map((queries) => queries[index]!);
      const times = await fastestTenthOf(context, asked);
      const points = sizes.map((n, at): Point => ({ n, y: times[at]! }));
      context.log(`${title}: ${times.map((time) => time.toFixed(1)).join(' · ')} ms`);
      const note = name === 'in-pieces' ? 'what the console reads behind its first rows' : undefined;
      queries.push({ name, title, growsWith, points, ...(note ? { note } : {}) });
    }
    const bytes = await Promise.all(databases.map(bytesOf));
    return {
      queries,
      bytes: sizes.map((n, at) => ({ n, y: bytes[at]! })),
      executions: sizes.map((n, at) => ({ n, y: databases[at]!.executions })),
    };
  } finally {
    await Promise.all(stores.map((store) => store.close()));
    for (const [at, subjects] of added.entries()) await removeSubjects(databases[at]!, subjects);
  }
}

async function bytesOf({ client, schema }: BenchDatabase): Promise<number> {
  const { rows } = await client.query<{ bytes: number }>(
    `SELECT sum(pg_total_relation_size(inhrelid))::float8 AS bytes FROM pg_inherits WHERE inhparent = '${schema}.event'::regclass`,
  );
  return rows[0]!.bytes;
}

import type { BenchDatabase } from '../harness/databases.js';
import { interleave, type Timed } from '../harness/interleave.js';
import { ratioRow } from '../harness/rows.js';
import { openStore } from '../harness/store.js';
import type { BenchContext, BenchRow } from '../harness/types.js';
import { SEED_TREE_QUERY } from '../references/seed-queries.js';

const STACKS = ['python', 'rust'] as const;
type Stack = (typeof STACKS)[number];

/** Finds the descendants of roots of trees of exactly five, another root in each round, at all sizes by turns. */
export async function run(context: BenchContext): Promise<BenchRow[]> {
  const { small, large, largest } = context.sizes;
  const sizes = largest ? [small, large, largest] : [small, large];
  const databases = await Promise.all(sizes.map((size) => context.database(size)));
  const rows: BenchRow[] = [];
  for (const stack of STACKS) rows.push(...(await rowsOf(stack, sizes, databases, context)));
  return rows;
}

async function rowsOf(
  stack: Stack,
  sizes: readonly number[],
  databases: readonly BenchDatabase[],
  context: BenchContext,
): Promise<BenchRow[]> {
  const stores = databases.map(openStore);
  try {
    const roots = await Promise.all(databases.map((database) => rootsIn(database, stack)));
    const ours = (at: number) => ({
      run: async (round: number) => {
        const { links } = await stores[at]!.linksBelow([rootOf(roots[at]!, round)], 1000);
        if (links.length !== 4) throw new Error(`expected 4 links, found ${links.length}`);
        return undefined;
      },
    });
    const things: Record<string, Timed> = Object.fromEntries(sizes.map((_, at) => [`ours ${at}`, ours(at)]));
    things.seed = {
      run: async (round) => {
        const { rowCount } = await databases[0]!.client.query(SEED_TREE_QUERY, [rootOf(roots[0]!, round)]);
        if (rowCount !== 5) throw new Error(`expected 5 executions, found ${rowCount}`);
        return undefined;
      },
    };
    const times = await interleave(things, context.repeats(21), 3);
    const name = stack === 'python' ? 'Python' : 'Rust';
    const sizeOf = (at: number) => `${sizes[at]!.toLocaleString('en')} events, tree of 5`;
    return [
      ratioRow({
        what: `descendants, tree written by the ${name} stack`,
        sizes: sizeOf(0),
        unit: 'ms',
        ours: times['ours 0']!,
        reference: times.seed!,
        referenceName: "seed's recursive query",
        times: 'reference/ours',
        target: { atLeast: 50 },
        ...(stack === 'rust' ? { note: RUST_NOTE } : {}),
      }),
      ...sizes.slice(1).map((_, index) =>
        ratioRow({
          what: `the same, ${name}, in a larger table`,
          sizes: sizeOf(index + 1),
          unit: 'ms',
          ours: times[`ours ${index + 1}`]!,
          reference: times['ours 0']!,
          referenceName: `ours in ${sizes[0]!.toLocaleString('en')}`,
          target: { atMost: 1.5 },
        }),
      ),
    ];
  } finally {
    await Promise.all(stores.map((store) => store.close()));
  }
}

const RUST_NOTE =
  "a Rust child names its parent on one row of 88, so the seed's query multiplies nothing and the index on " +
  'parent_execution_id answers it as well; what is left on both sides is planning over 17 partitions. On Python trees, ' +
  'where each child names its parent on every third row, it multiplies rows at every level.';

async function rootsIn(database: BenchDatabase, stack: Stack): Promise<string[]> {
  const { rows } = await database.client.query<{ root: string }>(
    `SELECT t.root::text FROM bench.tree_of_five t JOIN bench.execution x ON x.execution_id = t.root
     WHERE x.stack = $1 ORDER BY t.root`,
    [stack],
  );
  return rows.map(({ root }) => root);
}

const rootOf = (roots: readonly string[], round: number): string => roots[round % roots.length]!;

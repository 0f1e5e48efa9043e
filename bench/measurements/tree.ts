import type { BenchDatabase } from '../harness/databases.js';
import { interleave, type Timed } from '../harness/interleave.js';
import { ratioRow } from '../harness/rows.js';
import { openStore } from '../harness/store.js';
import type { BenchContext, BenchRow } from '../harness/types.js';
import { SEED_TREE_QUERY } from '../references/seed-queries.js';
import { treeFloor } from '../references/tree-floor.js';

const STACKS = ['python', 'rust'] as const;
type Stack = (typeof STACKS)[number];
/** The server plans a statement anew for its first five runs on a connection; a console runs it all day. */
const WARM_UPS = 15;

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
  const floors = await Promise.all(databases.map(treeFloor));
  try {
    const roots = await Promise.all(databases.map((database) => rootsIn(database, stack)));
    const things: Record<string, Timed> = {};
    for (const at of sizes.keys()) {
      things[`ours ${at}`] = found(4, async (round) => {
        const { links } = await stores[at]!.linksBelow([rootOf(roots[at]!, round)], 1000);
        return links.length;
      });
      things[`floor ${at}`] = found(4, (round) => floors[at]!.descendants(rootOf(roots[at]!, round)));
    }
    things.seed = found(5, async (round) => {
      const { rowCount } = await databases[0]!.client.query(SEED_TREE_QUERY, [rootOf(roots[0]!, round)]);
      return rowCount ?? 0;
    });
    const times = await interleave(things, context.repeats(21), WARM_UPS);
    const name = stack === 'python' ? 'Python' : 'Rust';
    const against = (at: number, other: string, referenceName: string) => ({
      sizes: `${sizes[at]!.toLocaleString('en')} events, tree of 5`,
      unit: 'ms',
      ours: times[`ours ${at}`]!,
      reference: times[other]!,
      referenceName,
    });
    return [
      ratioRow({
        what: `descendants, tree written by the ${name} stack`,
        ...against(0, 'seed', "seed's recursive query"),
        times: 'reference/ours',
        ...(stack === 'python' ? { target: { atLeast: 50 } } : { note: RUST_NOTE }),
      }),
      ...sizes.map((_, at) =>
        ratioRow({
          what: `the same, ${name}, against the floor`,
          ...against(at, `floor ${at}`, 'one prepared index probe a level'),
          ...(at === 0 ? { target: { atMost: 2 } } : {}),
        }),
      ),
      ...sizes.slice(1).map((size, index) =>
        ratioRow({
          what: `the same, ${name}, in a larger table`,
          ...against(index + 1, 'ours 0', `ours in ${sizes[0]!.toLocaleString('en')}`),
          ...(size === context.sizes.large ? { target: { atMost: 1.5 } } : {}),
        }),
      ),
    ];
  } finally {
    await Promise.all([...stores, ...floors].map((each) => each.close()));
  }
}

/** A search whose answer is known. */
const found = (expected: number, search: (round: number) => Promise<number>): Timed => ({
  run: async (round) => {
    const count = await search(round);
    if (count !== expected) throw new Error(`expected ${expected}, found ${count}`);
    return undefined;
  },
});

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

import type { BenchDatabase } from '../harness/databases.js';
import { interleave } from '../harness/interleave.js';
import { ratioRow } from '../harness/rows.js';
import type { Sample } from '../harness/statistics.js';
import { openStore } from '../harness/store.js';
import type { BenchContext, BenchRow } from '../harness/types.js';
import { SEED_TREE_QUERY } from '../references/seed-queries.js';

const STACKS = ['python', 'rust'] as const;
type Stack = (typeof STACKS)[number];
type Times = Record<'ours' | 'seed', Sample>;

/** Finds the descendants of roots of trees of exactly five, another root in each round. */
export async function run(context: BenchContext): Promise<BenchRow[]> {
  const { small, large, largest } = context.sizes;
  const rows: BenchRow[] = [];
  const bySize = new Map<number, Record<Stack, Times>>();
  for (const size of largest ? [small, large, largest] : [small, large]) {
    bySize.set(size, await timesIn(await context.database(size), context));
  }
  const sizes = (size: number) => `${size.toLocaleString('en')} events, tree of 5`;
  for (const stack of STACKS) {
    const times = bySize.get(small)![stack];
    rows.push(
      ratioRow({
        what: `descendants, tree written by the ${stack === 'python' ? 'Python' : 'Rust'} stack`,
        sizes: sizes(small),
        unit: 'ms',
        ours: times.ours,
        reference: times.seed,
        referenceName: "seed's recursive query",
        times: 'reference/ours',
        target: { atLeast: 50 },
        ...(stack === 'rust' ? { note: RUST_NOTE } : {}),
      }),
    );
    for (const size of [...bySize.keys()].slice(1)) {
      rows.push(
        ratioRow({
          what: `the same, ${stack === 'python' ? 'Python' : 'Rust'}, in a larger table`,
          sizes: sizes(size),
          unit: 'ms',
          ours: bySize.get(size)![stack].ours,
          reference: times.ours,
          referenceName: `ours in ${small.toLocaleString('en')}`,
          target: { atMost: 1.5 },
        }),
      );
    }
  }
  return rows;
}

const RUST_NOTE =
  "a Rust child names its parent on one row of 88, so the seed's query multiplies nothing and the index on " +
  'parent_execution_id answers it as well; what is left on both sides is planning over 17 partitions. On Python trees, ' +
  'where each child names its parent on every third row, it multiplies rows at every level.';

async function timesIn(database: BenchDatabase, context: BenchContext): Promise<Record<Stack, Times>> {
  const store = openStore(database);
  try {
    const found = {} as Record<Stack, Times>;
    for (const stack of STACKS) {
      const { rows } = await database.client.query<{ root: string }>(
        `SELECT t.root::text FROM bench.tree_of_five t JOIN bench.execution x ON x.execution_id = t.root
         WHERE x.stack = $1 ORDER BY t.root`,
        [stack],
      );
      const rootOf = (round: number) => rows[round % rows.length]!.root;
      found[stack] = await interleave(
        {
          ours: {
            run: async (round) => {
              const { links } = await store.linksBelow([rootOf(round)], 1000);
              if (links.length !== 4) throw new Error(`expected 4 links, found ${links.length}`);
              return undefined;
            },
          },
          seed: {
            run: async (round) => {
              const { rowCount } = await database.client.query(SEED_TREE_QUERY, [rootOf(round)]);
              if (rowCount !== 5) throw new Error(`expected 5 executions, found ${rowCount}`);
              return undefined;
            },
          },
        },
        context.repeats(15),
        3,
      );
    }
    return found;
  } finally {
    await store.close();
  }
}

import { createCancelService } from '../../source/service/cancel/cancel.js';
import { loadTree } from '../../source/service/tree.js';
import { collectGarbage } from '../harness/collect-garbage.js';
import { countStatements } from '../harness/count-statements.js';
import { factRow, figureRow, ratioRow } from '../harness/rows.js';
import { sample } from '../harness/statistics.js';
import { openStore } from '../harness/store.js';
import type { BenchContext, BenchRow } from '../harness/types.js';
import { plainInsert, rowsOfCancel } from '../references/plain-insert.js';
import { addWideTree } from '../references/wide-tree-rows.js';
import { requestOf } from './bulk-cancel.js';

/** Of wider trees product.md only asks that they are done, in bounded memory and with progress. */
const WIDEST_WITH_TARGETS = 50_000;

/** A runaway loop's parent: its tree read and cancelled, by width, place of the children, and statistics. */
export async function run(context: BenchContext): Promise<BenchRow[]> {
  const widths = context.mode === 'quick' ? [1000] : [10_000, 50_000];
  const rows: BenchRow[] = [];
  for (const children of widths) {
    for (const spread of [false, true]) {
      for (const analysed of [false, true]) rows.push(...(await measure(context, children, spread, analysed)));
    }
  }
  // Four of them would take half an hour: the one where statistics and pruning help least.
  if (context.mode === 'full') rows.push(...(await measure(context, 200_000, true, false)));
  return rows;
}

async function measure(
  context: BenchContext,
  children: number,
  spread: boolean,
  analysed: boolean,
): Promise<BenchRow[]> {
  const database = await context.emptyDatabase();
  const root = await addWideTree(database, children, spread);
  if (analysed) await database.client.query(`VACUUM ANALYZE ${database.schema}.event`);
  const store = openStore(database);
  const service = createCancelService(store);
  const seconds = async (work: () => Promise<unknown>): Promise<number> => {
    const start = performance.now();
    await work();
    return (performance.now() - start) / 1000;
  };
  const sizes = `${children.toLocaleString('en')} children, ${spread ? 'over all partitions' : 'in one partition'}, ${analysed ? 'analysed' : 'never analysed'}`;
  const targetOf = (atMost: number) => (children > WIDEST_WITH_TARGETS ? {} : { target: { atMost } });
  try {
    let slowestMs = 0;
    const counted = async <T>(work: () => Promise<T>): Promise<T> => {
      const { result, slowestMs: slowest } = await countStatements(work);
      slowestMs = Math.max(slowestMs, slowest);
      return result;
    };
    const tree = await seconds(() => counted(() => loadTree(store, root, { limit: children })));
    let cancelled = 0;
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    let [peak, steps] = [0, 0];
    const cascade = await seconds(async () => {
      const report = await counted(async () =>
        service.run(await service.plan([root], { cascade: true }), requestOf(true), {
          onProgress: () => {
            steps += 1;
            peak = Math.max(peak, process.memoryUsage().heapUsed - before);
          },
        }),
      );
      cancelled = report.outcomes.filter(({ kind }) => kind === 'cancelled').length;
    });
    const other = await addWideTree(database, children, spread);
    const { links } = await store.linksBelow([other], children);
    const columns = await rowsOfCancel(database, [other, ...links.map(({ child }) => child)], requestOf(true));
    const insert = await seconds(() => plainInsert(database, columns));
    return [
      figureRow({
        what: 'reading the tree',
        sizes,
        unit: 's',
        value: tree,
        ...targetOf(Math.max(1, children / 10_000)),
      }),
      factRow({
        what: 'the last child included',
        sizes,
        holds: cancelled === children + 1,
        shown: `${cancelled.toLocaleString('en')} cancelled`,
        expected: `${(children + 1).toLocaleString('en')} cancelled`,
      }),
      factRow({
        what: 'progress is reported meanwhile',
        sizes,
        holds: steps > 1,
        shown: `${steps} times`,
        expected: 'more than once',
      }),
      ratioRow({
        what: 'the whole cascade: plan, write, sweep',
        sizes,
        unit: 's',
        ours: sample([cascade]),
        reference: sample([insert]),
        referenceName: 'one plain INSERT of the same rows',
        ...targetOf(3),
      }),
      figureRow({ what: 'the slowest statement', sizes, unit: 's', value: slowestMs / 1000, ...targetOf(5) }),
      figureRow({ what: 'heap used on top, at most', sizes, unit: 'MB', value: peak / 2 ** 20 }),
    ];
  } finally {
    await store.close();
  }
}

import { createCancelService } from '../../source/service/cancel/cancel.js';
import { collectGarbage } from '../harness/collect-garbage.js';
import { countStatements } from '../harness/count-statements.js';
import { factRow, figureRow } from '../harness/rows.js';
import { sample } from '../harness/statistics.js';
import { openStore } from '../harness/store.js';
import type { BenchContext, BenchRow } from '../harness/types.js';
import { addRunning } from '../references/running-executions.js';
import { requestOf } from './bulk-cancel.js';

/** Children of one node in the measured tree: 10,000 nodes are then four levels. */
const FAN_OUT = 25;

/** One cascade over a whole tree. */
export async function run(context: BenchContext): Promise<BenchRow[]> {
  const count = context.mode === 'quick' ? 1000 : 10_000;
  const database = await context.scratchDatabase();
  const store = openStore(database);
  const service = createCancelService(store);
  const seconds: number[] = [];
  let [statementsSent, steps, peak, cancelled] = [0, 0, 0, 0];
  try {
    for (let round = 0; round < context.repeats(3); round++) {
      const [root] = await addRunning(database, count, FAN_OUT);
      collectGarbage();
      const before = process.memoryUsage().heapUsed;
      [steps, peak] = [0, 0];
      const start = performance.now();
      const { result, statements } = await countStatements(async () =>
        service.run(await service.plan([root!], { cascade: true }), requestOf(true), {
          onProgress: () => {
            steps += 1;
            peak = Math.max(peak, process.memoryUsage().heapUsed - before);
          },
        }),
      );
      seconds.push((performance.now() - start) / 1000);
      cancelled = result.outcomes.filter(({ kind }) => kind === 'cancelled').length;
      statementsSent = statements;
    }
  } finally {
    await store.close();
  }
  const sizes = `tree of ${count.toLocaleString('en')}, ${FAN_OUT} children a node`;
  return [
    factRow({
      what: 'a whole tree in one run',
      sizes,
      holds: cancelled === count,
      shown: `${cancelled.toLocaleString('en')} cancelled`,
      expected: `${count.toLocaleString('en')} cancelled`,
    }),
    figureRow({ what: 'time of that cascade, sweep included', sizes, unit: 's', value: sample(seconds).median }),
    figureRow({
      what: 'statements of that cascade',
      sizes,
      unit: 'statements',
      value: statementsSent,
      note: `${steps} transactions; the tree is read in one statement and once more by the sweep`,
    }),
    figureRow({ what: 'heap used on top, at most', sizes, unit: 'MB', value: peak / 2 ** 20 }),
  ];
}

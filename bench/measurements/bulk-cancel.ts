import type { CancelRequest } from '../../source/domain/cancellation.js';
import { createCancelService } from '../../source/service/cancel/cancel.js';
import { countStatements } from '../harness/count-statements.js';
import { interleave } from '../harness/interleave.js';
import { figureRow, ratioRow } from '../harness/rows.js';
import { openStore } from '../harness/store.js';
import type { BenchContext, BenchRow } from '../harness/types.js';
import { type InsertColumns, plainInsert, rowsOfCancel } from '../references/plain-insert.js';
import { addRunning } from '../references/running-executions.js';

export const requestOf = (cascade: boolean): CancelRequest => ({
  reason: 'measured',
  cancelledBy: 'bench@bench',
  cascade,
  batchId: 'bench',
  source: 'noetl-console/bench',
});

/** Cancelling 10,000 executions, plan and writes, against one INSERT of as many rows of the same kind. */
export async function run(context: BenchContext): Promise<BenchRow[]> {
  const count = context.mode === 'quick' ? 1000 : 10_000;
  const database = await context.scratchDatabase();
  const store = openStore(database);
  const service = createCancelService(store);
  const request = requestOf(false);
  let ids: string[] = [];
  let columns: InsertColumns = [];
  let rows = 0;
  let statementsSent = 0;
  let transactions = 0;
  try {
    const times = await interleave(
      {
        cancel: {
          prepare: async () => {
            ids = await addRunning(database, count);
          },
          run: async () => {
            transactions = 0;
            const { result, statements } = await countStatements(async () =>
              service.run(await service.plan(ids, { cascade: false }), request, { onProgress: () => transactions++ }),
            );
            statementsSent = statements;
            const cancelled = result.outcomes.filter(({ kind }) => kind === 'cancelled').length;
            if (cancelled !== count) throw new Error(`${cancelled} of ${count} were cancelled`);
            return undefined;
          },
        },
        insert: {
          prepare: async () => {
            columns = await rowsOfCancel(database, await addRunning(database, count), request);
          },
          run: async () => {
            rows = await plainInsert(database, columns);
            return undefined;
          },
        },
      },
      context.repeats(5),
      1,
    );
    const sizes = `${count.toLocaleString('en')} executions, ${rows.toLocaleString('en')} rows, 32 indexes`;
    return [
      ratioRow({
        what: 'cancelling many: plan, locks, checks and rows',
        sizes,
        unit: 'ms',
        ours: times.cancel,
        reference: times.insert,
        referenceName: 'one plain INSERT of the same rows',
        target: { atMost: 2 },
      }),
      figureRow({
        what: 'statements of that cancel',
        sizes,
        unit: 'statements',
        value: statementsSent,
        note: `${transactions} transactions of at most ${Math.ceil(count / transactions)} executions, progress after each`,
      }),
    ];
  } finally {
    await store.close();
  }
}

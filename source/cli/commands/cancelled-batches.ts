import { phaseTotals } from '../../domain/stopping/stop-sentences.js';
import { isoTime } from '../../service/json.js';
import type { BatchList, BatchStanding, LoggedBatch } from '../../service/report/batch-list.js';
import { visibleJson } from '../../text/visible-text.js';
import { UsageError } from '../args/usage-error.js';
import type { CommandContext } from '../command.js';
import { EXIT } from '../output/exit-code.js';
import { type Column, printTable, shortTime } from '../output/table.js';

const DEFAULT_LIMIT = 20;

interface Row {
  readonly batch: LoggedBatch;
  readonly standing: BatchStanding;
}

/** `cancelled --batches`: the batches of the log, newest first, and whether their work has stopped. */
export async function listBatches(context: CommandContext): Promise<number> {
  const { flags, terminal, signal } = context;
  for (const other of ['batch', 'sort', 'watch'] as const) {
    if (flags.has(other)) throw new UsageError(`--${other} does not go with --batches`);
  }
  const limit = flags.integer('limit', { least: 1, most: 10_000 }) ?? DEFAULT_LIMIT;
  const since = flags.moment('since', Date.now()) ?? Number.NEGATIVE_INFINITY;
  const { batchLog } = (await context.open()).services;
  let list: BatchList = await batchLog.read(undefined, { signal });
  const isEnough = () => list.batches.length >= limit || (list.batches.at(-1)?.lastAt ?? 0) < since;
  while (list.next !== null && !isEnough()) list = await batchLog.read(list, { signal });
  const rows: Row[] = [];
  for (const batch of list.batches.filter(({ lastAt }) => lastAt >= since).slice(0, limit)) {
    rows.push({ batch, standing: await batchLog.standing(batch, { signal }) });
  }
  if (flags.isJson) for (const row of rows) terminal.print(visibleJson(batchJson(row)));
  else if (flags.form === 'name') for (const { batch } of rows) terminal.print(batch.batchId);
  else if (rows.length === 0) terminal.note('No batches in the log.');
  else printTable(rows, COLUMNS, terminal, flags.form);
  return EXIT.done;
}

const numberOf = ({ executions, isPartial }: LoggedBatch): string => `${executions}${isPartial ? '+' : ''}`;

function workOf({ batch, standing }: Row): string {
  const part = standing.looked < batch.executions ? ` (newest ${standing.looked})` : '';
  return `${phaseTotals(standing.phases)}${part}`;
}

const COLUMNS: readonly Column<Row>[] = [
  { title: 'CANCELLED', cell: ({ batch }) => shortTime(batch.firstAt) },
  { title: 'BATCH', cell: ({ batch }) => batch.batchId, least: 36 },
  { title: 'NUMBER', cell: ({ batch }) => numberOf(batch) },
  {
    title: 'WORK',
    cell: workOf,
    least: 10,
    paint: (cell, { standing }, style) =>
      standing.isSettled ? style.green(cell) : standing.phases['still-emitting'] > 0 ? style.red(cell) : cell,
  },
  { title: 'WHO', cell: ({ batch }) => batch.cancelledBy ?? '-', least: 10, drop: 1 },
  { title: 'WHY', cell: ({ batch }) => batch.reason ?? '-', least: 16, drop: 2 },
];

const batchJson = ({ batch, standing }: Row): Record<string, unknown> => ({
  batch_id: batch.batchId,
  first_cancelled_at: isoTime(batch.firstAt),
  last_cancelled_at: isoTime(batch.lastAt),
  cancelled_by: batch.cancelledBy,
  reason: batch.reason,
  source: batch.source,
  cascade: batch.cascade,
  executions: batch.executions,
  /** True where the log was not read back to the batch's first cancel: there may be more. */
  partial: batch.isPartial,
  requested: batch.requested,
  settled: standing.isSettled,
  examined: standing.looked,
  phases: standing.phases,
});

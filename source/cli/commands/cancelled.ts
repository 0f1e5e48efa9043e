import type { StopState } from '../../domain/stopping/stopping.js';
import type { FollowSnapshot } from '../../service/follow/follow-run.js';
import { stopJson } from '../../service/json/description-json.js';
import { isoTime } from '../../service/json/execution-json.js';
import type { CancellationRecord } from '../../store/event-store.js';
import { visibleJson } from '../../text/visible-text.js';
import type { CommandContext } from '../command.js';
import { playbook } from '../output/execution-table.js';
import { EXIT } from '../output/exit-code.js';
import { explain } from '../output/follow-up.js';
import { type Column, shortTime, table } from '../output/table.js';
import { tableWidth } from '../output/terminal.js';
import { listBatches } from './cancelled-batches.js';
import { batchNotFound } from './report.js';

const DEFAULT_LIMIT = 20;

/** A cancellation, and whether the work has stopped since; null where its events do not tell. */
interface Cancelled {
  readonly record: CancellationRecord;
  readonly stop: StopState | null;
}

/** `cancelled`: the latest cancellations, newest first, or those of a batch, or the batches. */
export async function run(context: CommandContext): Promise<number> {
  const { flags, terminal, signal } = context;
  if (flags.on('batches')) return listBatches(context);
  const limit = flags.integer('limit', { least: 1, most: 10_000 });
  const since = flags.moment('since', Date.now());
  const session = await context.open();
  const { store, follow } = session.services;
  const read = { signal, since };
  const batch = flags.text('batch');
  const records =
    batch === undefined
      ? await store.recentCancellations(limit ?? DEFAULT_LIMIT, read)
      : (await store.cancellationsOfBatch(batch, read)).slice(0, limit);
  if (batch !== undefined && records.length === 0) {
    terminal.note(batchNotFound(batch));
    return EXIT.notFound;
  }
  const looked = await follow.look(records, { signal });
  const rows = withStops(records, looked);
  if (flags.on('json')) for (const row of rows) terminal.print(visibleJson(cancelledJson(row)));
  else if (rows.length === 0) terminal.note('Nothing has been cancelled.');
  else for (const line of table(rows, COLUMNS, terminal.style, tableWidth(terminal))) terminal.print(line);
  return EXIT.done;
}

function withStops(records: readonly CancellationRecord[], { states }: FollowSnapshot): Cancelled[] {
  const byId = new Map(states.map((state) => [state.executionId, state]));
  return records.map((record) => ({ record, stop: byId.get(record.executionId) ?? null }));
}

const COLUMNS: readonly Column<Cancelled>[] = [
  { title: 'CANCELLED', cell: ({ record }) => shortTime(record.at) },
  { title: 'EXECUTION', cell: ({ record }) => record.executionId },
  {
    title: 'WORK',
    cell: ({ stop }) => (stop ? explain(stop) : 'unknown'),
    least: 10,
    paint: (cell, { stop }, style) =>
      stop?.phase === 'stopped' ? style.green(cell) : stop?.phase === 'still-emitting' ? style.red(cell) : cell,
  },
  { title: 'WHO', cell: ({ record }) => record.cancelledBy ?? '-', least: 10, drop: 1 },
  { title: 'WHY', cell: ({ record }) => record.reason ?? '-', least: 16 },
  { title: 'PLAYBOOK', cell: ({ record }) => playbook({ path: record.path, version: null }), least: 14, drop: 2 },
];

function cancelledJson({ record, stop }: Cancelled): Record<string, unknown> {
  return {
    execution_id: record.executionId,
    path: record.path,
    cancelled_at: isoTime(record.at),
    cancelled_by: record.cancelledBy,
    reason: record.reason,
    cascade: record.cascade,
    parent_cancel_id: record.parentCancelId,
    batch_id: record.batchId,
    source: record.source,
    stop: stopJson(stop),
  };
}

import type { EpochMs } from '../../domain/execution.js';
import type { StopState } from '../../domain/stopping/stopping.js';
import type { FollowSnapshot } from '../../service/follow/follow-run.js';
import { isoTime, stopJson } from '../../service/json.js';
import type { CancellationRecord } from '../../store/event-store.js';
import { visibleJson } from '../../text/visible-text.js';
import type { CANCELLED_SORTS } from '../args/flag-specs.js';
import type { CommandContext } from '../command.js';
import { idKey, playbook, type SortKeys, sorted } from '../output/execution-table.js';
import { EXIT } from '../output/exit-code.js';
import { explain } from '../output/follow-and-report.js';
import { type Column, printTable, shortTime } from '../output/table.js';
import type { Terminal } from '../output/terminal.js';
import { watch } from '../watch.js';
import { listBatches } from './cancelled-batches.js';
import { batchNotFound } from './report.js';

const DEFAULT_LIMIT = 20;

/** A cancellation, and whether the work has stopped since; null where its events do not show it. */
interface Cancelled {
  readonly record: CancellationRecord;
  readonly stop: StopState | null;
}

interface Found {
  readonly rows: readonly Cancelled[];
  readonly asOf: EpochMs | null;
}

/** `cancelled`: the latest cancellations, newest first, or those of a batch, or the batches. */
export async function run(context: CommandContext): Promise<number> {
  const { flags, terminal, signal } = context;
  if (flags.on('batches')) return listBatches(context);
  const limit = flags.integer('limit', { least: 1, most: 10_000 });
  flags.moment('since', Date.now());
  const session = await context.open();
  const { store, follow } = session.services;
  const batch = flags.text('batch');
  const read = async (): Promise<Found> => {
    const reading = { signal, since: flags.moment('since', Date.now()) };
    const records =
      batch === undefined
        ? await store.recentCancellations(limit ?? DEFAULT_LIMIT, reading)
        : (await store.cancellationsOfBatch(batch, reading)).slice(0, limit);
    if (records.length === 0) return { rows: [], asOf: null };
    const looked = await follow.look(records, { signal });
    return { rows: sorted(withStops(records, looked), flags.text('sort'), KEYS), asOf: looked.asOf };
  };
  const print = (_: Found, rows: readonly Cancelled[], to: Terminal) => printCancelled(rows, flags.form, to);
  const found = await read();
  if (batch !== undefined && found.rows.length === 0) {
    terminal.note(batchNotFound(batch));
    return EXIT.notFound;
  }
  if (!flags.on('watch')) {
    print(found, found.rows, terminal);
    return EXIT.done;
  }
  return watch(
    context,
    {
      everySeconds: 5,
      read,
      asOf: ({ asOf }) => asOf,
      rows: ({ rows }) => rows,
      key: ({ record }) => record.eventId,
      mark: ({ stop }) => JSON.stringify([stop?.phase, stop?.draining, stop?.issuedAfter]),
      print,
    },
    found,
  );
}

function printCancelled(rows: readonly Cancelled[], form: string | null, terminal: Terminal): void {
  if (form === 'json') for (const row of rows) terminal.print(visibleJson(cancelledJson(row)));
  else if (form === 'name') for (const { record } of rows) terminal.print(record.executionId);
  else if (rows.length === 0) terminal.note('Nothing has been cancelled.');
  else printTable(rows, COLUMNS, terminal, form);
}

const KEYS: SortKeys<(typeof CANCELLED_SORTS)[number], Cancelled> = {
  at: ({ record }) => record.at,
  work: ({ stop }) => stop?.phase ?? null,
  who: ({ record }) => record.cancelledBy,
  why: ({ record }) => record.reason,
  path: ({ record }) => record.path,
  id: ({ record }) => idKey(record.executionId),
};

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
  { title: 'BATCH', cell: ({ record }) => record.batchId ?? '-', wide: true },
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

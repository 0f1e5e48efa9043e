import type { EpochMs } from '../../domain/execution.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import type { ExecutionLog, LogEvent } from '../../domain/rehearsal/rehearse.js';
import { chunkedIds, readByIndex, type StoreContext } from '../connection/context.js';
import type { ReadOptions } from '../event-store.js';
import { mapEventSummary } from '../feed.js';
import { rowCounts } from '../stale-facts/row-counts.js';
import { type LogRow, logPage, logsOf, pageSettings } from './statements.js';

/** A place in the log, ordered by time; only the store that made it can read it. */
export type LogPlace = string;

/** What one execution did within a page of the log; the transport's rows do not count. */
interface LogPart {
  readonly executionId: ExecutionId;
  readonly firstAt: EpochMs;
  readonly lastAt: EpochMs;
  /** Between two of its events within the page, in milliseconds; 0 where there is one event only. */
  readonly longestGapMs: number;
  readonly ended: boolean;
  readonly events: number;
}

export interface LogPage {
  readonly parts: readonly LogPart[];
  /** The time of its last row. */
  readonly lastAt: EpochMs;
  /** Where the next page begins; null after the last. */
  readonly next: LogPlace | null;
}

/** An execution's log, with what its playbook's path is found by. */
export interface StoredLog extends Omit<ExecutionLog, 'path'> {
  readonly catalogId: string | null;
}

/** Reads of the whole log, in pieces of a bounded size, through indexes. */
export interface RehearsalReader {
  /** The place before the first row that was written at or after a time. */
  logFrom(since: EpochMs): LogPlace;
  /** The next rows of the log up to a time, at most `limit`, one part an execution. */
  logPage(place: LogPlace, until: EpochMs, limit: number, options?: ReadOptions): Promise<LogPage>;
  /** How many rows each of these has, the transport's included, counted no further than `cap`. */
  logSizes(ids: readonly ExecutionId[], cap: number, options?: ReadOptions): Promise<ReadonlyMap<ExecutionId, number>>;
  /** All that these executions wrote, but for the transport's rows. The caller bounds how many rows that is. */
  logsOf(
    ids: readonly ExecutionId[],
    loadLagMs: number,
    options?: ReadOptions,
  ): Promise<ReadonlyMap<ExecutionId, StoredLog>>;
}

/** @internal */
export function rehearsalReader(context: StoreContext): RehearsalReader {
  const { tables } = context;
  return {
    logFrom: (since) => `${Math.floor(since * 1000)} 0 0`,

    logPage: (place, until, limit, options) =>
      readByIndex(context, options, async (transaction): Promise<LogPage> => {
        const [micros = '0', executionId = '0', eventId = '0'] = place.split(' ');
        await transaction.query(pageSettings());
        const rows = await transaction.query(logPage(tables, { micros, executionId, eventId }, until, limit));
        const edge = rows[0];
        if (!edge) return { parts: [], lastAt: until, next: null };
        const parts = rows.flatMap((row): LogPart[] =>
          row.execution_id === null
            ? []
            : [
                {
                  executionId: row.execution_id,
                  firstAt: row.first_at,
                  lastAt: row.last_at,
                  longestGapMs: row.longest_gap ?? 0,
                  ended: row.ended,
                  events: row.events,
                },
              ],
        );
        const next = `${edge.last_micros} ${edge.last_execution_id} ${edge.last_event_id}`;
        return { parts, lastAt: Number(edge.last_micros) / 1000, next: edge.page_rows < limit ? null : next };
      }),

    logSizes: (ids, cap, options) =>
      readByIndex(context, options, async (transaction) => {
        const sizes = new Map<ExecutionId, number>();
        for (const chunk of chunkedIds(ids)) {
          const rows = await transaction.query(rowCounts(tables, chunk, cap));
          for (const row of rows) sizes.set(row.execution_id, row.rows);
        }
        return sizes;
      }),

    logsOf: (ids, loadLagMs, options) =>
      readByIndex(context, options, async (transaction) => {
        const logs = new Map<ExecutionId, StoredLog>();
        for (const chunk of chunkedIds(ids)) {
          const rows = await transaction.query(logsOf(tables, chunk, loadLagMs));
          take(rows, logs);
        }
        return logs;
      }),
  };
}

type Mutable = Omit<StoredLog, 'parentExecutionId' | 'catalogId' | 'events'> & {
  parentExecutionId: string | null;
  catalogId: string | null;
  events: LogEvent[];
};

function take(rows: readonly LogRow[], logs: Map<ExecutionId, StoredLog>): void {
  for (const row of rows) {
    const log = (logs.get(row.execution_id) as Mutable | undefined) ?? emptyLog(row.execution_id);
    logs.set(row.execution_id, log);
    // Any row may name the parent, and others of the same execution hold NULL (event-store.md, "Parents").
    log.parentExecutionId ??= row.parent;
    log.catalogId ??= row.catalog_id;
    log.events.push(mapLogRow(row));
  }
}

const emptyLog = (executionId: ExecutionId): Mutable => ({
  executionId,
  parentExecutionId: null,
  catalogId: null,
  events: [],
});

const mapLogRow = (row: LogRow): LogEvent => ({
  ...mapEventSummary(row),
  commandId: row.command_id,
  resultCommandId: row.result_command_id,
  pendingCallback: row.parked === true,
  error: row.error,
  loaded:
    row.loaded_time !== null && row.loaded_at !== null ? { ingestTime: row.loaded_time, at: row.loaded_at } : null,
});

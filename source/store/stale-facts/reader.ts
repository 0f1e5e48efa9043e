import { COMMAND_CLAIMED, COMMAND_ISSUED, COMPLETED_TYPES, FAILED_TYPES } from '../../domain/event-types.js';
import type { EpochMs } from '../../domain/execution.js';
import { compareIds, type ExecutionId } from '../../domain/execution-id.js';
import { matchUnkeyedCompletions } from '../../domain/staleness/facts-from-events.js';
import type { Failure, OutstandingCommand, OwnFacts, RecentClaims } from '../../domain/staleness/stale-facts.js';
import { chunked, readAtOnce, readPieces, type StoreContext } from '../connection/context.js';
import type { Tables } from '../connection/tables.js';
import type { ReadOptions } from '../event-store.js';
import { naiveUtc, type Sql } from '../sql.js';
import { firstError } from './failures.js';
import { recentClaims } from './recent-claims.js';
import {
  factsSettings,
  type Long,
  MOST_ROWS,
  NEWEST_READ,
  type OpenCommandRow,
  type RecordedFactsRow,
  recordedFacts,
  SHORT,
  type UnkeyedRow,
} from './recorded-facts.js';
import { type RowCountRow, rowCounts } from './row-counts.js';

/** When an execution's rows reached the table, where all of them were written in one transaction. */
export interface Ingest {
  /** To the microsecond, ISO 8601 in UTC. */
  readonly ingestTime: string;
  readonly at: EpochMs;
  /** ingest_time minus created_at of the newest row, milliseconds; never negative. */
  readonly lagMs: number;
  readonly lastEventAt: EpochMs;
}

/** An execution's own part of the facts, from its rows; cohorts need more than one execution. */
export interface RecordedFacts extends Omit<OwnFacts, 'bulkLoad'> {
  readonly ingest: Ingest | null;
}

/** Reads that a diagnosis needs, for any number of executions in a bounded number of statements. */
export interface StaleFactsReader {
  /** What their own events say; executions without rows are absent. */
  recordedFacts(ids: readonly ExecutionId[], options?: ReadOptions): Promise<ReadonlyMap<ExecutionId, RecordedFacts>>;
  /** Executions that completed or failed (not: were cancelled) within so long by the database's clock; milliseconds. */
  finishedWithin(ms: number, options?: ReadOptions): Promise<ExecutionId[]>;
  /** The first failure that an execution's events hold; null where there is none. */
  firstErrorOf(id: ExecutionId, options?: ReadOptions): Promise<Failure | null>;
  /** Who claimed commands since a time, and how far the queue has come by that. */
  recentClaims(since: EpochMs, options?: ReadOptions): Promise<RecentClaims>;
  /**
   * Those of these executions whose ingest_time occurs in a row of another execution that was written near them: their
   * neighbours by created_at, which is the one way to such rows that an index covers.
   */
  loadedWithNeighbours(
    loads: readonly (Pick<Ingest, 'ingestTime' | 'lastEventAt'> & { readonly executionId: ExecutionId })[],
    options?: ReadOptions,
  ): Promise<ReadonlySet<ExecutionId>>;
}

/** Some 88 rows an execution are usual, MOST_ROWS are read: statements are made by rows, not by executions. */
const ROWS_A_STATEMENT = 100_000;
/** Planning over 17 partitions costs as much as the facts of some 150 executions, so statements are few. */
const IDS_A_STATEMENT = 2_000;
/** Rows are counted no further: what has more may have any number up to MOST_ROWS. */
const COUNT_CAP = 20_000;
/** So few executions of unknown length still end well within a statement's timeout: counting them is not worth a round trip. */
const FEW = 9;
/** So many are read without being counted, but for the long ones among them, which are read afterwards. */
const SHORT_A_STATEMENT = ROWS_A_STATEMENT / SHORT;

/** @internal */
export function staleFactsReader(context: StoreContext): StaleFactsReader {
  const { tables } = context;

  async function groupFacts({ ids, long }: Group, options?: ReadOptions): Promise<Map<ExecutionId, RecordedFacts>> {
    const statements = () => [factsSettings(), recordedFacts(tables, ids, long)] as const;
    const [, rows] = await readAtOnce(context, { ...options, byIndex: true }, statements);
    return new Map(rows.map((row) => [row.execution_id, mapFacts(row)]));
  }

  async function factsOf(ids: readonly ExecutionId[], options?: ReadOptions): Promise<Map<ExecutionId, RecordedFacts>> {
    if (ids.length === 0) return new Map();
    if (ids.length <= FEW) return groupFacts({ ids, long: 'cut' }, options);
    const counting = { ...options, byIndex: true };
    const { rows } = await readPieces(context, counting, chunked(ids), (chunk) => rowCounts(tables, chunk, COUNT_CAP));
    const found = new Map<ExecutionId, RecordedFacts>();
    for (const group of bySize(rows)) {
      for (const [id, facts] of await groupFacts(group, options)) found.set(id, facts);
    }
    return found;
  }

  return {
    async recordedFacts(ids, options) {
      // In their order, so that a statement is planned for few partitions.
      const wanted = [...new Set(ids)].sort(compareIds);
      if (wanted.length <= FEW || wanted.length > SHORT_A_STATEMENT) return factsOf(wanted, options);
      const short = await groupFacts({ ids: wanted, long: 'left-out' }, options);
      const rest = wanted.filter((id) => !short.has(id));
      return rest.length === 0 ? short : new Map([...short, ...(await factsOf(rest, options))]);
    },

    async finishedWithin(ms, options) {
      const [rows] = await readAtOnce(context, options, () => [finishedWithin(tables, ms)]);
      return rows.map((row) => row.execution_id);
    },

    async firstErrorOf(id, options) {
      const [[row]] = await readAtOnce(context, options, () => [firstError(tables, id)]);
      return row ? { type: row.event_type, node: row.node_name, at: row.at, text: row.text } : null;
    },

    async recentClaims(since, options) {
      const [[row]] = await readAtOnce(context, options, () => [recentClaims(tables, since)]);
      return {
        workers: new Set(row?.workers ?? []),
        newestIssue: row?.newest_issue ?? null,
        complete: row?.complete ?? false,
      };
    },

    async loadedWithNeighbours(loads, options) {
      const statement = (chunk: typeof loads) => loadedWithNeighbours(tables, chunk);
      const { rows } = await readPieces(context, options, chunked(loads), statement);
      return new Set(rows.map((row) => row.execution_id));
    },
  };
}

interface Group {
  readonly ids: readonly ExecutionId[];
  readonly long: Long;
}

/** Executions in statements of a bounded number of rows. */
function bySize(sizes: readonly RowCountRow[]): Group[] {
  const groups: { ids: ExecutionId[]; long: Long }[] = [];
  let room = 0;
  for (const { execution_id: id, rows: counted } of sizes) {
    const rows = counted < COUNT_CAP ? counted : MOST_ROWS;
    let group = groups.at(-1);
    if (!group || rows > room || group.ids.length >= IDS_A_STATEMENT) {
      group = { ids: [], long: 'none' };
      groups.push(group);
      room = ROWS_A_STATEMENT;
    }
    group.ids.push(id);
    if (counted > NEWEST_READ) group.long = 'cut';
    room -= rows;
  }
  return groups;
}

function mapFacts(row: RecordedFactsRow): RecordedFacts {
  const open = matchUnkeyedCompletions((row.open ?? []).map(openCommand), (row.loose_ends ?? []).map(unkeyed));
  const parked = matchUnkeyedCompletions((row.parked ?? []).map(openCommand), (row.loose_answers ?? []).map(unkeyed));
  const callback = parked.at(0);
  const { ingest_time: ingestTime, ingest_at: at } = row;
  return {
    newestOnly: row.is_cut ? NEWEST_READ : null,
    outstanding: open.map(
      (command): OutstandingCommand => ({
        commandKey: command.key,
        node: command.node,
        stage: command.type === COMMAND_ISSUED ? 'issued' : command.type === COMMAND_CLAIMED ? 'claimed' : 'started',
        workerId: command.workerId,
        eventType: command.type,
        at: command.at,
      }),
    ),
    pendingCallback: callback
      ? { commandKey: callback.key, node: callback.node, eventType: callback.type, at: callback.at }
      : null,
    lastFinished:
      row.finished_type !== null && row.finished_at !== null
        ? { type: row.finished_type, node: row.finished_node, at: row.finished_at }
        : null,
    lastFailure:
      row.failed_type !== null && row.failed_at !== null
        ? { type: row.failed_type, node: row.failed_node, at: row.failed_at, text: row.failed_text }
        : null,
    ingest:
      ingestTime !== null && at !== null && ingestTime === row.first_ingest_time
        ? { ingestTime, at, lagMs: Math.max(0, row.lag_ms ?? 0), lastEventAt: row.last_at }
        : null,
  };
}

const openCommand = (row: OpenCommandRow) => ({ ...row, eventId: row.event_id, workerId: row.worker });
const unkeyed = (row: UnkeyedRow) => ({
  node: row.node,
  workerId: row.worker,
  eventId: row.event_id,
  count: row.count,
});

/** Executions that completed or failed lately, through (created_at): the cost follows the new events alone. */
export function finishedWithin(tables: Tables, ms: number): Sql<{ execution_id: string }> {
  return {
    name: 'finished-within',
    text: `SELECT DISTINCT e.execution_id::text FROM (
    SELECT x.execution_id, x.event_type FROM ${tables.event} x
    WHERE x.created_at >= statement_timestamp() AT TIME ZONE 'UTC' - $1::float8 * interval '1 millisecond' OFFSET 0
  ) e WHERE e.event_type = ANY($2::text[])`,
    values: [ms, [...COMPLETED_TYPES, ...FAILED_TYPES]],
  };
}

/** Rows looked at on either side; rows that were loaded together lived together more often than not. */
const NEIGHBOURS = 128;

/**
 * Executions whose ingest_time occurs in a neighbouring row of another execution. No index covers ingest_time, and the
 * event table is never scanned; (created_at) leads to what was written about the same time.
 */
export function loadedWithNeighbours(
  tables: Tables,
  loads: readonly { executionId: string; ingestTime: string; lastEventAt: number }[],
): Sql<{ execution_id: string }> {
  const side = (comparison: string, order: string) => `
      (SELECT e.execution_id, e.ingest_time FROM ${tables.event} e
       WHERE e.created_at ${comparison} ${naiveUtc('i.at')} ORDER BY e.created_at ${order} LIMIT ${NEIGHBOURS})`;
  return {
    name: 'loaded-with-neighbours',
    text: `SELECT i.id::text AS execution_id
  FROM unnest($1::bigint[], $2::timestamptz[], $3::float8[]) AS i (id, ingest_time, at)
  WHERE EXISTS (SELECT FROM (${side('<=', 'DESC')} UNION ALL ${side('>', 'ASC')}) n
                WHERE n.execution_id <> i.id AND n.ingest_time = i.ingest_time)`,
    values: [
      loads.map((load) => load.executionId),
      loads.map((load) => load.ingestTime),
      loads.map((load) => load.lastEventAt),
    ],
  };
}

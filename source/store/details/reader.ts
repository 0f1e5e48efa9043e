import {
  CANCELLED_TYPES,
  COMMAND_COMPLETED,
  COMMAND_TYPES,
  COMPLETED_TYPES,
  FAILED_TYPES,
  TERMINAL_TYPES,
} from '../../domain/event-types.js';
import { CANCELLATION_COLUMNS, type CancellationRow, mapCancellations } from '../cancellations/records.js';
import { type CommandEventRow, mapCommandEvent } from '../commands.js';
import { chunkedIds, readAtOnce, readPieces, type StoreContext } from '../connection/context.js';
import type { Tables } from '../connection/tables.js';
import { endsOf } from '../executions/ends.js';
import { NOT_TRANSPORT } from '../executions/summaries.js';
import { epochMs, idBounds, type Sql, withinBounds } from '../sql.js';
import { type FirstErrorRow, firstError } from '../stale-facts/failures.js';
import type { ChildStatuses, CountedCommandEvent, DetailsReader, ExecutionDetails } from './types.js';

/**
 * Rows of children that are read of one parent. A Rust child names its parent once, a Python one several times. Each
 * child costs a probe for every way to end: 10,000 of them take a few tenths of a second.
 */
const CHILD_ROWS = 10_000;
/** Newest events in which the commands are looked for: more than an execution has in flight, and a few milliseconds. */
const COMMAND_WINDOW = 400;

interface ChildStatusRow {
  parent: string;
  all: number;
  completed: number;
  failed: number;
  cancelled: number;
  stale: number;
  rows: number;
}

/**
 * Direct children by status. As the lists have it, COMPLETED outranks FAILED outranks CANCELLED, and the transport's
 * rows do not count as activity.
 */
export function childStatuses(tables: Tables, ids: readonly string[], staleAfterMs: number): Sql<ChildStatusRow> {
  return {
    name: 'child-statuses',
    text: `SELECT i.id::text AS parent, count(*)::int AS "all", max(k.rows)::int AS rows,
    count(*) FILTER (WHERE k.completed)::int AS completed,
    count(*) FILTER (WHERE k.failed AND NOT k.completed)::int AS failed,
    count(*) FILTER (WHERE k.ends > 0 AND NOT k.completed AND NOT k.failed)::int AS cancelled,
    count(*) FILTER (WHERE k.silent)::int AS stale
  FROM unnest($1::bigint[]) AS i (id)
  CROSS JOIN LATERAL (
    SELECT d.rows, s.*, CASE WHEN s.ends = 0 THEN (
      SELECT e.created_at < (clock_timestamp() AT TIME ZONE 'UTC') - $5::float8 * interval '1 millisecond'
      FROM ${tables.event} e WHERE e.execution_id = d.execution_id AND ${NOT_TRANSPORT}
      ORDER BY e.event_id DESC LIMIT 1
    ) ELSE false END AS silent
    FROM (
      SELECT r.execution_id, sum(count(*)) OVER () AS rows FROM (
        SELECT e.execution_id FROM ${tables.event} e WHERE e.parent_execution_id = i.id LIMIT ${CHILD_ROWS}
      ) r GROUP BY r.execution_id OFFSET 0
    ) d
    CROSS JOIN LATERAL (
      SELECT count(*) AS ends, coalesce(bool_or(x.event_type = ANY($3::text[])), false) AS completed,
        coalesce(bool_or(x.event_type = ANY($4::text[])), false) AS failed
      FROM (${endsOf(tables, 'd.execution_id', '$2')}) x
    ) s
  ) k GROUP BY i.id`,
    values: [ids, TERMINAL_TYPES, COMPLETED_TYPES, FAILED_TYPES, staleAfterMs],
  };
}

/** The first cancel row of each kind, of some executions, the newest kind first; an execution of Rust has two kinds. */
export function cancellationsOf(tables: Tables, ids: readonly string[]): Sql<CancellationRow> {
  return {
    name: 'cancellations-of',
    text: `SELECT ${CANCELLATION_COLUMNS}
  FROM unnest($1::bigint[]) AS i (id)
  CROSS JOIN unnest($2::text[]) AS k (type)
  CROSS JOIN LATERAL (
    SELECT x.* FROM ${tables.event} x
    WHERE x.execution_id = i.id ${withinBounds('x.execution_id', '$3', '$4')} AND x.event_type = k.type
    ORDER BY x.event_id LIMIT 1
  ) e
  CROSS JOIN (SELECT NULL::text AS path) c
  ORDER BY e.event_id DESC`,
    values: [ids, CANCELLED_TYPES, ...idBounds(ids)],
  };
}

interface NewestCommandRow extends CommandEventRow {
  attempt: number | null;
  rows: number;
}

/**
 * The commands' rows among the newest events of each execution. All events of a stretch rather than the newest of each
 * type: of a command that was issued within it the end is within it too, so that none looks open that has ended. Rust's
 * `command.completed` repeats the command's id in result's context.
 */
export function newestCommandEvents(tables: Tables, ids: readonly string[]): Sql<NewestCommandRow> {
  return {
    name: 'newest-command-events',
    text: `SELECT w.execution_id::text, w.event_id::text, w.event_type, w.rows::int, w.node_name,
    coalesce(w.meta->>'command_id', CASE WHEN w.event_type = '${COMMAND_COMPLETED}'
      THEN w.result->'context'->>'command_id' END, w.command_id::text, w.node_name, '') AS command_key,
    coalesce(w.worker_id, w.meta->>'worker_id') AS worker,
    substring(w.meta->>'attempt' from '^[0-9]{1,6}$')::int AS attempt, ${epochMs('w.created_at')} AS at
  FROM (SELECT NULL::bigint AS command_id) absent
  CROSS JOIN unnest($1::bigint[]) AS i (id)
  CROSS JOIN LATERAL (
    SELECT n.*, count(*) OVER () AS rows FROM (
      SELECT x.execution_id, x.event_id, x.event_type, x.node_name, x.worker_id, x.meta, x.result, x.created_at, command_id
      FROM ${tables.event} x WHERE x.execution_id = i.id ${withinBounds('x.execution_id', '$3', '$4')}
      ORDER BY x.event_id DESC LIMIT ${COMMAND_WINDOW}
    ) n OFFSET 0
  ) w WHERE w.event_type = ANY($2::text[])
  ORDER BY w.event_id`,
    values: [ids, COMMAND_TYPES, ...idBounds(ids)],
  };
}

const NO_CHILDREN: ChildStatuses = {
  all: 0,
  live: 0,
  running: 0,
  stale: 0,
  completed: 0,
  failed: 0,
  cancelled: 0,
  isCapped: false,
};

export function detailsReader(context: StoreContext): DetailsReader {
  const { tables } = context;
  return {
    cancellationsOf: async (ids, options) => {
      const looking = { ...options, byIndex: true };
      const { rows } = await readPieces(context, looking, chunkedIds(ids), (chunk) => cancellationsOf(tables, chunk));
      return mapCancellations(rows, rows.length);
    },

    executionDetails: async (ids, { staleAfterMs, ...options }) => {
      const wanted = [...new Set(ids)];
      const [children, cancels, commands, ...errors] = await readAtOnce(
        context,
        { ...options, byIndex: true },
        (): readonly [Sql<ChildStatusRow>, Sql<CancellationRow>, Sql<NewestCommandRow>, ...Sql<FirstErrorRow>[]] => [
          childStatuses(tables, wanted, staleAfterMs),
          cancellationsOf(tables, wanted),
          newestCommandEvents(tables, wanted),
          ...wanted.map((id) => firstError(tables, id)),
        ],
      );
      const childrenOf = new Map(children.map((row) => [row.parent, mapChildren(row)]));
      const cancelOf = new Map(mapCancellations(cancels, cancels.length).map((one) => [one.executionId, one]));
      const commandsOf = new Map<string, NewestCommandRow[]>(wanted.map((id) => [id, []]));
      for (const row of commands) commandsOf.get(row.execution_id)?.push(row);
      return new Map(
        wanted.map((id, at): [string, ExecutionDetails] => {
          const own = commandsOf.get(id) ?? [];
          const error = errors[at]?.[0];
          return [
            id,
            {
              children: childrenOf.get(id) ?? NO_CHILDREN,
              cancellation: cancelOf.get(id) ?? null,
              firstError: error
                ? { type: error.event_type, node: error.node_name, at: error.at, text: error.text }
                : null,
              commands: own.map(mapCommand),
              hasAllCommands: (own[0]?.rows ?? 0) < COMMAND_WINDOW,
            },
          ];
        }),
      );
    },
  };
}

function mapChildren({ all, completed, failed, cancelled, stale, rows }: ChildStatusRow): ChildStatuses {
  const live = all - completed - failed - cancelled;
  return { all, live, running: live - stale, stale, completed, failed, cancelled, isCapped: rows >= CHILD_ROWS };
}

const mapCommand = (row: NewestCommandRow): CountedCommandEvent => ({
  ...mapCommandEvent(row),
  attempt: row.attempt,
});

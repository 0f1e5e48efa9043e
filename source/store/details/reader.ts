import { type CancellationRow, mapCancellations } from '../cancellations/records.js';
import { chunkedIds, readAtOnce, readPieces, type StoreContext } from '../connection/context.js';
import type { Sql } from '../sql.js';
import { type FirstErrorRow, firstError } from '../stale-facts/failures.js';
import {
  CHILD_ROWS,
  type ChildStatusRow,
  COMMAND_WINDOW,
  cancellationsOf,
  childStatuses,
  type NewestCommandRow,
  newestCommandEvents,
} from './statements.js';
import type { ChildStatuses, CountedCommandEvent, DetailsReader, ExecutionDetails } from './types.js';

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
  eventId: row.event_id,
  type: row.event_type,
  commandKey: row.command_key,
  node: row.node_name,
  workerId: row.worker,
  at: row.at,
  attempt: row.attempt,
});

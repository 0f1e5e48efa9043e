import type { CommandEvent } from '../domain/command-state.js';
import { COMMAND_TYPES } from '../domain/event-types.js';
import { chunkedIds, readPieces, type StoreContext } from './connection/context.js';
import type { Tables } from './connection/tables.js';
import type { CancellationStore } from './event-store.js';
import { epochMs, idBounds, type Sql, withinBounds } from './sql.js';

export interface CommandEventRow {
  execution_id: string;
  event_id: string;
  event_type: string;
  command_key: string;
  node_name: string | null;
  worker: string | null;
  at: number;
}

export const mapCommandEvent = (row: CommandEventRow): CommandEvent => ({
  eventId: row.event_id,
  type: row.event_type,
  commandKey: row.command_key,
  node: row.node_name,
  workerId: row.worker,
  at: row.at,
});

/** The events of executions' commands; those at or below an execution's bound are left out (0 for all). */
export function commandEvents(
  tables: Tables,
  ids: readonly string[],
  after: readonly string[],
  hasCommandId: boolean,
): Sql<CommandEventRow> {
  return {
    name: 'command-events',
    text: `SELECT e.* FROM unnest($1::bigint[], $2::bigint[]) AS i (id, after)
  CROSS JOIN LATERAL (
    SELECT x.execution_id::text, x.event_id::text, x.event_type,
      coalesce(x.meta->>'command_id', ${hasCommandId ? 'x.command_id::text, ' : ''}x.node_name, '') AS command_key, x.node_name,
      coalesce(x.worker_id, x.meta->>'worker_id') AS worker, ${epochMs('x.created_at')} AS at
    FROM ${tables.event} x
    WHERE x.execution_id = i.id ${withinBounds('x.execution_id', '$4', '$5')} AND x.event_type = ANY($3::text[]) AND x.event_id > i.after OFFSET 0
  ) e`,
    values: [ids, after, COMMAND_TYPES, ...idBounds(ids)],
  };
}

export function commandEventReader(context: StoreContext): Pick<CancellationStore, 'commandEvents'> {
  return {
    async commandEvents(ids, options) {
      const { command_id: hasCommandId } = await context.capabilities(options);
      const looking = { ...options, byIndex: true };
      const { rows } = await readPieces(context, looking, chunkedIds(ids), (chunk) => {
        const after = chunk.map((id) => options?.afterEventId?.get(id) ?? '0');
        return commandEvents(context.tables, chunk, after, hasCommandId);
      });
      const found = new Map<string, CommandEvent[]>();
      for (const row of rows) {
        const events = found.get(row.execution_id) ?? [];
        found.set(row.execution_id, events);
        events.push(mapCommandEvent(row));
      }
      return found;
    },
  };
}

import type { CommandEvent } from '../../domain/command-state.js';
import { chunkedIds, readByIndex, type StoreContext } from '../connection/context.js';
import type { CancellationStore } from '../event-store.js';
import { type CommandEventRow, commandEvents } from './statements.js';

export function commandEventReader(context: StoreContext): Pick<CancellationStore, 'commandEvents'> {
  return {
    async commandEvents(ids, options) {
      const { command_id: hasCommandId } = await context.capabilities(options);
      return readByIndex(context, options, async (transaction) => {
        const found = new Map<string, CommandEvent[]>();
        for (const chunk of chunkedIds(ids)) {
          const after = chunk.map((id) => options?.afterEventId?.get(id) ?? '0');
          const rows = await transaction.query<CommandEventRow & Record<string, unknown>>(
            commandEvents(context.tables, chunk, after, hasCommandId),
          );
          for (const row of rows) {
            const events = found.get(row.execution_id) ?? [];
            found.set(row.execution_id, events);
            events.push({
              eventId: row.event_id,
              type: row.event_type,
              commandKey: row.command_key,
              node: row.node_name,
              workerId: row.worker,
              at: row.at,
            });
          }
        }
        return found;
      });
    },
  };
}

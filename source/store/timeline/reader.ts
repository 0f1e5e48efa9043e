import { read, type StoreContext } from '../connection/context.js';
import type { TimelineReader } from '../event-store.js';
import { mapEvent } from '../row-mapping.js';
import { type EventRow, eventsPage } from './statements.js';

export function timelineReader(context: StoreContext): TimelineReader {
  return {
    eventsOf: (id, page, options) =>
      read(context, options, async (transaction) => {
        const rows = await transaction.query<EventRow & Record<string, unknown>>(eventsPage(context.tables, id, page));
        const events = rows.slice(0, page.limit).map((row) => mapEvent(row, page.payloads === true));
        if (page.after === undefined) events.reverse();
        return { events, hasMore: rows.length > page.limit };
      }),
  };
}

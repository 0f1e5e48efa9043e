import { readAtOnce, type StoreContext } from './connection/context.js';
import type { Tables } from './connection/tables.js';
import type { EventDetail, TimelineReader } from './event-store.js';
import { epochMs, type Sql } from './sql.js';

export interface EventRow {
  event_id: string;
  event_type: string;
  node_name: string | null;
  node_type: string | null;
  status: string | null;
  worker: string | null;
  command_id: string | null;
  duration: number | null;
  error: string | null;
  at: number;
  context?: unknown;
  result?: unknown;
  meta?: unknown;
}

/** One page of an execution's events in event_id order; one row more than the page holds tells whether more follow. */
export function eventsPage(
  tables: Tables,
  id: string,
  page: { after?: string; before?: string; limit: number; payloads?: boolean },
): Sql<EventRow> {
  const forwards = page.after !== undefined;
  const bound = page.after ?? page.before;
  const values: unknown[] = [id, page.limit + 1];
  if (bound !== undefined) values.push(bound);
  return {
    name: 'events-page',
    text: `SELECT e.event_id::text, e.event_type, e.node_name, e.node_type, e.status,
    coalesce(e.worker_id, e.meta->>'worker_id') AS worker, e.meta->>'command_id' AS command_id,
    e.duration, e.error, ${epochMs('e.created_at')} AS at
    ${page.payloads ? ', e.context, e.result, e.meta' : ''}
  FROM ${tables.event} e
  WHERE e.execution_id = $1::bigint ${bound === undefined ? '' : `AND e.event_id ${forwards ? '>' : '<'} $3::bigint`}
  ORDER BY e.event_id ${forwards ? 'ASC' : 'DESC'} LIMIT $2`,
    values,
  };
}

export function mapEvent(row: EventRow, payloads: boolean): EventDetail {
  return {
    eventId: row.event_id,
    type: row.event_type ?? '',
    node: row.node_name,
    nodeType: row.node_type,
    status: row.status,
    workerId: row.worker,
    commandId: row.command_id,
    durationMs: row.duration === null ? null : row.duration * 1000,
    error: row.error,
    at: row.at,
    payload: payloads ? { context: row.context ?? null, result: row.result ?? null, meta: row.meta ?? null } : null,
  };
}

export function timelineReader(context: StoreContext): TimelineReader {
  return {
    eventsOf: async (id, page, options) => {
      const [rows] = await readAtOnce(context, options, () => [eventsPage(context.tables, id, page)]);
      const events = rows.slice(0, page.limit).map((row) => mapEvent(row, page.payloads === true));
      if (page.after === undefined) events.reverse();
      return { events, hasMore: rows.length > page.limit };
    },
  };
}

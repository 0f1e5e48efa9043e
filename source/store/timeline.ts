import { readAtOnce, type StoreContext } from './connection/context.js';
import type { Tables } from './connection/tables.js';
import type { EventDetail, EventPageRequest, TimelineReader } from './event-store.js';
import { type EventSummaryRow, mapEventSummary } from './feed.js';
import { epochMs, type Sql } from './sql.js';

export interface EventRow extends EventSummaryRow {
  node_type: string | null;
  command_id: string | null;
  iteration: number | null;
  duration: number | null;
  error: string | null;
  context?: unknown;
  result?: unknown;
  meta?: unknown;
}

/** Characters of an error that stands in a result; one in the column is read whole. */
const RESULT_ERROR_LENGTH = 2_000;
/** The column `error`, else result's context.error: Rust writes only there. */
const ERROR = `coalesce(nullif(e.error, ''), left(e.result->'context'->>'error', ${RESULT_ERROR_LENGTH}))`;
const WORKER = `coalesce(e.worker_id, e.meta->>'worker_id')`;
const COMMAND = `e.meta->>'command_id'`;
/** Larger numbers are not an index of a loop, and would not be an integer. */
const ITERATION = `coalesce(e.current_index, CASE WHEN e.meta->>'iteration_index' ~ '^[0-9]{1,9}$' THEN (e.meta->>'iteration_index')::integer END)`;
/** domain/event-types.ts says the same. */
const IS_FAILURE = `(${ERROR} IS NOT NULL OR e.event_type ~ 'error|failed' OR e.status ~* '^(failed|error)$')`;
const WORDS = `concat_ws(' ', e.event_id, e.event_type, e.node_name, e.status, ${WORKER}, ${COMMAND}, ${ERROR})`;

/**
 * One page of an execution's events in event_id order; one row more than the page holds shows whether more follow. A
 * search reads on in the index until the page is full: at most the events of one execution.
 */
export function eventsPage(tables: Tables, id: string, page: EventPageRequest): Sql<EventRow> {
  const forwards = page.after !== undefined;
  const bound = page.after ?? page.before;
  const values: unknown[] = [id, page.limit + 1];
  const conditions = ['e.execution_id = $1::bigint'];
  if (bound !== undefined) conditions.push(`e.event_id ${forwards ? '>' : '<'} $${values.push(bound)}::bigint`);
  if (page.failuresOnly) conditions.push(IS_FAILURE);
  if (page.containing !== undefined) {
    conditions.push(`position(lower($${values.push(page.containing)}::text) IN lower(${WORDS})) > 0`);
  }
  return {
    name: 'events-page',
    text: `SELECT e.event_id::text, e.event_type, e.node_name, e.node_type, e.status,
    ${WORKER} AS worker, ${COMMAND} AS command_id, ${ITERATION} AS iteration,
    e.duration, ${ERROR} AS error, ${epochMs('e.created_at')} AS at
    ${page.payloads ? ', e.context, e.result, e.meta' : ''}
  FROM ${tables.event} e
  WHERE ${conditions.join(' AND ')}
  ORDER BY e.event_id ${forwards ? 'ASC' : 'DESC'} LIMIT $2`,
    values,
  };
}

export function mapEvent(row: EventRow, payloads: boolean): EventDetail {
  return {
    ...mapEventSummary(row),
    nodeType: row.node_type,
    commandId: row.command_id,
    iteration: row.iteration,
    durationMs: row.duration === null ? null : row.duration * 1000,
    error: row.error,
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

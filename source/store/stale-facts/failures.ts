import { COMMAND_FAILED, FAILED_TYPES } from '../../domain/event-types.js';
import type { Tables } from '../connection/tables.js';
import { epochMs, type Sql } from '../sql.js';

/** Characters of a failure's text that are read: enough for a sentence and a panel, whatever a row holds. */
export const FAILURE_TEXT_LENGTH = 2_000;

/**
 * The text of a failure: the column `error`, else result's context.error, a string or an object (Rust writes only
 * there). Source: event-store.md.
 *
 * @param row the alias of a row of the event table
 */
export const failureText = (row: string): string =>
  `left(coalesce(nullif(${row}.error, ''), ${row}.result->'context'->>'error'), ${FAILURE_TEXT_LENGTH})`;

export interface FirstErrorRow {
  event_id: string;
  event_type: string;
  node_name: string | null;
  at: number;
  text: string | null;
}

/** What a failure is written as; a failed step before the end that it leads to. */
const TYPES = ['call.error', COMMAND_FAILED, 'step_failed', ...FAILED_TYPES];

/** The first failure of one execution: one probe of (execution_id, event_type, event_id) for each type. */
export function firstError(tables: Tables, id: string): Sql<FirstErrorRow> {
  return {
    name: 'first-error',
    text: `SELECT f.event_id::text, f.event_type, f.node_name, ${epochMs('f.created_at')} AS at, ${failureText('f')} AS text
  FROM unnest($2::text[]) AS k (type)
  CROSS JOIN LATERAL (
    SELECT e.event_id, e.event_type, e.node_name, e.created_at, e.error, e.result FROM ${tables.event} e
    WHERE e.execution_id = $1::bigint AND e.event_type = k.type ORDER BY e.event_id LIMIT 1
  ) f ORDER BY f.event_id LIMIT 1`,
    values: [id, TYPES],
  };
}

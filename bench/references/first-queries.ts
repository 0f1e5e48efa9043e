import { START_TYPES, TERMINAL_TYPES } from '../../source/domain/event-types.js';
import type { Sql } from '../../source/store/sql.js';

/** The queries as they were first written, before they were tuned: what docs/decisions compares with. */

const EVENT = '"noetl".event';

export const firstActiveExecutions = (): Sql => ({
  name: 'active executions',
  text: `SELECT DISTINCT b.execution_id FROM ${EVENT} b
  WHERE b.event_type = ANY($1::text[])
    AND NOT EXISTS (SELECT FROM ${EVENT} t WHERE t.execution_id = b.execution_id AND t.event_type = ANY($2::text[]))`,
  values: [START_TYPES, TERMINAL_TYPES],
});

export const firstExecutionsById = (ids: readonly string[]): Sql => ({
  name: 'executions by id',
  text: `SELECT i.execution_id, l.event_id, s.event_type, ended.types
  FROM (SELECT unnest($3::bigint[]) AS execution_id) i
  CROSS JOIN LATERAL (SELECT e.* FROM ${EVENT} e WHERE e.execution_id = i.execution_id ORDER BY e.event_id DESC LIMIT 1) l
  LEFT JOIN LATERAL (SELECT e.* FROM ${EVENT} e
    WHERE e.execution_id = i.execution_id AND e.event_type = ANY($1::text[]) ORDER BY e.event_id LIMIT 1) s ON true
  LEFT JOIN LATERAL (SELECT e.created_at FROM ${EVENT} e
    WHERE s.event_type IS NULL AND e.execution_id = i.execution_id ORDER BY e.event_id LIMIT 1) f ON true
  LEFT JOIN LATERAL (SELECT e.parent_execution_id FROM (
    SELECT r.parent_execution_id FROM ${EVENT} r WHERE s.parent_execution_id IS NULL AND r.execution_id = i.execution_id
    ORDER BY r.event_id LIMIT 16) e WHERE e.parent_execution_id IS NOT NULL LIMIT 1) p ON true
  LEFT JOIN LATERAL (SELECT array_agg(e.event_type) AS types FROM (
    SELECT t.event_type FROM ${EVENT} t
    WHERE t.execution_id = i.execution_id AND t.event_type = ANY($2::text[]) OFFSET 0) e) ended ON true`,
  values: [START_TYPES, TERMINAL_TYPES, ids],
});

export const firstLinksBelow = (ids: readonly string[]): Sql => ({
  name: 'links below',
  text: `WITH RECURSIVE below (parent, child) AS (
    SELECT i.id, k.execution_id FROM unnest($1::bigint[]) AS i (id)
    CROSS JOIN LATERAL (SELECT DISTINCT e.execution_id FROM ${EVENT} e WHERE e.parent_execution_id = i.id OFFSET 0) k
    UNION
    SELECT b.child, k.execution_id FROM below b
    CROSS JOIN LATERAL (SELECT DISTINCT e.execution_id FROM ${EVENT} e WHERE e.parent_execution_id = b.child OFFSET 0) k
  ) SELECT parent::text, child::text FROM below`,
  values: [ids],
});

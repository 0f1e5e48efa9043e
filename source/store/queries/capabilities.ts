import type { Sql } from '../sql.js';

export interface CapabilityRow {
  event_table: boolean;
  prev_event_id: boolean;
  /** The column; newer installs only. */
  command_id: boolean;
  runtime_table: boolean;
}

const hasColumn = (column: string): string =>
  `bool_or(c.relname = 'event' AND EXISTS (SELECT FROM pg_catalog.pg_attribute a
      WHERE a.attrelid = c.oid AND a.attname = '${column}' AND NOT a.attisdropped)) IS TRUE`;

/** What this installation has: older ones lack columns or tables. */
export function capabilities(schema: string): Sql {
  return {
    name: 'capabilities',
    text: `SELECT bool_or(c.relname = 'event') IS TRUE AS event_table, bool_or(c.relname = 'runtime') IS TRUE AS runtime_table,
    ${hasColumn('prev_event_id')} AS prev_event_id, ${hasColumn('command_id')} AS command_id
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = $1 AND c.relname IN ('event', 'runtime')`,
    values: [schema],
  };
}

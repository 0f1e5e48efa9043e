import type { Sql } from '../sql.js';

export interface CapabilityRow {
  event_table: boolean;
  prev_event_id: boolean;
  /** The column; newer installs only. */
  command_id: boolean;
  /** True where the table is there and may be read; without it, workers' liveness is unknown. */
  runtime_table: boolean;
}

const hasColumn = (column: string): string =>
  `bool_or(c.relname = 'event' AND EXISTS (SELECT FROM pg_catalog.pg_attribute a
      WHERE a.attrelid = c.oid AND a.attname = '${column}' AND NOT a.attisdropped)) IS TRUE`;

/** What this installation has: older ones lack columns or tables, and some users may not read all of them. */
export function capabilities(schema: string): Sql {
  return {
    name: 'capabilities',
    text: `SELECT bool_or(c.relname = 'event') IS TRUE AS event_table,
    bool_or(c.relname = 'runtime' AND pg_catalog.has_table_privilege(c.oid, 'SELECT')) IS TRUE AS runtime_table,
    ${hasColumn('prev_event_id')} AS prev_event_id, ${hasColumn('command_id')} AS command_id
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = $1 AND c.relname IN ('event', 'runtime')`,
    values: [schema],
  };
}

export interface PrivilegeRow {
  user_name: string;
  schema_exists: boolean;
  schema_usage: boolean;
  tables: { name: string; canSelect: boolean; canInsert: boolean }[];
}

/** What this user may do with NoETL's tables; asked when something was refused. */
export function privileges(schema: string): Sql {
  return {
    name: 'privileges',
    text: `SELECT current_user::text AS user_name, n.oid IS NOT NULL AS schema_exists,
    coalesce(pg_catalog.has_schema_privilege(n.oid, 'USAGE'), false) AS schema_usage,
    coalesce((SELECT json_agg(json_build_object('name', c.relname,
        'canSelect', pg_catalog.has_table_privilege(c.oid, 'SELECT'),
        'canInsert', pg_catalog.has_table_privilege(c.oid, 'INSERT'))
        ORDER BY c.relname <> 'event', c.relname)
      FROM pg_catalog.pg_class c WHERE c.relnamespace = n.oid AND c.relname IN ('event', 'catalog', 'runtime')
        AND c.relkind IN ('r', 'p', 'v', 'm', 'f')), '[]'::json) AS tables
  FROM (SELECT) one LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = $1`,
    values: [schema],
  };
}

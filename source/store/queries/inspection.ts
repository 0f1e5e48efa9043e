import type { Sql } from '../sql.js';

export interface ServerRow {
  version: string;
  now_ms: number;
  read_only: boolean;
  in_recovery: boolean;
  encrypted: boolean | null;
  schema_exists: boolean;
  schema_usage: boolean;
  rights: string[];
}

/** The server, its clock, and whether it can be written to; nothing here needs NoETL's tables. */
export const server = (schema: string): Sql => ({
  name: 'inspect-server',
  text: `SELECT current_setting('server_version') AS version,
    (extract(epoch from clock_timestamp()) * 1000)::float8 AS now_ms,
    current_setting('default_transaction_read_only') = 'on' AS read_only,
    pg_catalog.pg_is_in_recovery() AS in_recovery,
    (SELECT ssl FROM pg_catalog.pg_stat_ssl WHERE pid = pg_catalog.pg_backend_pid()) AS encrypted,
    ARRAY(SELECT CASE WHEN m.rolsuper THEN 'superuser' ELSE g.rolname::text END
      FROM pg_catalog.pg_roles m CROSS JOIN pg_catalog.pg_roles g
      WHERE m.rolname = current_user AND pg_catalog.pg_has_role(m.oid, g.oid, 'MEMBER')
        AND g.rolname IN ('pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program')
      GROUP BY 1 ORDER BY 1) AS rights,
    n.oid IS NOT NULL AS schema_exists,
    n.oid IS NOT NULL AND pg_catalog.has_schema_privilege(n.oid, 'USAGE') AS schema_usage
  FROM (SELECT) one LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = $1`,
  values: [schema],
});

export interface TableRow {
  name: string;
  partitions: number;
  columns: string[];
  can_select: boolean;
  can_insert: boolean;
}

/** NoETL's tables as this user may use them. */
export const tables = (schema: string, names: readonly string[]): Sql => ({
  name: 'inspect-tables',
  text: `SELECT c.relname AS name,
    (SELECT count(*)::int FROM pg_catalog.pg_inherits i WHERE i.inhparent = c.oid) AS partitions,
    ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute a
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum) AS columns,
    pg_catalog.has_table_privilege(c.oid, 'SELECT') AS can_select,
    pg_catalog.has_table_privilege(c.oid, 'INSERT') AS can_insert
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = $1 AND c.relname = ANY($2) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')`,
  values: [schema, names],
});

export interface IndexRow {
  /** In the index's order; an expression is null. */
  columns: (string | null)[];
  partial: boolean;
}

/** The valid indexes of one table, by what they hold. */
export const indexes = (schema: string, table: string): Sql => ({
  name: 'inspect-indexes',
  text: `SELECT i.indpred IS NOT NULL AS partial,
    ARRAY(SELECT a.attname::text FROM unnest(i.indkey[0:i.indnkeyatts - 1]) WITH ORDINALITY AS k(attnum, place)
      LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum AND k.attnum > 0
      ORDER BY k.place) AS columns
  FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = $1 AND c.relname = $2 AND i.indisvalid`,
  values: [schema, table],
});

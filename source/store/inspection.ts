import { capabilities } from './connection/capabilities.js';
import { Pools } from './connection/pools.js';
import type { ConnectionSettings } from './connection/settings.js';
import { type Tables, tablesIn } from './connection/tables.js';
import { epochMs, type Sql } from './sql.js';

/** What a database is like, for `doctor`: facts only, no judgement. */
export interface DatabaseFacts {
  readonly server: {
    readonly version: string;
    /** The database's clock, milliseconds since 1970, and this process's clock at the same moment. */
    readonly clock: number;
    readonly localClock: number;
    readonly readOnly: boolean;
    readonly inRecovery: boolean;
    readonly encrypted: boolean | null;
    /** What the user may do beyond tables: `superuser`, or the roles that reach the server's files and programs. */
    readonly rights: readonly string[];
  };
  readonly schema: { readonly exists: boolean; readonly usable: boolean };
  /** Those of NoETL's tables that are there. */
  readonly tables: readonly {
    readonly name: string;
    readonly partitions: number;
    readonly columns: readonly string[];
    readonly canSelect: boolean;
    readonly canInsert: boolean;
  }[];
  /** Of the event table, without partial ones; columns in their order, expressions as null. */
  readonly eventIndexes: readonly (readonly (string | null)[])[];
}

const TABLES = ['event', 'catalog', 'runtime'];
const TIMEOUT_MS = 15_000;

/** Reads what a database is like on a connection of its own. Throws StoreError. */
export async function inspectDatabase(settings: ConnectionSettings, signal?: AbortSignal): Promise<DatabaseFacts> {
  const pools = new Pools(settings, { polling: 1, acting: 1, checking: 1 });
  try {
    return await pools.read('acting', { timeoutMs: TIMEOUT_MS, signal }, async (transaction) => {
      const asked = Date.now();
      const [row] = await transaction.query(server(settings.schema));
      const answered = Date.now();
      if (!row) throw new Error('the server described itself in no row');
      const found = await transaction.query(tables(settings.schema, TABLES));
      const known = await transaction.query(indexes(settings.schema, 'event'));
      return {
        server: {
          version: row.version,
          clock: row.now_ms,
          localClock: (asked + answered) / 2,
          readOnly: row.read_only,
          inRecovery: row.in_recovery,
          encrypted: row.encrypted,
          rights: row.rights,
        },
        schema: { exists: row.schema_exists, usable: row.schema_usage },
        tables: found.map(({ name, partitions, columns, can_select, can_insert }) => ({
          name,
          partitions,
          columns,
          canSelect: can_select,
          canInsert: can_insert,
        })),
        eventIndexes: known.filter((index) => !index.partial).map((index) => index.columns),
      };
    });
  } finally {
    await pools.close();
  }
}

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
export const server = (schema: string): Sql<ServerRow> => ({
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
export const tables = (schema: string, names: readonly string[]): Sql<TableRow> => ({
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
export const indexes = (schema: string, table: string): Sql<IndexRow> => ({
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

/** How the newest events reached the table, for `doctor`. */
export interface LogFacts {
  /** How many were looked at; at most 200. */
  readonly rows: number;
  /** From an event's making to its insert, the median in milliseconds; null for an empty table. */
  readonly medianLagMs: number | null;
  /** Null where this install does not chain its rows. */
  readonly chain: {
    /** Rows that name no predecessor and begin nothing. */
    readonly unchained: number;
    /** Predecessors that two rows of one execution name: one of the two did not come through the server. */
    readonly forks: number;
  } | null;
}

const NEWEST = 200;
const LOG_FACTS_TIMEOUT_MS = 15_000;

/** Reads how the newest events reached the table, on a connection of its own. Throws StoreError. */
export async function readLogFacts(settings: ConnectionSettings, signal?: AbortSignal): Promise<LogFacts> {
  const pools = new Pools(settings, { polling: 1, acting: 1, checking: 1 });
  try {
    return await pools.read('acting', { timeoutMs: LOG_FACTS_TIMEOUT_MS, signal }, async (transaction) => {
      const [has] = await transaction.query(capabilities(settings.schema));
      const hasChain = has?.prev_event_id === true;
      const [row] = await transaction.query(logFacts(tablesIn(settings.schema), NEWEST, hasChain));
      return {
        rows: row?.rows ?? 0,
        medianLagMs: row?.median_lag_ms ?? null,
        chain: hasChain ? { unchained: row?.unchained ?? 0, forks: row?.forks ?? 0 } : null,
      };
    });
  } finally {
    await pools.close();
  }
}

interface LogFactsRow {
  rows: number;
  median_lag_ms: number | null;
  unchained: number;
  forks: number;
}

/**
 * What the newest events show of how they got here: how long after their making they were inserted, and whether each
 * names its predecessor. Reads the end of the index on created_at.
 */
export function logFacts(tables: Tables, newest: number, hasPrevEventId: boolean): Sql<LogFactsRow> {
  const previous = hasPrevEventId ? 'e.prev_event_id' : 'NULL::bigint';
  return {
    name: 'log-facts',
    text: `WITH newest AS MATERIALIZED (
    SELECT e.execution_id, e.event_type, ${previous} AS previous,
      (extract(epoch from e.ingest_time) * 1000)::float8 - ${epochMs('e.created_at')} AS lag_ms
    FROM ${tables.event} e ORDER BY e.created_at DESC LIMIT $1
  )
  SELECT count(*)::int AS rows,
    (percentile_cont(0.5) WITHIN GROUP (ORDER BY n.lag_ms))::float8 AS median_lag_ms,
    (count(*) FILTER (WHERE n.previous IS NULL AND n.event_type NOT IN ('playbook_started', 'playbook.initialized')))::int
      AS unchained,
    (SELECT count(*)::int FROM (SELECT FROM newest p WHERE p.previous IS NOT NULL
      GROUP BY p.execution_id, p.previous HAVING count(*) > 1) f) AS forks
  FROM newest n`,
    values: [newest],
  };
}

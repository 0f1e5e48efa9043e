import { quoteIdentifier, type Sql } from '../sql.js';

/** Statements whose result a cursor can fetch a part of; EXPLAIN and SHOW answer with few rows. */
const CURSOR_WORDS = ['SELECT', 'WITH', 'VALUES', 'TABLE'];

/** Statements that read. */
export const READING_WORDS: readonly string[] = [...CURSOR_WORDS, 'EXPLAIN', 'SHOW'];

/**
 * What EXPLAIN may explain. PostgreSQL 18 lets EXPLAIN ANALYZE CREATE TABLE AS, and SELECT INTO, run in a READ ONLY
 * transaction; the rollback undoes them, but they are not reads.
 */
export const mayBeExplained = (word: string, into: boolean): boolean => CURSOR_WORDS.includes(word) && !into;

/** A predefined role (PostgreSQL 14) that may read every table and neither files nor programs. */
const READS_ALL = 'pg_read_all_data';

/**
 * Opens the transaction. Everything is LOCAL, so the ROLLBACK at the end undoes it; the zone and the styles make a
 * result the same text wherever the server and the client are set to live. The search path holds what the check of the
 * names (reach.ts) looks at, and nothing else. Rights are given up before the statement is seen: for the role that
 * is configured, else, by a superuser, for one that may only read. The savepoint is where endReadOnly() goes back to.
 */
export function beginReadOnly(timeoutMs: number, schema: string, role: string | null): Sql {
  const own = `CASE WHEN (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = current_user)
      AND EXISTS (SELECT FROM pg_catalog.pg_roles g WHERE g.rolname = '${READS_ALL}')
    THEN '${READS_ALL}' ELSE pg_catalog.current_setting('role') END`;
  return {
    name: 'begin-read-only',
    text: `BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY; SET LOCAL statement_timeout = ${Math.max(1, Math.ceil(timeoutMs))};
  SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL IntervalStyle = 'postgres';
  SET LOCAL extra_float_digits = 1; SET LOCAL bytea_output = 'hex'; SET LOCAL standard_conforming_strings = on;
  SET LOCAL search_path = pg_catalog, ${quoteIdentifier(schema)}, pg_temp; SET LOCAL row_security = on;
  SELECT pg_catalog.set_config('role', ${role === null ? own : literal(role)}, true);
  SAVEPOINT noetl_console`,
    values: [],
  };
}

/**
 * Ends it, also after an error. Advisory locks of the session outlive a transaction: behind a pooler they would stay on
 * a server connection that others get next.
 */
export const endReadOnly = (): Sql => ({
  name: 'end-read-only',
  text: 'ROLLBACK TO SAVEPOINT noetl_console; SELECT pg_catalog.pg_advisory_unlock_all(); ROLLBACK',
  values: [],
});

/** The same string whether or not the server takes backslashes in plain strings for escapes. */
const literal = (text: string): string => `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;

/** Where the result can be fetched in part, a cursor over the statement; else the statement as it is. */
export function statementOf(sql: string, first: string): { sql: Sql<(string | null)[]>; cursor: boolean } {
  const cursor = CURSOR_WORDS.includes(first);
  const text = cursor ? `DECLARE noetl_console NO SCROLL CURSOR WITHOUT HOLD FOR ${sql}` : sql;
  return { sql: { name: 'statement', text, values: [] }, cursor };
}

export const fetchRows = (count: number): Sql<(string | null)[]> => ({
  name: 'fetch-rows',
  text: `FETCH FORWARD ${Math.trunc(count)} FROM noetl_console`,
  values: [],
});

/**
 * What format_type() calls the types that most columns have, by their oids, which PostgreSQL never changes
 * (src/include/catalog/pg_type.dat): asking for them would cost a round trip.
 */
export const TYPE_NAMES: ReadonlyMap<number, string> = new Map([
  [16, 'boolean'],
  [20, 'bigint'],
  [21, 'smallint'],
  [23, 'integer'],
  [25, 'text'],
  [114, 'json'],
  [700, 'real'],
  [701, 'double precision'],
  [1043, 'character varying'],
  [1082, 'date'],
  [1114, 'timestamp without time zone'],
  [1184, 'timestamp with time zone'],
  [1186, 'interval'],
  [1700, 'numeric'],
  [2950, 'uuid'],
  [3802, 'jsonb'],
]);

/** Names of types by their oids. */
export const typeNames = (oids: readonly number[]): Sql<[oid: string, name: string]> => ({
  name: 'type-names',
  text: 'SELECT o::text AS oid, pg_catalog.format_type(o, NULL) AS name FROM unnest($1::oid[]) AS t (o)',
  values: [oids],
});

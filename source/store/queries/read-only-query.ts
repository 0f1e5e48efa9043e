import { quoteIdentifier, type Sql } from '../sql.js';

/** Statements whose result a cursor can fetch a part of; EXPLAIN and SHOW answer with few rows. */
const CURSOR_WORDS = ['SELECT', 'WITH', 'VALUES', 'TABLE'];

/** Statements that read. */
export const READING_WORDS: readonly string[] = [...CURSOR_WORDS, 'EXPLAIN', 'SHOW'];

/**
 * What EXPLAIN may explain. PostgreSQL 18 lets EXPLAIN ANALYZE CREATE TABLE AS, and SELECT INTO, run in a READ ONLY
 * transaction; the rollback undoes them, but they are no reads.
 */
export const mayBeExplained = (word: string, into: boolean): boolean => CURSOR_WORDS.includes(word) && !into;

/**
 * Functions that PostgreSQL calls VOLATILE and that change nothing: clocks, chance, sizes, positions. Every other
 * volatile function is refused: a READ ONLY transaction does not stop pg_terminate_backend, pg_advisory_lock,
 * set_config, pg_read_file, dblink, lo_export or query_to_xml, and a list of the bad ones would never be complete.
 */
const HARMLESS_VOLATILE = [
  'clock_timestamp',
  'timeofday',
  'random',
  'random_normal',
  'gen_random_uuid',
  'uuidv4',
  'uuidv7',
  'pg_sleep',
  'pg_relation_size',
  'pg_table_size',
  'pg_indexes_size',
  'pg_total_relation_size',
  'pg_database_size',
  'pg_tablespace_size',
  'pg_size_pretty',
  'pg_blocking_pids',
  'pg_current_wal_lsn',
  'pg_last_wal_receive_lsn',
  'pg_last_wal_replay_lsn',
  'pg_last_xact_replay_timestamp',
  'pg_is_in_recovery',
];

/**
 * Opens the transaction. Everything is LOCAL, so the ROLLBACK at the end undoes it; the zone and the styles make a
 * result the same text wherever the server and the client are set to live.
 */
export function beginReadOnly(timeoutMs: number): Sql {
  return {
    name: 'begin-read-only',
    text: `BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY; SET LOCAL statement_timeout = ${Math.max(1, Math.ceil(timeoutMs))};
  SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL IntervalStyle = 'postgres';
  SET LOCAL extra_float_digits = 1; SET LOCAL bytea_output = 'hex'; SET LOCAL standard_conforming_strings = on`,
    values: [],
  };
}

/** Which of these names are functions with effects, as PostgreSQL's own catalog has it. */
export function volatileFunctions(names: readonly string[]): Sql {
  return {
    name: 'volatile-functions',
    text: `SELECT DISTINCT p.proname AS name FROM pg_catalog.pg_proc p
  WHERE p.proname = ANY($1::text[]) AND p.provolatile = 'v' AND p.proname <> ALL($2::text[]) ORDER BY 1`,
    values: [names, HARMLESS_VOLATILE],
  };
}

/** Where the result can be fetched in part, a cursor over the statement; else the statement as it is. */
export function statementOf(sql: string, first: string): { sql: Sql; cursor: boolean } {
  const cursor = CURSOR_WORDS.includes(first);
  const text = cursor ? `DECLARE noetl_console NO SCROLL CURSOR WITHOUT HOLD FOR ${sql}` : sql;
  return { sql: { name: 'statement', text, values: [] }, cursor };
}

export const fetchRows = (count: number): Sql => ({
  name: 'fetch-rows',
  text: `FETCH FORWARD ${Math.trunc(count)} FROM noetl_console`,
  values: [],
});

/** Names of types by their oids. */
export const typeNames = (oids: readonly number[]): Sql => ({
  name: 'type-names',
  text: 'SELECT o::text AS oid, pg_catalog.format_type(o, NULL) AS name FROM unnest($1::oid[]) AS t (o)',
  values: [oids],
});

/** The schema that unqualified names belong to, until the transaction ends. */
export const localSearchPath = (schema: string): Sql => ({
  name: 'local-search-path',
  text: "SELECT set_config('search_path', $1, true)",
  values: [quoteIdentifier(schema)],
});

import type { Sql } from '../sql.js';
import type { SqlName } from './sql-statement.js';

/**
 * Functions that PostgreSQL calls VOLATILE and that change nothing: clocks, chance, sizes, positions. Every other
 * volatile function is refused: a READ ONLY transaction does not stop pg_terminate_backend, pg_advisory_lock,
 * set_config, pg_read_file, dblink, lo_export or query_to_xml, and a list of the bad ones would never be complete.
 */
const HARMLESS_VOLATILE = [
  ...['clock_timestamp', 'timeofday', 'random', 'random_normal', 'gen_random_uuid', 'uuidv4', 'uuidv7', 'pg_sleep'],
  ...['pg_relation_size', 'pg_table_size', 'pg_indexes_size', 'pg_total_relation_size', 'pg_database_size'],
  ...['pg_tablespace_size', 'pg_size_pretty', 'pg_blocking_pids', 'pg_current_wal_lsn', 'pg_last_wal_receive_lsn'],
  ...['pg_last_wal_replay_lsn', 'pg_last_xact_replay_timestamp', 'pg_is_in_recovery'],
];

/**
 * Functions that PostgreSQL calls STABLE and that run what a text names (a table's view, a domain's check), or take a
 * transaction id.
 */
const INDIRECT = [
  ...['table_to_xml', 'table_to_xml_and_xmlschema', 'schema_to_xml', 'schema_to_xml_and_xmlschema'],
  ...['database_to_xml', 'database_to_xml_and_xmlschema', 'pg_input_is_valid', 'pg_input_error_info'],
  ...['txid_current', 'pg_current_xact_id'],
];

/** Whoever holds one of these can read or write the server's files, or run programs there. */
const FILE_ROLES = ['pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program'];

/** Objects below this oid came with PostgreSQL (FirstNormalObjectId, src/include/access/transam.h). */
const FIRST_OWN = 16384;

/** `effect`: may change something; `own`: the database's own code; `foreign`: another server's; `risk`: a right. */
export type ReachKind = 'effect' | 'own' | 'foreign' | 'risk';

/** The functions named in a stored expression tree, by their oids. */
const inTree = (tree: string): string =>
  `SELECT coalesce(o.oprcode::oid, m.found[2]::oid) FROM regexp_matches(${tree}::text,
    ':(funcid|opfuncid|aggfnoid|winfnoid|opno) ([0-9]+)', 'g') AS m (found)
    LEFT JOIN pg_catalog.pg_operator o ON m.found[1] = 'opno' AND o.oid = m.found[2]::oid`;

/**
 * What a statement with these names would run that came not with PostgreSQL or has effects, wherever it hides: functions
 * and aggregates, operators of the schema, casts, checks of domains, and all of these in the views that it reaches.
 * The transaction's search path is pg_catalog and NoETL's schema, so that a name without a schema is looked for there
 * alone. Names are taken for whatever they could mean; a statement may be refused that would not have run it.
 *
 * Code in C that is not VOLATILE passes: only superusers can make such functions, and extensions' types live on them.
 */
export function queryReach(
  schema: string,
  statement: { readonly names: readonly SqlName[]; readonly operators: string },
): Sql<[kind: ReachKind, name: string]> {
  const { names, operators } = statement;
  return {
    name: 'query-reach',
    text: `WITH RECURSIVE named AS MATERIALIZED (
    SELECT DISTINCT w.name, w.use, n.oid AS nsp, n.nspname
    FROM unnest($1::text[], $2::text[], $3::text[]) AS w (schema, name, use)
    JOIN pg_catalog.pg_namespace n ON CASE WHEN w.schema IS NULL OR w.schema = 'pg_temp'
      THEN (w.schema IS NULL AND n.nspname IN ('pg_catalog', $4)) OR n.oid = pg_catalog.pg_my_temp_schema()
      ELSE n.nspname = w.schema END
  ), relation AS (
    SELECT c.oid FROM named x JOIN pg_catalog.pg_class c ON c.relnamespace = x.nsp AND c.relname = x.name
    WHERE x.use <> 'attribute' AND c.oid >= ${FIRST_OWN}
    UNION
    SELECT d.refobjid FROM relation r JOIN pg_catalog.pg_rewrite w ON w.ev_class = r.oid
    JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = w.oid
      AND d.refclassid = 'pg_catalog.pg_class'::regclass
    WHERE d.refobjid >= ${FIRST_OWN}
  ), type AS (
    SELECT t.oid, t.typbasetype FROM pg_catalog.pg_type t WHERE t.oid >= ${FIRST_OWN} AND t.oid IN (
      SELECT y.oid FROM named x JOIN pg_catalog.pg_type y ON y.typnamespace = x.nsp AND y.typname = x.name
      UNION SELECT a.atttypid FROM relation r JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid WHERE a.attnum > 0)
    UNION
    SELECT b.oid, b.typbasetype FROM type t JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype
    WHERE b.oid >= ${FIRST_OWN}
  ), ran (oid) AS (
    SELECT p.oid FROM named x JOIN pg_catalog.pg_proc p ON p.pronamespace = x.nsp AND p.proname = x.name
    WHERE x.use = 'call' OR (x.use = 'attribute' AND p.pronargs > 0)
    UNION
    SELECT o.oprcode FROM pg_catalog.pg_operator o JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace
    WHERE o.oid >= ${FIRST_OWN} AND n.nspname IN ('pg_catalog', $4) AND position(o.oprname::text IN $5) > 0
    UNION
    SELECT c.castfunc FROM pg_catalog.pg_cast c WHERE c.castfunc >= ${FIRST_OWN} AND (
      (c.castsource < ${FIRST_OWN} AND c.casttarget < ${FIRST_OWN})
      OR EXISTS (SELECT FROM type t WHERE t.oid IN (c.castsource, c.casttarget)))
    UNION
    SELECT f.oid FROM type t JOIN pg_catalog.pg_constraint k ON k.contypid = t.oid
    CROSS JOIN LATERAL (${inTree('k.conbin')}) AS f (oid)
    UNION
    SELECT f.oid FROM relation r JOIN pg_catalog.pg_class c ON c.oid = r.oid AND c.relkind = 'v'
    JOIN pg_catalog.pg_rewrite w ON w.ev_class = r.oid CROSS JOIN LATERAL (${inTree('w.ev_action')}) AS f (oid)
  ), code AS (
    SELECT p.oid, p.proname::text AS name, n.nspname::text AS nsp, p.provolatile = 'v' AS volatile,
      p.oid < ${FIRST_OWN} AS given,
      EXISTS (SELECT FROM pg_catalog.pg_proc q JOIN pg_catalog.pg_language l ON l.oid = q.prolang AND l.lanname = 'c'
        WHERE q.oid = p.oid AND q.proname !~ '^dblink')
      OR (p.prokind = 'a' AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_aggregate a JOIN pg_catalog.pg_proc q ON q.oid IN (a.aggtransfn, a.aggfinalfn,
          a.aggcombinefn, a.aggserialfn, a.aggdeserialfn, a.aggmtransfn, a.aggminvtransfn, a.aggmfinalfn)
        JOIN pg_catalog.pg_language l ON l.oid = q.prolang
        WHERE a.aggfnoid = p.oid AND (q.provolatile = 'v' OR (q.oid >= ${FIRST_OWN} AND l.lanname <> 'c')))) AS in_c
    FROM ran JOIN pg_catalog.pg_proc p ON p.oid = ran.oid JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
  )
  SELECT DISTINCT 'effect' AS kind, CASE WHEN c.nsp = 'pg_catalog' THEN '' ELSE c.nsp || '.' END || c.name AS name
  FROM code c WHERE (c.volatile AND NOT (c.given AND c.name = ANY($6::text[]))) OR (c.given AND c.name = ANY($7::text[]))
  UNION SELECT 'own', c.nsp || '.' || c.name FROM code c WHERE NOT (c.given OR c.volatile OR c.in_c)
  UNION SELECT 'foreign', n.nspname || '.' || c.relname FROM relation r JOIN pg_catalog.pg_class c ON c.oid = r.oid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'f' AND n.nspname <> $4
  UNION SELECT 'risk', CASE WHEN m.rolsuper THEN 'superuser' ELSE g.rolname::text END
    FROM pg_catalog.pg_roles m CROSS JOIN pg_catalog.pg_roles g
    WHERE m.rolname = current_user AND g.rolname = ANY($8::text[]) AND pg_catalog.pg_has_role(m.oid, g.oid, 'MEMBER')
  ORDER BY 1, 2`,
    values: [
      names.map((name) => name.schema),
      names.map((name) => name.name),
      names.map((name) => name.use),
      schema,
      operators,
      HARMLESS_VOLATILE,
      INDIRECT,
      FILE_ROLES,
    ],
  };
}

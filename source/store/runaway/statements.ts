import { COMMAND_CLAIMED, COMMAND_ISSUED, COMMAND_STARTED, START_TYPES } from '../../domain/event-types.js';
import type { Tables } from '../connection/tables.js';
import { epochMs, type Sql } from '../sql.js';

/** Steps and repeated commands that one execution may send. */
const STEPS_AN_EXECUTION = 200;
const COMMANDS_AN_EXECUTION = 20;
/** An index entry of a playbook's name is its start, or one of few other rows of that run: its end, its workflow's. */
const ROWS_A_RUN = 4;
/** Newest events from which a rate is made. */
const PACE_ROWS = 1000;

/** What a loop may announce and still be believed to be a number of iterations. */
const WHOLE = '^[0-9]{1,9}$';

export interface StepIssuesRow {
  execution_id: string;
  node: string | null;
  issued: number;
  first_at: number;
  announced: number | null;
  iteration: number | null;
  unreadable: boolean | null;
}

/**
 * How often each step's commands were issued: the newest `cap` of each execution's `command.issued`, by the
 * (execution_id, event_type, event_id DESC) index, so that the cost does not follow the execution's length.
 */
export function stepIssues(tables: Tables, ids: readonly string[], cap: number): Sql {
  return {
    name: 'step-issues',
    text: `SELECT i.id::text AS execution_id, s.node, s.issued, ${epochMs('s.first_at')} AS first_at, s.announced, s.iteration, s.unreadable
  FROM unnest($1::bigint[]) AS i (id)
  CROSS JOIN LATERAL (
    SELECT r.node_name AS node, count(*)::int AS issued, min(r.created_at) AS first_at,
      nullif(max(substring(r.total from '${WHOLE}')::int), 0) AS announced,
      max(substring(r.iteration from '${WHOLE}')::int) AS iteration,
      bool_or(r.total !~ '^[0-9]{1,9}$' OR r.total ~ '^0+$') AS unreadable
    FROM (
      SELECT e.node_name, e.created_at, e.meta->>'iteration_total' AS total, e.meta->>'iteration_index' AS iteration
      FROM ${tables.event} e
      WHERE e.execution_id = i.id AND e.event_type = '${COMMAND_ISSUED}' ORDER BY e.event_id DESC LIMIT $2
    ) r GROUP BY r.node_name ORDER BY count(*) DESC, r.node_name LIMIT ${STEPS_AN_EXECUTION}
  ) s`,
    values: [ids, cap],
  };
}

export interface RepeatedCommandRow {
  execution_id: string;
  key: string;
  node: string | null;
  claimed: number;
  started: number;
  issued: number;
  first_at: number;
  last_at: number;
  last_worker: string | null;
}

/**
 * Commands that were claimed or started often. Each branch reads the newest `cap` rows of one type by the same index.
 * A key is what event-store.md names a command by; the issues of a key are counted too, because a loop that reuses its
 * key has issued as many commands. `absent` stands for a column that older installs lack.
 */
export function repeatedCommands(tables: Tables, ids: readonly string[], cap: number, minAttempts: number): Sql {
  const branch = (type: string): string => `(
      SELECT e.event_type, e.node_name, e.created_at, e.event_id, coalesce(e.worker_id, e.meta->>'worker_id') AS worker,
        coalesce(e.meta->>'command_id', command_id::text, e.node_name, '') COLLATE "C" AS key
      FROM ${tables.event} e
      WHERE e.execution_id = i.id AND e.event_type = '${type}' ORDER BY e.event_id DESC LIMIT $2)`;
  return {
    name: 'repeated-commands',
    text: `SELECT i.id::text AS execution_id, c.key, c.node, c.claimed, c.started, c.issued,
    ${epochMs('c.first_at')} AS first_at, ${epochMs('c.last_at')} AS last_at, c.last_worker
  FROM (SELECT NULL::bigint AS command_id) absent
  CROSS JOIN unnest($1::bigint[]) AS i (id)
  CROSS JOIN LATERAL (
    SELECT g.*, greatest(g.claimed, g.started) AS taken FROM (
      SELECT r.key, max(r.node_name) AS node,
        count(*) FILTER (WHERE r.event_type = '${COMMAND_CLAIMED}')::int AS claimed,
        count(*) FILTER (WHERE r.event_type = '${COMMAND_STARTED}')::int AS started,
        greatest(1, count(*) FILTER (WHERE r.event_type = '${COMMAND_ISSUED}'))::int AS issued,
        min(r.created_at) FILTER (WHERE r.event_type <> '${COMMAND_ISSUED}') AS first_at,
        max(r.created_at) FILTER (WHERE r.event_type <> '${COMMAND_ISSUED}') AS last_at,
        (array_agg(r.worker ORDER BY r.event_id DESC) FILTER (WHERE r.worker IS NOT NULL))[1] AS last_worker
      FROM (${[COMMAND_ISSUED, COMMAND_CLAIMED, COMMAND_STARTED].map(branch).join(' UNION ALL ')}) r
      GROUP BY r.key
    ) g
    WHERE greatest(g.claimed, g.started) > ($3::int - 1) * g.issued
    ORDER BY taken DESC, g.key LIMIT ${COMMANDS_AN_EXECUTION}
  ) c`,
    values: [ids, cap, minAttempts],
  };
}

export interface ChildRowsRow {
  execution_id: string;
  children: number;
  rows: number;
  first_at: number | null;
}

/**
 * How many executions name each of these as their parent, through (parent_execution_id): at most `cap` rows of
 * children are read (a Python child writes several). Inline Python children name it in meta, which no index covers.
 */
export function childRows(tables: Tables, ids: readonly string[], cap: number): Sql {
  return {
    name: 'child-rows',
    text: `SELECT i.id::text AS execution_id, c.children, c.rows, ${epochMs('c.first_at')} AS first_at
  FROM unnest($1::bigint[]) AS i (id)
  CROSS JOIN LATERAL (
    SELECT count(DISTINCT r.execution_id)::int AS children, count(*)::int AS rows, min(r.created_at) AS first_at
    FROM (SELECT e.execution_id, e.created_at FROM ${tables.event} e WHERE e.parent_execution_id = i.id LIMIT $2) r
  ) c WHERE c.rows > 0`,
    values: [ids, cap],
  };
}

export interface RunRow {
  path: string;
  execution_id: string;
  at: number;
  /** Entries of the name that were read; the cap means that there are more. */
  entries: number;
}

/**
 * Starts of playbooks by name: a start's node is its playbook's path in both stacks, so (node_name) leads to a few rows
 * a run where (catalog_id) would lead to all of its events (88 on average). The index has no time in it: at most
 * `limit` runs' worth of entries are read, and where that is all there is, these are all runs.
 */
export function startsByName(tables: Tables, paths: readonly string[], limit: number): Sql {
  return {
    name: 'starts-by-name',
    text: `SELECT p.path, s.execution_id::text, ${epochMs('s.created_at')} AS at, s.entries::int
  FROM unnest($1::text[]) AS p (path)
  CROSS JOIN LATERAL (
    SELECT r.execution_id, r.created_at, r.event_type, r.entries FROM (
      SELECT n.*, count(*) OVER () AS entries FROM (
        SELECT e.execution_id, e.created_at, e.event_type FROM ${tables.event} e WHERE e.node_name = p.path LIMIT $2
      ) n
    ) r WHERE r.event_type = ANY($3::text[])
  ) s`,
    values: [paths, limit * ROWS_A_RUN, START_TYPES],
  };
}

/** How many entries startsByName reads of one name. */
export const entriesRead = (limit: number): number => limit * ROWS_A_RUN;

/**
 * Starts of playbooks among the newest `events` rows of the log, through (created_at) backwards: for playbooks that ran
 * so often that their names lead to more than is read.
 */
export function startsLately(tables: Tables, paths: readonly string[], events: number): Sql {
  return {
    name: 'starts-lately',
    text: `WITH recent AS MATERIALIZED (
    SELECT e.execution_id, e.event_type, e.catalog_id, e.created_at FROM ${tables.event} e
    ORDER BY e.created_at DESC LIMIT $2
  )
  SELECT c.path, r.execution_id::text, ${epochMs('r.created_at')} AS at, 0 AS entries
  FROM recent r JOIN ${tables.catalog} c ON c.catalog_id = r.catalog_id
  WHERE r.event_type = ANY($3::text[]) AND c.path = ANY($1::text[])`,
    values: [paths, events, START_TYPES],
  };
}

export interface PaceRow {
  execution_id: string;
  events: number;
  since: number;
}

/** How many of the newest events there are, and since when. */
export function eventPace(tables: Tables, ids: readonly string[]): Sql {
  return {
    name: 'event-pace',
    text: `SELECT i.id::text AS execution_id, c.events, ${epochMs('c.since')} AS since
  FROM unnest($1::bigint[]) AS i (id)
  CROSS JOIN LATERAL (
    SELECT count(*)::int AS events, min(r.created_at) AS since
    FROM (SELECT e.created_at FROM ${tables.event} e WHERE e.execution_id = i.id
          ORDER BY e.event_id DESC LIMIT ${PACE_ROWS}) r
  ) c WHERE c.events > 0`,
    values: [ids],
  };
}

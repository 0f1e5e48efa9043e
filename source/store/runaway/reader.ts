import { START_TYPES } from '../../domain/event-types.js';
import type { EpochMs } from '../../domain/execution.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import type { Behaviour } from '../../domain/runaway/facts.js';
import { chunked, chunkedIds, readAtOnce, readPieces, type StoreContext } from '../connection/context.js';
import type { Tables } from '../connection/tables.js';
import type { ReadOptions } from '../event-store.js';
import { epochMs, idBounds, type Sql, withinBounds } from '../sql.js';
import { behaviourReader, IDS_A_STATEMENT } from './behaviours.js';

/** Reads that finding runaways needs; the cost of each is bounded, whatever one execution or the history holds. */
export interface RunawayReader {
  /**
   * What these executions did, each list counted no further than `cap` rows an execution (their newest). Commands are
   * listed as repeated from `minAttempts` claims or starts on; null leaves them out. Executions without rows did nothing.
   */
  behaviours(
    ids: readonly ExecutionId[],
    bounds: { readonly cap: number; readonly minAttempts: number | null },
    options?: ReadOptions,
  ): Promise<ReadonlyMap<ExecutionId, Behaviour>>;
  /** Runs of these playbook paths, whatever their status, newest first and at most `limit` each; paths without any are absent. */
  runsOfPaths(
    paths: readonly string[],
    limit: number,
    options?: ReadOptions,
  ): Promise<ReadonlyMap<string, readonly ExecutionId[]>>;
  /**
   * The same by the playbooks of a few executions, in the round trip that reads these. Only paths whose runs are found by
   * name; what is absent may have runs all the same.
   */
  runsLike(
    ids: readonly ExecutionId[],
    limit: number,
    options?: ReadOptions,
  ): Promise<ReadonlyMap<string, readonly ExecutionId[]>>;
  /** How many of their newest events were counted, and since when; executions without rows are absent. */
  eventPace(
    ids: readonly ExecutionId[],
    options?: ReadOptions,
  ): Promise<ReadonlyMap<ExecutionId, { readonly events: number; readonly since: EpochMs }>>;
}

const PATHS_A_STATEMENT = 50;
/** Rows of the log that are searched for starts of playbooks that ran too often to be found by name. */
const RECENT_EVENTS = 100_000;
/** Names are read this much further than runs are asked for, so that the newest are among them where they are few. */
const NAME_REACH = 20;

/** @internal */
export function runawayReader(context: StoreContext): RunawayReader {
  const { tables } = context;
  return {
    ...behaviourReader(context),

    async runsOfPaths(paths, limit, options) {
      const reach = limit * NAME_REACH;
      const wanted = [...new Set(paths)];
      const statement = (chunk: readonly string[]) => startsByName(tables, chunk, reach);
      const { rows } = await readPieces(context, options, chunked(wanted, PATHS_A_STATEMENT), statement);
      const complete = wholeByName(rows, reach);
      const rest = wanted.filter((path) => !complete.has(path));
      if (rest.length === 0) return newestRuns(rows, limit);
      const [lately] = await readAtOnce(context, options, () => [startsLately(tables, rest, RECENT_EVENTS)]);
      return newestRuns([...rows, ...lately], limit);
    },

    async runsLike(ids, limit, options) {
      const reach = limit * NAME_REACH;
      const [rows] = await readAtOnce(context, options, () => [startsLike(tables, ids, reach)]);
      const complete = wholeByName(rows, reach);
      const known = rows.filter(({ path }) => complete.has(path));
      return newestRuns(known, limit);
    },

    async eventPace(ids, options) {
      const statement = (chunk: readonly ExecutionId[]) => eventPace(tables, chunk);
      const { rows } = await readPieces(context, options, chunkedIds(ids, IDS_A_STATEMENT), statement);
      return new Map(rows.map(({ execution_id, events, since }) => [execution_id, { events, since }]));
    },
  };
}

/** The paths whose names led to all of their runs: a name that leads to no start at all may be one that an engine writes otherwise. */
const wholeByName = (rows: readonly RunRow[], reach: number): ReadonlySet<string> =>
  new Set(rows.flatMap(({ path, entries }) => (entries < entriesRead(reach) ? path : [])));

function newestRuns(rows: readonly RunRow[], limit: number): Map<string, ExecutionId[]> {
  const byPath = new Map<string, Map<ExecutionId, number>>();
  for (const { path, execution_id: id, at } of rows) {
    const runs = byPath.get(path) ?? new Map<ExecutionId, number>();
    byPath.set(path, runs.set(id, at));
  }
  const newest = (runs: ReadonlyMap<ExecutionId, number>) => [...runs].sort((a, b) => b[1] - a[1]).slice(0, limit);
  return new Map([...byPath].map(([path, runs]) => [path, newest(runs).map(([id]) => id)]));
}

/** An index entry of a playbook's name is its start, or one of few other rows of that run: its end, its workflow's. */
const ROWS_A_RUN = 4;
/** Newest events from which a rate is made. */
const PACE_ROWS = 1000;

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
export const startsByName = (tables: Tables, paths: readonly string[], limit: number): Sql<RunRow> => ({
  name: 'starts-by-name',
  text: startsOf(tables, 'unnest($1::text[]) AS p (path)'),
  values: [paths, limit * ROWS_A_RUN, START_TYPES],
});

/** The same by the names of the playbooks that these executions run. */
export const startsLike = (tables: Tables, ids: readonly string[], limit: number): Sql<RunRow> => ({
  name: 'starts-like',
  text: startsOf(
    tables,
    `(SELECT DISTINCT c.path FROM unnest($1::bigint[]) AS i (id) CROSS JOIN LATERAL (
      SELECT e.catalog_id FROM ${tables.event} e WHERE e.execution_id = i.id ${withinBounds('e.execution_id', '$4', '$5')}
      ORDER BY e.event_id LIMIT 1
    ) f JOIN ${tables.catalog} c ON c.catalog_id = f.catalog_id WHERE c.path IS NOT NULL) p`,
  ),
  values: [ids, limit * ROWS_A_RUN, START_TYPES, ...idBounds(ids)],
});

const startsOf = (tables: Tables, paths: string): string => `
  SELECT p.path, s.execution_id::text, ${epochMs('s.created_at')} AS at, s.entries::int
  FROM ${paths}
  CROSS JOIN LATERAL (
    SELECT r.execution_id, r.created_at, r.event_type, r.entries FROM (
      SELECT n.*, count(*) OVER () AS entries FROM (
        SELECT e.execution_id, e.created_at, e.event_type FROM ${tables.event} e WHERE e.node_name = p.path LIMIT $2
      ) n
    ) r WHERE r.event_type = ANY($3::text[])
  ) s`;

/** How many entries startsByName reads of one name. */
export const entriesRead = (limit: number): number => limit * ROWS_A_RUN;

/**
 * Starts of playbooks among the newest `events` rows of the log, through (created_at) backwards: for playbooks that ran
 * so often that their names lead to more than is read.
 */
export function startsLately(tables: Tables, paths: readonly string[], events: number): Sql<RunRow> {
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
export function eventPace(tables: Tables, ids: readonly string[]): Sql<PaceRow> {
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

import type { BenchDatabase } from '../harness/databases.js';
import { addRunning } from './running-executions.js';

/** A database that the generator has filled. */
export type FilledDatabase = Pick<BenchDatabase, 'client' | 'schema'>;

/** Executions that run in every table that is measured, and the events that they have. */
export const RUNNING = 200;
export const RUNNING_EVENTS = 1200;
/** Children are counted for so many parents at once. */
export const PARENTS = 1000;
/** Stale executions whose facts are read; the smallest table has hardly more. */
export const STALE = 5;

/** What the hot queries are asked about: the same amount in a table of any size. */
export interface HotSubjects {
  /** Ended executions, one a round. */
  readonly ended: readonly string[];
  readonly parents: readonly string[];
  readonly pythonRoots: readonly string[];
  readonly rustRoots: readonly string[];
  readonly stale: readonly string[];
  /** The events of `stale`. */
  readonly staleEvents: number;
  /** Every execution that ever began, by the generator's plan, and what runs beside it. */
  readonly begun: number;
  /** Running executions whose events are the newest of the table; one is cancelled a round. */
  readonly running: readonly string[];
  /** Right before the first of their events, milliseconds since 1970 by the database's clock. */
  readonly runningSince: number;
}

/** Finds what to ask about, and adds what runs; `removeSubjects` takes that away again. */
export async function addSubjects(database: FilledDatabase): Promise<HotSubjects> {
  const { client } = database;
  const idsOf = async (sql: string, values: readonly unknown[] = []): Promise<string[]> =>
    (await client.query<{ id: string }>(sql, [...values])).rows.map(({ id }) => id);
  const roots = (stack: string) =>
    idsOf(
      `SELECT t.root::text AS id FROM bench.tree_of_five t JOIN bench.execution x ON x.execution_id = t.root
       WHERE x.stack = $1 ORDER BY t.root`,
      [stack],
    );
  const some = (condition: string, limit: number) =>
    idsOf(
      `SELECT execution_id::text AS id FROM bench.execution WHERE ${condition} ORDER BY hashint8(execution_id) LIMIT $1`,
      [limit],
    );
  const stale = await some('NOT terminal AND last_ms < (SELECT max(last_ms) FROM bench.execution) - 900000', STALE);
  const counts = await client.query<{ begun: number; stale: number; now: number }>(
    `SELECT count(*)::int AS begun, (sum(cut) FILTER (WHERE execution_id = ANY($1::bigint[])))::int AS stale,
       (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now FROM bench.execution`,
    [stale],
  );
  const { begun, stale: staleEvents, now } = counts.rows[0]!;
  return {
    ended: await some('terminal AND NOT inline', 100),
    parents: await some('NOT inline', PARENTS),
    pythonRoots: await roots('python'),
    rustRoots: await roots('rust'),
    stale,
    staleEvents,
    begun: begun + RUNNING,
    running: await addRunning(database, RUNNING),
    // addRunning's events are of the last five seconds.
    runningSince: now - 5000,
  };
}

export async function removeSubjects(database: FilledDatabase, { running }: HotSubjects): Promise<void> {
  await database.client.query(`DELETE FROM ${database.schema}.event WHERE execution_id = ANY($1::bigint[])`, [running]);
}

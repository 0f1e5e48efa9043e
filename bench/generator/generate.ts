import pg from 'pg';
import { schemaSql } from '../../source/demo/schema.js';
import { dropIndexes } from './indexes.js';
import { loadEvents, stage } from './load.js';
import { planExecutions } from './plan.js';

/** Raise with every change of the data: a cached database of another version is made anew. */
export const GENERATOR_VERSION = 2;
export const SCHEMA = 'noetl';
const SEED = 20_260_801;

export interface Generated {
  readonly events: number;
  readonly executions: number;
  readonly seconds: { readonly load: number; readonly index: number; readonly vacuum: number };
}

async function partitionsOf(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT i.inhrelid::regclass::text AS name FROM pg_inherits i WHERE i.inhparent = '"${SCHEMA}".event'::regclass`,
  );
  return rows.map(({ name }) => name);
}

/**
 * Runs one CREATE INDEX on the event table. PostgreSQL names the partitions' indexes by their columns and sees no name
 * that another connection has not committed yet, so two indexes on the same columns can be given the same names. The
 * later one fails after the earlier one's commit, and finds free names when it is run again.
 */
async function buildIndex(client: pg.Client, sql: string): Promise<void> {
  for (;;) {
    try {
      await client.query(sql);
      return;
    } catch (error) {
      const isNameTaken = error instanceof pg.DatabaseError && error.constraint === 'pg_class_relname_nsp_index';
      if (!isNameTaken) throw error;
    }
  }
}

/**
 * Fills an empty database with about `events` events: tables, then rows, then all indexes, then VACUUM ANALYZE, without
 * which no index-only scan would be one. Two connections work side by side.
 */
export async function generate(url: string, events: number, withFurtherIndexes = true): Promise<Generated> {
  const [first, second] = [new pg.Client(url), new pg.Client(url)];
  await Promise.all([first.connect(), second.connect()]);
  try {
    const start = performance.now();
    await first.query(schemaSql({ schema: SCHEMA }));
    const indexes = await dropIndexes(first, SCHEMA, withFurtherIndexes);
    const plan = planExecutions(events, SEED, Date.now());
    await stage(first, SCHEMA, plan);
    await Promise.all([loadEvents(first, SCHEMA, 'rust'), loadEvents(second, SCHEMA, 'python')]);
    const loaded = performance.now();
    const rest = [...indexes];
    const build = async (client: pg.Client) => {
      await client.query(`SET maintenance_work_mem = '512MB'; SET max_parallel_maintenance_workers = 0`);
      for (let sql = rest.pop(); sql; sql = rest.pop()) await buildIndex(client, sql);
    };
    await Promise.all([build(first), build(second)]);
    const indexed = performance.now();
    // Partition by partition, because autovacuum does the same: it never analyses a partitioned table as a whole.
    for (const partition of await partitionsOf(first)) await first.query(`VACUUM (FREEZE, ANALYZE) ${partition}`);
    await first.query(`ANALYZE "${SCHEMA}".catalog, "${SCHEMA}".runtime`);
    const seconds = {
      load: (loaded - start) / 1000,
      index: (indexed - loaded) / 1000,
      vacuum: (performance.now() - indexed) / 1000,
    };
    return { events: plan.events, executions: plan.executions.length, seconds };
  } finally {
    await Promise.all([first.end(), second.end()]);
  }
}

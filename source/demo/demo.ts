import { setMaxListeners } from 'node:events';
import pg from 'pg';
import { type EmbeddedServer, startEmbeddedServer } from './embedded-server.js';
import { type History, tellHistory } from './engine/history.js';
import { goLive } from './live-demo.js';
import { outageSql } from './outage.js';
import { indexesSql, quoteIdentifier, tablesSql } from './schema.js';
import { seedDatabase } from './seed-database.js';

export interface DemoOptions {
  /** What the demo's playbooks, shapes and relative times are drawn from; default: 1. */
  readonly seed?: number;
  /** Where the data are kept; without it they go with the demo. */
  readonly directory?: string;
  /** The schema's name, unquoted; default: `noetl`. */
  readonly schema?: string;
  /** What counts as now, in milliseconds since 1970, for the backdated history. */
  readonly now?: number;
  /** A cycle of the server's own recovery in milliseconds; a minute unless set. */
  readonly recoveryEveryMs?: number;
}

/** A demo that is running. */
export interface Demo {
  /** Holds the password of a server that only this machine reaches. */
  readonly databaseUrl: string;
  readonly seed: number;
  /** Ends engine and server and removes temporary data. Further calls do nothing more. */
  stop(): Promise<void>;
}

const DATABASE = 'noetl';
export const DEFAULT_SEED = 1;
/** The engine's own connections; the console brings its own. */
const ENGINE_CONNECTIONS = 6;

/**
 * Starts the demo: a PostgreSQL of its own with NoETL's tables, a history, and an engine that goes on from it. It never
 * connects to anything but the server that it started, and keeps no process alive.
 * @throws EmbeddedPostgresUnavailable when PostgreSQL cannot run here.
 */
export async function startDemo(options: DemoOptions = {}): Promise<Demo> {
  const { seed = DEFAULT_SEED, schema = 'noetl', now = Date.now() } = options;
  const starting = startEmbeddedServer({ directory: options.directory, inMemory: true });
  // Written while initdb runs in its own process.
  const history = await tellWhile(starting, seed, now);
  const server = await starting;
  const url = server.urlFor(DATABASE);
  try {
    await createDatabase(server);
    await fillDatabase(url, schema, history);
  } catch (error) {
    await server.stop();
    throw error;
  }
  const pool = new pg.Pool({
    connectionString: url,
    max: ENGINE_CONNECTIONS,
    allowExitOnIdle: true,
    application_name: 'noetl-console demo',
  });
  // A server that goes away shows in the console; here it must only not be an uncaught exception.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  const ending = new AbortController();
  // Every command that runs waits on it.
  setMaxListeners(0, ending.signal);
  const { recoveryEveryMs } = options;
  goLive(pool, {
    schema,
    seed,
    history,
    signal: ending.signal,
    recoveryEveryMs,
  });
  let stopping: Promise<void> | null = null;
  const stop = async () => {
    ending.abort();
    await pool.end();
    await server.stop();
  };
  return { databaseUrl: url, seed, stop: () => (stopping ??= stop()) };
}

async function tellWhile(starting: Promise<EmbeddedServer>, seed: number, now: number): Promise<History> {
  // The rejection is the caller's to handle; here it must not count as unhandled while the history is written.
  starting.catch(() => {});
  await new Promise((resolve) => setImmediate(resolve));
  return tellHistory(seed, now);
}

async function createDatabase(server: EmbeddedServer): Promise<void> {
  await withClient(server.url, async (client) => {
    // A kept directory holds an earlier demo: a demo always begins with its own history.
    if (server.hadData) await client.query(`DROP DATABASE IF EXISTS ${DATABASE} WITH (FORCE)`);
    await client.query(`CREATE DATABASE ${DATABASE}`);
  });
}

const fillDatabase = (url: string, schema: string, history: History): Promise<void> =>
  withClient(url, async (client) => {
    await client.query(tablesSql({ schema }));
    await seedDatabase(client, schema, history);
    await client.query(indexesSql({ schema }));
    await client.query(outageSql);
    await client.query(`ANALYZE ${quoteIdentifier(schema)}.catalog, ${quoteIdentifier(schema)}.runtime`);
  });

async function withClient(url: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

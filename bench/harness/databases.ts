import { availableParallelism } from 'node:os';
import pg from 'pg';
import { type EmbeddedServer, startEmbeddedServer } from '../../source/demo/embedded-server.js';
import { schemaSql } from '../../source/demo/schema.js';
import { GENERATOR_VERSION, generate, SCHEMA } from '../generator/generate.js';
import { dropSystemCache } from './system-cache.js';
import type { ColdState } from './types.js';

/** A database of the benchmark's own server. */
export interface BenchDatabase {
  /** Holds the server's password: not for messages. */
  readonly url: string;
  readonly schema: string;
  readonly events: number;
  readonly executions: number;
  /** One connection for references and checks; it lasts as long as the run. */
  readonly client: pg.Client;
  /** Makes the executions that are at work emit once more, so that they are not silent by now. */
  freshen(): Promise<void>;
}

/** As a server of this size is run in production: a quarter of a gigabyte a core would be too little to tell anything. */
const SHARED_BUFFERS = '1GB';

/** Names of databases that belong to one run begin with this. */
const OWN = 'own';
const SCRATCH_EVENTS = 100_000;

/** The run's PostgreSQL, started on first use, with its databases. With a directory the databases outlive the run. */
export class Databases {
  #server: Promise<EmbeddedServer> | undefined;
  readonly #open = new Map<string, Promise<BenchDatabase>>();
  /** Beside the usual ones; what is measured after a cold start goes back to those. */
  #settings: Readonly<Record<string, string>> = {};
  #own = 0;

  constructor(
    readonly directory: string | undefined,
    readonly log: (line: string) => void,
  ) {}

  filled(events: number): Promise<BenchDatabase> {
    return this.#once(`events_${events}_v${GENERATOR_VERSION}`, (url) => this.#fill(url, events));
  }

  /** Needs a kept directory: without one, the data would go with the server. */
  async cold(events: number, settings: Readonly<Record<string, string>>): Promise<BenchDatabase & ColdState> {
    // Filled and freshened first: both would warm much.
    await (await this.filled(events)).freshen();
    await this.close();
    const isSystemCacheCold = dropSystemCache();
    this.#settings = settings;
    return { ...(await this.filled(events)), isSystemCacheCold };
  }

  /** After a measurement: the next one finds the usual server, and one that answers. */
  async settle(): Promise<void> {
    const isUsual = Object.keys(this.#settings).length === 0;
    this.#settings = {};
    if (!this.#server || (isUsual && (await this.#answers()))) return;
    await this.close();
  }

  /** With a kept directory a run's own databases stay behind; the next run removes them. */
  scratch(): Promise<BenchDatabase> {
    return this.#once(`${OWN}_${process.pid}_${++this.#own}`, (url) => this.#fill(url, SCRATCH_EVENTS));
  }

  empty(): Promise<BenchDatabase> {
    return this.#once(`${OWN}_${process.pid}_${++this.#own}`, async (url) => {
      const client = await connected(url);
      await client.query(`${schemaSql({ schema: SCHEMA })};
        CREATE SCHEMA bench; CREATE TABLE bench.execution (execution_id bigint, terminal boolean, last_ms float8)`);
      await client.end();
    });
  }

  /** PostgreSQL's own words on what it is. */
  async serverVersion(): Promise<string> {
    const client = await connected((await this.#start()).url);
    const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
    await client.end();
    return rows[0]!.server_version;
  }

  /** Ends the server; it starts again where a database is asked for. */
  async close(): Promise<void> {
    const databases = await Promise.allSettled(this.#open.values());
    this.#open.clear();
    const [server] = await Promise.allSettled([this.#server]);
    this.#server = undefined;
    for (const database of databases) {
      // A server that is gone takes its connections along.
      if (database.status === 'fulfilled') await database.value.client.end().catch(() => {});
    }
    if (server.status === 'fulfilled') await server.value?.stop();
  }

  async #answers(): Promise<boolean> {
    try {
      await this.serverVersion();
      return true;
    } catch (error) {
      this.log(`the server does not answer and is started again: ${error instanceof Error ? error.message : error}`);
      return false;
    }
  }

  async #fill(url: string, events: number): Promise<void> {
    this.log(`filling ${events.toLocaleString('en')} events`);
    const { load, index, vacuum } = (await generate(url, events)).seconds;
    this.log(`filled: rows ${load.toFixed(0)} s, indexes ${index.toFixed(0)} s, vacuum ${vacuum.toFixed(0)} s`);
  }

  #start(): Promise<EmbeddedServer> {
    this.#server ??= this.#startServer();
    return this.#server;
  }

  async #startServer(): Promise<EmbeddedServer> {
    const server = await startEmbeddedServer({
      ...(this.directory ? { directory: this.directory } : {}),
      sharedBuffers: SHARED_BUFFERS,
      // Checkpoints in the midst of a reading would be noise; parallel workers as many as there are cores.
      settings: {
        max_wal_size: '16GB',
        checkpoint_timeout: '1h',
        max_parallel_workers: String(availableParallelism()),
        autovacuum: 'off',
        ...this.#settings,
      },
    });
    const admin = await connected(server.url);
    const { rows } = await admin.query<{ datname: string }>('SELECT datname FROM pg_database WHERE datname ^@ $1', [
      OWN,
    ]);
    for (const { datname } of rows) await admin.query(`DROP DATABASE ${datname}`);
    await admin.end();
    return server;
  }

  #once(name: string, fill: (url: string) => Promise<void>): Promise<BenchDatabase> {
    let database = this.#open.get(name);
    if (!database) {
      database = this.#make(name, fill);
      this.#open.set(name, database);
    }
    return database;
  }

  async #make(name: string, fill: (url: string) => Promise<void>): Promise<BenchDatabase> {
    const server = await this.#start();
    const admin = await connected(server.url);
    const url = server.urlFor(name);
    try {
      const { rowCount } = await admin.query('SELECT FROM pg_database WHERE datname = $1', [name]);
      if (!rowCount) {
        // Filled under another name, so that a run that was interrupted leaves nothing that looks complete.
        const making = `${name}_making`;
        await admin.query(`DROP DATABASE IF EXISTS ${making}`);
        await admin.query(`CREATE DATABASE ${making}`);
        await fill(server.urlFor(making));
        await admin.query(`ALTER DATABASE ${making} RENAME TO ${name}`);
      }
    } finally {
      await admin.end();
    }
    return openDatabase(url);
  }
}

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client(url);
  // A connection that a server takes with it must not end the run: what is asked on it fails, and says so.
  client.on('error', () => {});
  await client.connect();
  return client;
}

async function openDatabase(url: string): Promise<BenchDatabase> {
  const client = await connected(url);
  const { rows } = await client.query<{ executions: number }>(
    'SELECT count(*)::int AS executions FROM bench.execution',
  );
  const size = await client.query<{ events: number }>(
    `SELECT coalesce(sum(c.reltuples) FILTER (WHERE c.reltuples > 0), 0)::int AS events
     FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = '${SCHEMA}.event'::regclass`,
  );
  return {
    url,
    schema: SCHEMA,
    events: size.rows[0]!.events,
    executions: rows[0]!.executions,
    client,
    freshen: () => freshen(client),
  };
}

/** Those whose last event is at most five minutes older than the fill are at work (generator/plan.ts). */
async function freshen(client: pg.Client): Promise<void> {
  await client.query(`
    WITH at_work AS (
      SELECT execution_id FROM bench.execution
      WHERE NOT terminal AND last_ms > (SELECT max(last_ms) FROM bench.execution) - 400000
    ), beat AS (
      INSERT INTO ${SCHEMA}.event (execution_id, event_id, catalog_id, created_at, event_type, node_name, status)
      SELECT l.execution_id, l.event_id + 4194304, l.catalog_id, clock_timestamp() AT TIME ZONE 'UTC', 'command.heartbeat', l.node_name, 'RUNNING'
      FROM at_work a CROSS JOIN LATERAL (
        SELECT e.* FROM ${SCHEMA}.event e WHERE e.execution_id = a.execution_id ORDER BY e.event_id DESC LIMIT 1) l
      RETURNING execution_id
    )
    UPDATE bench.execution x SET last_ms = extract(epoch FROM clock_timestamp()) * 1000
    FROM beat b WHERE b.execution_id = x.execution_id`);
}

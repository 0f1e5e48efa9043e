import { createHash, randomBytes } from 'node:crypto';
import pg from 'pg';
import { type SchemaOptions, schemaSql } from '../../source/demo/schema.js';
import { TEST_SERVER_VARIABLE } from './postgres-server.js';

export { type EventRow, writeEvents } from './events.js';
export { idAt, nextIdAt } from './ids.js';

export interface TestDatabaseOptions extends SchemaOptions {
  /** Time zone that the database gives every session, such as `America/New_York`; UTC unless told. */
  readonly timezone?: string;
  /** True for a database in which nobody has created a schema. */
  readonly empty?: boolean;
}

/** A database of one test's own. */
export interface TestDatabase {
  readonly url: string;
  /** The schema's name, unquoted. */
  readonly schema: string;
  readonly pool: pg.Pool;
  /** Ends the pool, throws out whoever is still connected, and drops the database. */
  close(): Promise<void>;
}

/** Makes a fresh database with NoETL's tables, from a template that is made once for each set of options. */
export async function createTestDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const { timezone, empty, ...schemaOptions } = options;
  const name = `test_${randomBytes(8).toString('hex')}`;
  await withAdmin(async (admin) => {
    const template = empty ? 'template1' : await ensureTemplate(admin, schemaSql(schemaOptions));
    await admin.query(`CREATE DATABASE ${name} TEMPLATE ${template}`);
    if (timezone) await admin.query(`ALTER DATABASE ${name} SET timezone = ${pg.escapeLiteral(timezone)}`);
  });
  const url = serverUrl(name);
  const pool = new pg.Pool({ connectionString: url, max: 8, allowExitOnIdle: true });
  // An idle connection that close() throws out must not become an uncaught exception.
  pool.on('error', () => {});
  return {
    url,
    schema: options.schema ?? 'noetl',
    pool,
    close: async () => {
      await pool.end();
      await withAdmin((admin) => admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
    },
  };
}

function serverUrl(database: string): string {
  const server = process.env[TEST_SERVER_VARIABLE];
  if (!server) throw new Error(`${TEST_SERVER_VARIABLE} is not set: run the tests with vitest`);
  const url = new URL(server);
  url.pathname = `/${database}`;
  return url.href;
}

async function withAdmin<T>(work: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client({ connectionString: serverUrl('postgres') });
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}

/** Any number; it only has to be the same in all test files. */
const TEMPLATE_LOCK = 543_857_931;

/** The template holding this schema. PostgreSQL copies a database only while nobody is connected to it. */
async function ensureTemplate(admin: pg.Client, sql: string): Promise<string> {
  const name = `template_${createHash('sha256').update(sql).digest('hex').slice(0, 16)}`;
  const exists = async () => (await admin.query('SELECT 1 FROM pg_database WHERE datname = $1', [name])).rowCount === 1;
  if (await exists()) return name;
  await admin.query('SELECT pg_advisory_lock($1)', [TEMPLATE_LOCK]);
  try {
    if (await exists()) return name;
    const unfinished = `${name}_unfinished`;
    await admin.query(`DROP DATABASE IF EXISTS ${unfinished} WITH (FORCE)`);
    await admin.query(`CREATE DATABASE ${unfinished}`);
    const client = new pg.Client({ connectionString: serverUrl(unfinished) });
    await client.connect();
    await client.query(sql);
    await client.end();
    await renameWhenFree(admin, unfinished, name);
    return name;
  } finally {
    await admin.query('SELECT pg_advisory_unlock($1)', [TEMPLATE_LOCK]);
  }
}

/** The server may need a moment to notice that the last connection is gone (error 55006, object in use). */
async function renameWhenFree(admin: pg.Client, from: string, to: string): Promise<void> {
  await admin.query('SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1', [from]);
  await admin.query(`ALTER DATABASE ${from} RENAME TO ${to}`);
}

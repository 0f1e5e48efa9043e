import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StoreError } from '../../../source/store/errors.js';
import type { EventStore } from '../../../source/store/event-store.js';
import { createTestDatabase, type TestDatabase, writeEvents } from '../../helpers/database.js';
import { openStore } from '../../helpers/store.js';

let db: TestDatabase;
let store: EventStore;
beforeAll(async () => {
  db = await createTestDatabase({ timezone: 'Asia/Kolkata' });
  store = openStore(db.url);
  const old = Date.now() - 3_600_000;
  await writeEvents(db.pool, [
    { execution_id: '632110245082301156', event_type: 'playbook_started', status: 'STARTED', created_at: old },
    { execution_id: '632110245082301156', event_type: 'command.claimed', status: 'RUNNING', created_at: old },
    {
      execution_id: '632110245082301156',
      event_type: 'execution.cancelled',
      status: 'CANCELLED',
      created_at: Date.UTC(2026, 4, 22, 3, 30, 13),
      context: { reason: 'Infinite loop detected' },
    },
    { execution_id: '632110245082301157', event_type: 'playbook.initialized', status: 'INITIALIZED', created_at: old },
  ]);
});
afterAll(async () => {
  await store?.close();
  await db?.close();
});

const query = (sql: string, more: { maxRows?: number; timeoutMs?: number; signal?: AbortSignal } = {}) =>
  store.runReadOnly(sql, { maxRows: 1000, ...more });

async function refusal(sql: string, more = {}): Promise<string> {
  const outcome = await query(sql, more).catch((error: unknown) => error);
  if (!(outcome instanceof StoreError)) throw new Error(`not refused: ${sql}: ${JSON.stringify(outcome)}`);
  return `${outcome.kind}: ${outcome.message}`;
}

describe("the seed's queries, as printed", () => {
  it('stale', async () => {
    const { columns, rows, truncated } = await query(`SELECT DISTINCT execution_id
FROM noetl.event
WHERE status IN ('RUNNING', 'INITIALIZED')
AND created_at < NOW() - INTERVAL '10 minutes'
ORDER BY execution_id DESC`);
    expect(columns).toEqual([{ name: 'execution_id', type: 'bigint' }]);
    expect(rows).toEqual([['632110245082301157'], ['632110245082301156']]);
    expect(truncated).toBe(false);
  });

  it('cancelled, with reasons', async () => {
    const { columns, rows } = await query(`SELECT execution_id, created_at, context->>'reason' as reason
FROM noetl.event
WHERE event_type = 'execution.cancelled'
ORDER BY created_at DESC
LIMIT 10`);
    expect(columns.map(({ name }) => name)).toEqual(['execution_id', 'created_at', 'reason']);
    expect(rows).toEqual([['632110245082301156', '2026-05-22 03:30:13', 'Infinite loop detected']]);
  });
});

describe('results', () => {
  it('are texts as the server prints them, in UTC, with exact numbers and compact JSON', async () => {
    const { columns, rows } = await query(
      `SELECT 9223372036854775807 AS big, 0.1::float8 + 0.2::float8 AS sum, true AS yes, NULL AS nothing, '' AS blank,
        timestamptz '2026-05-22 09:00:00+05:30' AS at, '{"a": [1, 2], "id": 9223372036854775807}'::jsonb AS json, ARRAY[1,2] AS list`,
    );
    expect(columns.map(({ type }) => type)).toEqual([
      'bigint',
      'double precision',
      'boolean',
      'text',
      'text',
      'timestamp with time zone',
      'jsonb',
      'integer[]',
    ]);
    expect(rows).toEqual([
      [
        '9223372036854775807',
        '0.30000000000000004',
        't',
        null,
        '',
        '2026-05-22 03:30:00+00',
        '{"a":[1,2],"id":9223372036854775807}',
        '{1,2}',
      ],
    ]);
  });

  it('say when they were cut', async () => {
    const cut = await query('SELECT * FROM generate_series(1, 100) AS n;', { maxRows: 7 });
    expect([cut.rows.length, cut.truncated]).toEqual([7, true]);
    const whole = await query('SELECT * FROM generate_series(1, 7) AS n', { maxRows: 7 });
    expect([whole.rows.length, whole.truncated]).toEqual([7, false]);
    expect((await query('SELECT 1 AS n WHERE false')).columns).toEqual([{ name: 'n', type: 'integer' }]);
  });

  it.each([
    ['WITH x AS (SELECT 1 AS n) SELECT n FROM x -- and a comment', '1'],
    ['(VALUES (2))', '2'],
    ['SHOW TimeZone', 'UTC'],
    ['SHOW transaction_read_only', 'on'],
  ])('%s', async (sql, first) => {
    expect((await query(sql)).rows[0]?.[0]).toBe(first);
  });

  it('of TABLE and EXPLAIN', async () => {
    expect((await query('TABLE noetl.event')).rows).toHaveLength(4);
    expect((await query('EXPLAIN (ANALYZE) SELECT count(*) FROM noetl.event')).rows.length).toBeGreaterThan(2);
  });
});

/** The test's user is a superuser: nothing here is stopped for want of a privilege. */
describe('what is refused', () => {
  it.each([
    'COMMIT',
    'ROLLBACK; DELETE FROM noetl.event',
    'SELECT 1; SELECT 2',
    "SELECT 1; COMMIT; INSERT INTO noetl.resource (name) VALUES ('x')",
    'SET TRANSACTION READ WRITE',
    'SET statement_timeout = 0',
    'DO $$ BEGIN PERFORM 1; END $$',
    "COPY noetl.resource TO PROGRAM 'true'",
    "COPY noetl.resource FROM '/etc/passwd'",
    'CALL something()',
    'EXECUTE x',
    'PREPARE x AS SELECT 1',
    'LISTEN a',
    "INSERT INTO noetl.resource (name) VALUES ('x')",
    'UPDATE noetl.event SET status = NULL',
    'DELETE FROM noetl.event',
    'TRUNCATE noetl.event',
    'MERGE INTO noetl.resource r USING noetl.resource s ON false WHEN NOT MATCHED THEN DO NOTHING',
    'DROP SCHEMA noetl CASCADE',
    'CREATE TEMP TABLE x (y int)',
    'VACUUM',
    'LOCK noetl.event',
    'WITH gone AS (DELETE FROM noetl.event RETURNING 1) SELECT count(*) FROM gone',
    'SELECT * INTO noetl.copy FROM noetl.event',
    'SELECT * FROM noetl.event FOR UPDATE',
    'EXPLAIN ANALYZE DELETE FROM noetl.event',
    'EXPLAIN ANALYZE CREATE TABLE noetl.copy AS SELECT 1',
    'EXPLAIN (ANALYZE, VERBOSE) SELECT 1 AS x INTO noetl.copy',
    'EXPLAIN ANALYZE EXECUTE x',
    'EXPLAIN',
    "SELECT set_config('transaction_read_only', 'off', false)",
    "SELECT pg_catalog.set_config('statement_timeout', '0', true)",
    'SELECT "pg_terminate_backend"(pid) FROM pg_stat_activity',
    'SELECT pg_cancel_backend(1)',
    'SELECT pg_advisory_lock(1)',
    'SELECT pg_reload_conf()',
    "SELECT pg_read_file('/etc/hostname')",
    "SELECT pg_notify('a', 'b')",
    "SELECT nextval('noetl.snowflake_seq')",
    'SELECT noetl.snowflake_id()',
    "SELECT query_to_xml('select pg_reload_conf()', true, true, '')",
    "SELECT lo_import('/etc/hostname')",
    'SELECT * FROM pg_ls_dir($$/$$)',
    'EXPLAIN ANALYZE SELECT pg_terminate_backend(1)',
    'SELECT U&"\\0070g_reload_conf"()',
    'SELECT $1',
    'SELECT nonsense FROM noetl.event',
    'SELEC 1',
    '',
    '-- nothing',
    ';',
  ])('%s', async (sql) => {
    expect(await refusal(sql)).toMatch(/^refused-sql: [^\n]+$/);
    const { rows } = await db.pool.query('SELECT count(*)::int AS events, to_regclass($1) AS copy FROM noetl.event', [
      'noetl.copy',
    ]);
    expect(rows).toEqual([{ events: 4, copy: null }]);
  });

  it('says what is wrong with it, in one line', async () => {
    expect(await refusal('SELECT 1; SELECT 2')).toBe(
      'refused-sql: query runs one statement at a time; leave out what follows the `;`',
    );
    expect(await refusal('DELETE FROM noetl.event')).toContain(
      'a statement begins with SELECT, WITH, VALUES, TABLE, EXPLAIN, SHOW, not DELETE',
    );
    expect(await refusal('SELECT pg_reload_conf()')).toBe(
      'refused-sql: pg_reload_conf may change something; query runs only what reads',
    );
    expect(await refusal('SELECT nonsense')).toBe(
      'refused-sql: PostgreSQL refuses the query: column "nonsense" does not exist',
    );
    expect(await refusal('SELECT * FROM noetl.evnt')).toContain('relation "noetl.evnt" does not exist');
  });
});

describe('time', () => {
  it('ends a query that takes too long', async () => {
    expect(await refusal('SELECT pg_sleep(30)', { timeoutMs: 200 })).toMatch(/^timeout: the query took too long/);
  });

  it('ends when it is stopped, and the store goes on', async () => {
    const stop = new AbortController();
    const running = refusal('SELECT pg_sleep(30)', { signal: stop.signal });
    await busy();
    stop.abort();
    expect(await Promise.race([running, delay(10_000, 'still waiting')])).toMatch(/^aborted: /);
    expect((await query('SELECT 1')).rows).toEqual([['1']]);
  });
});

async function busy(): Promise<void> {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; ) {
    const { rowCount } = await db.pool.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'FETCH%' AND state = 'active'`,
    );
    if (rowCount) return;
  }
  throw new Error('the query did not begin');
}

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StoreError } from '../../../source/store/errors.js';
import type { EventStore } from '../../../source/store/event-store.js';
import { openPostgresEventStore } from '../../../source/store/postgres-event-store.js';
import type { QueryOptions } from '../../../source/store/read-only-query/runner.js';
import { createTestDatabase, type TestDatabase, writeEvents } from '../../helpers/database.js';
import { FaultProxy } from '../../helpers/fault-proxy.js';
import { settingsOf } from '../../helpers/store.js';

let db: TestDatabase;
let store: EventStore;
const suffix = Math.random().toString(36).slice(2, 8);
const READER = `reader_${suffix}`;
const FILES = `files_${suffix}`;

/** An advisory lock that stays is what a function did which nothing should have run. */
const EVIL = (name: string, volatility: string) =>
  `CREATE FUNCTION ${name} RETURNS int LANGUAGE plpgsql ${volatility} AS $$ BEGIN PERFORM pg_advisory_lock(4711); RETURN 1; END $$`;

beforeAll(async () => {
  db = await createTestDatabase();
  await writeEvents(db.pool, [{ execution_id: '632110245082301156', event_type: 'playbook_started' }]);
  const statements = [
    EVIL('noetl.immutable_liar()', 'IMMUTABLE'),
    EVIL('noetl.liar_of(e noetl.event)', 'STABLE'),
    EVIL('noetl.volatile_one()', 'VOLATILE'),
    EVIL('noetl.liar_plus(a int, b int)', 'IMMUTABLE'),
    EVIL('noetl.liar_step(a int, b int)', 'IMMUTABLE'),
    EVIL('public.elsewhere()', 'IMMUTABLE'),
    `CREATE FUNCTION noetl.liar_check(a text) RETURNS bool LANGUAGE plpgsql IMMUTABLE AS
      $$ BEGIN PERFORM pg_advisory_lock(4711); RETURN true; END $$`,
    `CREATE OPERATOR noetl.<#> (leftarg = int, rightarg = int, function = noetl.liar_plus)`,
    `CREATE OPERATOR public.<#! (leftarg = int, rightarg = int, function = noetl.liar_plus)`,
    `CREATE AGGREGATE noetl.liar_sum(int) (sfunc = noetl.liar_step, stype = int, initcond = '0')`,
    `CREATE DOMAIN noetl.checked AS text CHECK (noetl.liar_check(VALUE))`,
    `CREATE DOMAIN noetl.checked_again AS noetl.checked`,
    `CREATE VIEW noetl.over_liar AS SELECT noetl.immutable_liar() AS n`,
    `CREATE VIEW noetl.over_lock AS SELECT pg_advisory_lock(4711)::text AS n`,
    `CREATE VIEW noetl.over_view AS SELECT * FROM noetl.over_lock`,
    `CREATE VIEW noetl.over_operator AS SELECT 1 OPERATOR(noetl.<#>) 2 AS n`,
    `CREATE VIEW noetl.honest AS SELECT execution_id, count(*) AS n FROM noetl.event GROUP BY 1`,
    `CREATE TYPE noetl.pair AS (a int, b int)`,
    `CREATE FUNCTION noetl.cast_liar(p noetl.pair) RETURNS int LANGUAGE plpgsql IMMUTABLE AS
      $$ BEGIN PERFORM pg_advisory_lock(4711); RETURN 1; END $$`,
    `CREATE CAST (noetl.pair AS int) WITH FUNCTION noetl.cast_liar(noetl.pair) AS IMPLICIT`,
    `CREATE TABLE noetl.pairs (p noetl.pair)`,
    `INSERT INTO noetl.pairs VALUES (ROW(1, 2))`,
    `CREATE FUNCTION noetl.honest_double(a int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT a * 2'`,
    `CREATE ROLE ${READER} LOGIN PASSWORD 'p'`,
    `CREATE ROLE ${FILES} LOGIN PASSWORD 'p' IN ROLE pg_read_server_files`,
    `GRANT USAGE ON SCHEMA noetl TO ${READER}, ${FILES}`,
    `GRANT SELECT ON noetl.event TO ${READER}, ${FILES}`,
  ];
  for (const statement of statements) await db.pool.query(statement);
  store = openPostgresEventStore(settingsOf(db.url));
});
afterAll(async () => {
  await store?.close();
  await db?.pool.query(`DROP OWNED BY ${READER}, ${FILES}; DROP ROLE ${READER}, ${FILES}`);
  await db?.close();
});

const query = (sql: string, more: Partial<QueryOptions> = {}, on = store) =>
  on.runReadOnly(sql, { maxRows: 100, ...more });

async function refusal(sql: string, more: Partial<QueryOptions> = {}, on = store): Promise<string> {
  const outcome = await query(sql, more, on).catch((error: unknown) => error);
  if (!(outcome instanceof StoreError)) throw new Error(`not refused: ${sql}: ${JSON.stringify(outcome)}`);
  return `${outcome.kind}: ${outcome.message}`;
}

const PASSWD = "SELECT E'x'\n'\\' || ' , pg_read_file('/etc/passwd') --'";

describe('what would run something else than a read', () => {
  it.each([
    [PASSWD],
    ["SELECT E'x' -- a\n -- b\n'\\', pg_read_file('/etc/hostname') --'"],
    ['SELECT noetl.immutable_liar()'],
    ['SELECT immutable_liar()'],
    ['SELECT "noetl"."immutable_liar" ()'],
    ['SELECT e.liar_of FROM noetl.event e'],
    ['SELECT (e).liar_of FROM noetl.event e'],
    ['SELECT public.elsewhere()'],
    ['SELECT 1 <#> 2'],
    ['SELECT 1 OPERATOR(noetl.<#>) 2'],
    ['SELECT 1 OPERATOR(public.<#!) 2'],
    ['SELECT liar_sum(n) FROM generate_series(1, 2) AS g (n)'],
    ['SELECT noetl.liar_sum(n) OVER () FROM generate_series(1, 2) AS g (n)'],
    ["SELECT 'x'::noetl.checked"],
    ["SELECT CAST('x' AS checked_again)"],
    ["SELECT noetl.checked 'x'"],
    ['SELECT * FROM noetl.over_liar'],
    ['TABLE over_view'],
    ['WITH x AS (SELECT * FROM noetl.over_view) SELECT * FROM x'],
    ['SELECT * FROM noetl.over_operator'],
    ['SELECT p::int FROM noetl.pairs'],
    ['SELECT p + 1 FROM pairs'],
    ['SELECT ROW(1, 2)::noetl.pair::int'],
    ["SELECT table_to_xml('noetl.over_lock', true, true, '')"],
    ["SELECT schema_to_xml('noetl', true, true, '')"],
    ["SELECT pg_input_is_valid('x', 'noetl.checked')"],
    ['SELECT txid_current()'],
    ['EXPLAIN SELECT noetl.immutable_liar()'],
    ['EXPLAIN (ANALYZE) TABLE noetl.over_view'],
  ])('%s', async (sql) => {
    expect(await refusal(sql)).toMatch(/^refused-sql: /);
    const { rows } = await db.pool.query(
      "SELECT count(*)::int AS n FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711",
    );
    expect(rows).toEqual([{ n: 0 }]);
  });

  it('casts between built-in types count wherever they are', async () => {
    await db.pool.query(
      `CREATE FUNCTION noetl.text_liar(text) RETURNS bytea LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN ''; END $$`,
    );
    await db.pool.query('CREATE CAST (text AS bytea) WITH FUNCTION noetl.text_liar(text)');
    expect(await refusal('SELECT 1')).toMatch(/noetl\.text_liar is this database's own code/);
    await db.pool.query('DROP CAST (text AS bytea)');
    expect((await query('SELECT 1')).rows).toEqual([['1']]);
  });
});

describe('what still runs', () => {
  it.each([
    ['SELECT n FROM noetl.honest', '1'],
    ['SELECT count(*) FROM event', '1'],
    ['SELECT (SELECT max(e.event_type) FROM noetl.event e)', 'playbook_started'],
    ["SELECT E'it''s'\n'\\\\'", "it's\\"],
    ['SELECT 2 OPERATOR(pg_catalog.*) 3', '6'],
    ['SELECT count(*) >= 0 FROM information_schema.tables', 't'],
    ['SELECT count(*) > 0 FROM pg_stat_activity', 't'],
  ])('%s', async (sql, first) => expect((await query(sql)).rows[0]?.[0]).toBe(first));

  it("the database's own code with --allow-functions, but never what is VOLATILE", async () => {
    expect(await refusal('SELECT noetl.honest_double(2)')).toMatch(/noetl\.honest_double .*--allow-functions/);
    expect((await query('SELECT noetl.honest_double(2)', { allowFunctions: true })).rows).toEqual([['4']]);
    expect(await refusal('SELECT noetl.volatile_one()', { allowFunctions: true })).toMatch(/may change something/);
    expect(await refusal('TABLE noetl.over_view', { allowFunctions: true })).toMatch(/pg_advisory_lock/);
  });

  it('points to the schema where a name is not found', async () => {
    await db.pool.query('CREATE TABLE public.outside (a int)');
    expect(await refusal('TABLE outside')).toMatch(/does not exist; query looks in pg_catalog and noetl only/);
    expect((await query('TABLE public.outside')).rows).toEqual([]);
  });
});

describe('the fewest rights', () => {
  it("a superuser's are given up: the server itself refuses files", async () => {
    const { rows, risks } = await query("SELECT current_user, has_function_privilege('pg_read_file(text)', 'execute')");
    expect(rows).toEqual([['pg_read_all_data', 'f']]);
    expect(risks).toEqual([]);
  });

  it('a configured role is taken on, and put down again', async () => {
    expect((await query('SELECT current_user', { role: READER })).rows).toEqual([[READER]]);
    expect((await query('SELECT current_user', { role: 'none' })).risks).toEqual(['superuser']);
    expect(await refusal('TABLE noetl.resource', { role: READER })).toMatch(/^no-privilege: /);
    expect(await refusal('SELECT 1', { role: `no"such'\\role` })).toMatch(/cannot take on the role/);
  });

  it('a member of pg_read_server_files is warned of, a plain reader is not', async () => {
    for (const [user, risks] of [
      [FILES, ['pg_read_server_files']],
      [READER, []],
    ] as const) {
      const own = openPostgresEventStore({ ...settingsOf(db.url), user, password: 'p' });
      const result = await query('SELECT current_user, count(*) FROM noetl.event', {}, own);
      expect([result.rows, result.risks]).toEqual([[[user, '1']], risks]);
      await own.close();
    }
  });
});

it('gives up advisory locks before the transaction ends, after an error too: a pooler keeps the connection', async () => {
  const proxy = await FaultProxy.before(db.url);
  const sent: string[] = [];
  proxy.follow(({ text }) => {
    sent.push(text);
    return null;
  });
  const through = openPostgresEventStore(settingsOf(proxy.url));
  for (const sql of ['SELECT noetl.immutable_liar()', 'SELECT 1 / (noetl.immutable_liar() - 1)']) {
    await query(sql, { allowFunctions: true }, through).catch(() => {});
    expect(sent.at(-1)).toMatch(/^ROLLBACK TO SAVEPOINT \w+; SELECT pg_catalog.pg_advisory_unlock_all\(\); ROLLBACK$/);
  }
  await through.close();
  await proxy.close();
  // What was sent last works in both states of a transaction.
  const client = await db.pool.connect();
  for (const inside of ['SELECT noetl.immutable_liar()', 'SELECT 1 / (noetl.immutable_liar() - 1)']) {
    await client.query('BEGIN READ ONLY; SAVEPOINT noetl_console');
    await client.query(inside).catch(() => {});
    await client.query(sent.at(-1)!);
    const { rows } = await client.query(
      'SELECT count(*)::int AS n FROM pg_locks WHERE pid = pg_backend_pid() AND objid = 4711',
    );
    expect(rows).toEqual([{ n: 0 }]);
  }
  client.release();
});

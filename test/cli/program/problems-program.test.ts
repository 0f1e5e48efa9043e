import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.js';
import { cancelRows, execution } from '../helpers/executions.js';
import { runInProcess } from '../helpers/in-process.js';
import type { Outcome } from '../helpers/program.js';

const SECRET = 'hunter2-do-not-print';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());

const cancelOn = (url: string, ...argv: string[]) =>
  runInProcess(['cancel', '5', ...argv], { env: { DATABASE_URL: url } });

/** Exactly one line, with a cause and a remedy, and nothing of a password or a stack. */
function expectOneLine({ stdout, stderr }: Outcome, message: RegExp): void {
  expect(stdout).toBe('');
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(stderr).toMatch(message);
  expect(stderr).toMatch(/^noetl-console: /);
  expect(stderr).not.toMatch(/hunter2|\n\s+at /);
}

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A role that may log in and has been granted this; gone after the test. */
async function withRole<T>(grants: readonly string[], work: (url: string) => Promise<T>): Promise<T> {
  const role = `op_${randomBytes(6).toString('hex')}`;
  await db.pool.query(`CREATE ROLE ${role} LOGIN PASSWORD '${SECRET}'`);
  for (const grant of grants) await db.pool.query(`${grant} TO ${role}`);
  const url = new URL(db.url);
  url.username = role;
  url.password = SECRET;
  try {
    return await work(url.href);
  } finally {
    await db.pool.query(`DROP OWNED BY ${role}`);
    await db.pool.query(`DROP ROLE ${role}`);
  }
}

describe('the database', () => {
  it('is down', async () => {
    const outcome = await cancelOn(`postgresql://op:${SECRET}@127.0.0.1:${await closedPort()}/noetl`);
    expect(outcome.code).toBe(1);
    expectOneLine(outcome, /cannot reach PostgreSQL at 127\.0\.0\.1:\d+ \(ECONNREFUSED\); check/);
  });

  it('has no host of that name', async () => {
    const outcome = await cancelOn(`postgresql://op:${SECRET}@no-such-host.invalid/noetl`);
    expect(outcome.code).toBe(1);
    expectOneLine(outcome, /cannot reach PostgreSQL at no-such-host\.invalid/);
  });

  it('refuses the password', async () => {
    const url = new URL(db.url);
    url.password = SECRET;
    const outcome = await cancelOn(url.href);
    expect(outcome.code).toBe(1);
    expectOneLine(outcome, /refuses user .*check user and password/);
  });

  it('does not exist', async () => {
    const url = new URL(db.url);
    url.pathname = '/no_such_database';
    const outcome = await cancelOn(url.href);
    expect(outcome.code).toBe(1);
    expectOneLine(outcome, /database "no_such_database" does not exist/);
  });

  it('has no such schema', async () => {
    const outcome = await cancelOn(db.url, '--schema', 'elsewhere');
    expect(outcome.code).toBe(1);
    expectOneLine(outcome, /elsewhere.*NOETL_SCHEMA/);
  });

  it('is empty', async () => {
    const empty = await createTestDatabase({ empty: true });
    try {
      const outcome = await cancelOn(empty.url);
      expect(outcome.code).toBe(1);
      expectOneLine(outcome, /noetl/);
    } finally {
      await empty.close();
    }
  });

  it('does not let this user insert: everything can be read, nothing is written', async () => {
    const id = await execution(db);
    await withRole(['GRANT USAGE ON SCHEMA noetl', 'GRANT SELECT ON ALL TABLES IN SCHEMA noetl'], async (url) => {
      const outcome = await runInProcess(['cancel', id], { env: { DATABASE_URL: url } });
      expect(outcome.code).toBe(1);
      expectOneLine(outcome, /lacks a privilege .*INSERT on noetl\.event/);
      expect((await runInProcess(['status', id], { env: { DATABASE_URL: url } })).code).toBe(0);
      const doctor = await runInProcess(['doctor', '--json'], { env: { DATABASE_URL: url } });
      expect(doctor.stdout).toMatch(/"privileges","level":"warning".*GRANT INSERT ON \\"noetl\\"\.event/);
    });
    expect(await cancelRows(db, id)).toBe(0);
  });

  it('is a standby', async () => {
    const id = await execution(db);
    // What a standby answers, from a trigger: it takes a second server to have a real one.
    await db.pool.query(`CREATE FUNCTION standby() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      RAISE EXCEPTION 'cannot execute INSERT in a read-only transaction' USING ERRCODE = '25006'; END $$;
      CREATE TRIGGER standby BEFORE INSERT ON noetl.event EXECUTE FUNCTION standby()`);
    try {
      const outcome = await runInProcess(['cancel', id], { env: { DATABASE_URL: db.url } });
      expect(outcome.code).toBe(1);
      expectOneLine(outcome, /read-only; connect to the primary/);
    } finally {
      await db.pool.query('DROP FUNCTION standby() CASCADE');
    }
    expect(await cancelRows(db, id)).toBe(0);
  });

  it('does not let this user read', async () => {
    await withRole([], async (url) => {
      const outcome = await cancelOn(url);
      expect(outcome.code).toBe(1);
      expectOneLine(outcome, /privilege|schema/);
    });
  });

  it('stack and causes come with --debug only, and without the password', async () => {
    const outcome = await cancelOn(`postgresql://op:${SECRET}@127.0.0.1:${await closedPort()}/noetl`, '--debug');
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toMatch(/\n\s+at .*\.[jt]s/);
    expect(outcome.stderr).not.toContain(SECRET);
  });
});

describe('an older installation works', () => {
  it.each([{ withoutPrevEventId: true }, { withoutRuntime: true }, { schema: 'Odd "name"' }])('%j', async (options) => {
    const old = await createTestDatabase(options);
    try {
      const id = await execution(old);
      const env = { DATABASE_URL: old.url, NOETL_SCHEMA: old.schema };
      expect((await runInProcess(['stale'], { env })).stdout).toContain(id);
      expect((await runInProcess(['cancel', id], { env })).code).toBe(0);
      expect((await runInProcess(['cancel', id], { env })).code).toBe(4);
      expect((await runInProcess(['doctor'], { env })).code).toBe(0);
    } finally {
      await old.close();
    }
  });
});

describe('the configuration', () => {
  const run = (argv: string[], env: Record<string, string> = {}) => runInProcess(argv, { env });

  it.each(['list', 'stale', 'cleanup', 'doctor', 'cancelled', 'serve'])(
    '%s without a connection says what to set',
    async (name) => {
      const outcome = await run([name]);
      expect(outcome.code).toBe(2);
      expectOneLine(outcome, /DATABASE_URL.*--database-url.*--demo/);
    },
  );

  it('a bad URL is one line that never shows the password', async () => {
    const outcome = await run(['list'], { DATABASE_URL: `postgresql://u:${SECRET}/x@h/d` });
    expect(outcome.code).toBe(2);
    expectOneLine(outcome, /DATABASE_URL/);
  });

  it.each([
    [['list', '--demo', '--database-url', 'postgresql://h/d'], /--demo and --database-url/],
    [['list', '--seed', '7', '--database-url', 'postgresql://h/d'], /--seed needs --demo/],
    [['list', '--demo', '--seed', 'x'], /--seed "x"/],
    [['--cascade'], /--cascade needs --cancel/],
    [['serve', '--port', '70000'], /--port "70000"/],
    [['stale', '--older-than', '5x'], /--older-than "5x"/],
    [['cleanup', '--older-than', '5x'], /--older-than "5x"/],
    [['runaway', '--older-than', '5x'], /--older-than "5x"/],
    [['status', '1', '--older-than', '5x'], /--older-than "5x"/],
    [['query', ' '], /query needs one SQL statement/],
    [['status'], /status needs an execution id/],
    [['tree', '1', '2'], /tree takes only an execution id; unexpected "2"/],
    [['list', 'x'], /list takes no arguments/],
    [['cleanup', '--include', 'orphand'], /--include does not know "orphand"/],
    [['completion', 'tcsh'], /tcsh/],
  ])('%j is refused', async (argv, message) => {
    const { code, stdout, stderr } = await run(argv);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
  });
});

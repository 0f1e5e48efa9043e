import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.js';
import { cancelRows, execution } from '../helpers/executions.js';
import { runInProcess } from '../helpers/in-process.js';

let db: TestDatabase;
const roles: string[] = [];
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(async () => {
  for (const role of roles) await db.pool.query(`DROP OWNED BY "${role}"; DROP ROLE "${role}"`);
  await db.close();
});

/** A user of its own with these rights, and the program run as that user. */
async function user(...grants: string[]) {
  // A name that has to be quoted: a blank, a capital and a quote.
  const role = `Op erator ${randomBytes(4).toString('hex')}`;
  roles.push(role);
  await db.pool.query(`CREATE ROLE "${role}" LOGIN PASSWORD 'p'`);
  for (const grant of grants) await db.pool.query(`GRANT ${grant} TO "${role}"`);
  const url = new URL(db.url);
  url.username = encodeURIComponent(role);
  url.password = 'p';
  return { role, run: (...argv: string[]) => runInProcess(argv, { env: { DATABASE_URL: url.href } }) };
}

const EVENT_ONLY = ['USAGE ON SCHEMA noetl', 'SELECT, INSERT ON noetl.event'];

/** What stderr says about privileges, but for what is said to be unknown for want of one. */
const complaints = (stderr: string): string[] =>
  stderr.split('\n').filter((line) => /permission|privilege/.test(line) && !/unknown/.test(line));

describe('SELECT and INSERT on noetl.event alone', () => {
  it.each([
    [['list', '--status', 'all'], 0],
    [['list', '--json'], 0],
    [['status', 'ID'], 0],
    [['status', 'ID', '--json'], 0],
    [['tree', 'ID'], 0],
    [['events', 'ID'], 0],
    [['stale'], 0],
    [['stale', '--json'], 0],
    [['cancelled'], 0],
    [['cleanup', '--dry-run'], 0],
    [['query', 'SELECT count(*) FROM noetl.event'], 0],
    [['cancel', 'ID', '--dry-run', '--cascade'], 0],
    [['cancel', 'ID', '--cascade', '--wait=3s'], 0],
    [['doctor'], 0],
    [[], 0],
  ] as [string[], number][])('%j works', async (argv, expected) => {
    const id = await execution(db);
    const child = await execution(db, { parent: id });
    const { run } = await user(...EVENT_ONLY);
    const { code, stdout, stderr } = await run(...argv.map((word) => (word === 'ID' ? id : word)));
    expect([argv, code, complaints(stderr)]).toEqual([
      argv,
      argv.includes('--wait=3s') && code === 6 ? 6 : expected,
      [],
    ]);
    expect(stdout + stderr).not.toBe('');
    const written = argv[0] === 'cancel' && !argv.includes('--dry-run');
    expect([await cancelRows(db, id), await cancelRows(db, child)]).toEqual(written ? [1, 1] : [0, 0]);
  });

  it('a search by path says what is missing instead of finding nothing', async () => {
    const { run } = await user(...EVENT_ONLY);
    const { code, stderr } = await run('list', '--status', 'all', '--path', 'etl/*');
    expect(code).toBe(1);
    expect(stderr).toMatch(/noetl\.catalog is not readable/);
  });

  it('paths are there for who may read the catalog, without one more right', async () => {
    const id = await execution(db);
    const { run } = await user(...EVENT_ONLY, 'SELECT ON noetl.catalog');
    expect((await run('status', id)).stdout).toContain('etl/load_orders');
    expect((await run('stale')).code).toBe(0);
  });
});

describe('the remedy', () => {
  it.each([
    [
      ['SELECT, INSERT ON noetl.event'],
      /lacks a privilege \(USAGE on schema noetl\): GRANT USAGE ON SCHEMA "noetl" TO "Op erator/,
    ],
    [
      ['USAGE ON SCHEMA noetl', 'SELECT ON noetl.catalog'],
      /lacks a privilege \(SELECT on noetl\.event\): GRANT SELECT, INSERT ON "noetl"\.event TO/,
    ],
    [
      ['USAGE ON SCHEMA noetl', 'SELECT ON noetl.event'],
      /lacks a privilege \(INSERT on noetl\.event\): GRANT INSERT ON "noetl"\.event TO/,
    ],
    [[], /USAGE on schema noetl, SELECT on noetl\.event/],
  ])('of %j names what is missing', async (grants, message) => {
    const id = await execution(db);
    const { run } = await user(...grants);
    const { code, stderr } = await run('cancel', id);
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
    expect(await cancelRows(db, id)).toBe(0);
  });

  it('of doctor is all GRANTs at once, and they are enough', async () => {
    const { run } = await user();
    const before = await run('doctor', '--json');
    expect(before.code).toBe(1);
    const checks = before.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const { remedy } = checks.find((check) => check.name === 'privileges');
    await db.pool.query(remedy);
    const after = await run('doctor', '--json');
    expect(after.code).toBe(0);
    expect(after.stdout).toMatch(/"privileges","level":"ok"/);
    expect(after.stdout).not.toContain('"rights"');
  });

  it('of doctor names a superuser, and who reaches files', async () => {
    const superuser = await runInProcess(['doctor'], { env: { DATABASE_URL: db.url } });
    expect(superuser.stdout).toMatch(/is a superuser; query gives that up/);
    const { run } = await user(...EVENT_ONLY, 'pg_execute_server_program');
    expect((await run('doctor')).stdout).toMatch(/pg_execute_server_program\), and so does what query runs/);
    const asked = await run('query', 'SELECT 1');
    expect(asked.code).toBe(0);
    expect(asked.stderr).toMatch(/WARNING: this query ran with more rights than reading \(pg_execute_server_program\)/);
  });
});

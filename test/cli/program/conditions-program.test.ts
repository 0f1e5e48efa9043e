import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.js';
import { cancelRows, execution } from '../helpers/executions.js';
import { type InProcessOptions, runInProcess } from '../helpers/in-process.js';

let db: TestDatabase;
let stuck: string;
beforeAll(async () => {
  db = await createTestDatabase();
  // The holder of the command is gone, and so is the only worker that is registered.
  stuck = await execution(db, { ago: 45 });
  await db.pool.query(
    `INSERT INTO noetl.runtime (runtime_id, name, kind, status, heartbeat, created_at)
      VALUES (1, E'worker-\\x1b[31m1', 'worker_pool', 'offline', now() - interval '4 min', now() - interval '1 hour')`,
  );
}, 60_000);
afterAll(async () => {
  await db?.close();
});

const run = (argv: readonly string[], options: InProcessOptions = {}) =>
  runInProcess(argv, { env: { DATABASE_URL: db.url }, ...options });
const jsonLines = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

describe('while no worker is alive', () => {
  it('stale says so on top and calls nothing safe', async () => {
    const { code, stdout } = await run(['stale']);
    expect(code).toBe(0);
    const lines = stdout.split('\n');
    expect(lines[0]).toMatch(
      /^! no-workers: 1 command waits \(1 held by workers that are gone\) and the only worker pool/,
    );
    expect(lines[1]).toMatch(/^Nothing is safe to clean up while this holds/);
    expect(stdout).not.toContain('\u001b[31m');
    expect(lines.find((line) => line.includes(stuck))).toMatch(/^worker-lost +no /);
  });

  it('stale --json keeps standard output to executions, with safe false, and says it on standard error', async () => {
    const { code, stdout, stderr } = await run(['stale', '--json']);
    expect(code).toBe(0);
    expect(jsonLines(stdout)).toMatchObject([{ execution_id: stuck, code: 'worker-lost', safe: false }]);
    expect(stderr).toMatch(/^! no-workers: /);
  });

  it('status, list and doctor say it too', async () => {
    const status = await run(['status', stuck]);
    expect(status.stdout).toContain('not now: nothing is safe while a condition of the engine holds');
    expect(status.stderr).toMatch(/^! no-workers: /);
    const [listed] = jsonLines((await run(['list', '--json'])).stdout);
    expect(listed).toMatchObject({ execution_id: stuck, safe: false });
    const doctor = await run(['doctor']);
    expect(doctor.code).toBe(1);
    expect(doctor.stdout).toMatch(/✗ no-workers +1 command waits .*\n +→ start a worker pool/);
    const checks = jsonLines((await run(['doctor', '--json'])).stdout);
    expect(checks.filter(({ level }) => level === 'problem').map(({ name }) => name)).toEqual(['no-workers']);
    expect(checks.find(({ name }) => name === 'log-behind').finding).toMatch(/^unknown: noetl\.command has no row/);
  });

  it('the snapshot without a terminal says it above its lists', async () => {
    const { code, stdout } = await run([]);
    expect(code).toBe(0);
    expect(stdout.indexOf('! no-workers: ')).toBeLessThan(stdout.indexOf('Active: '));
    expect(stdout).toContain('! no-workers: ');
  });

  it('cleanup refuses with exit 7, writes nothing, and says what to fix and how to override it', async () => {
    for (const argv of [['cleanup'], ['cleanup', '--json'], ['cleanup', '--despite', 'engine-down']]) {
      const { code, stdout, stderr } = await run(argv);
      expect([code, stdout]).toEqual([7, '']);
      expect(stderr).toMatch(
        /^noetl-console: refused: .*\n! no-workers: 1 command waits .*\n {2}→ start a worker pool/,
      );
      expect(stderr).toContain('--despite no-workers overrides it');
    }
    expect(await cancelRows(db)).toBe(0);
  });

  it('a dry run prints its plan all the same, and exits 7 too', async () => {
    const { code, stdout, stderr } = await run(['cleanup', '--dry-run']);
    expect(code).toBe(7);
    expect(stdout).toContain('Would cancel 1 execution');
    expect(stdout).toContain(stuck);
    expect(stderr).toContain('! no-workers: ');
    const json = await run(['cleanup', '--dry-run', '--json']);
    expect(jsonLines(json.stdout)).toMatchObject([{ status: 'dry_run', execution_id: stuck, safe: false }]);
  });

  it.each([
    [
      ['cleanup', '--despite', 'no-worker'],
      /--despite does not know "no-worker": one of no-workers, .*\nDid you mean no-workers\?/,
    ],
    [['cleanup', '--despite'], /--despite needs a value/],
    [['stale', '--despite', 'no-workers'], /--despite is not a flag of noetl-console stale \(it belongs to: cleanup\)/],
  ])('%j is a usage error', async (argv, expected) => {
    const { code, stdout, stderr } = await run(argv);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(expected);
  });

  it('a cancel of a chosen id is never refused, and says nothing of a condition in its row', async () => {
    const chosen = await execution(db, { ago: 44 });
    expect((await run(['cancel', chosen])).code).toBe(0);
    const { rows } = await db.pool.query(
      `SELECT meta ? 'despite' AS despite FROM noetl.event WHERE execution_id = $1 AND event_type = 'execution.cancelled'`,
      [chosen],
    );
    expect(rows).toEqual([{ despite: false }]);
  });

  it('--despite cancels, and each cancel says what was overridden', async () => {
    const { code, stdout } = await run(['cleanup', '--despite', 'no-workers', '--despite', 'log-behind', '--json']);
    expect(code).toBe(0);
    expect(jsonLines(stdout)).toMatchObject([{ status: 'cancelled', execution_id: stuck }]);
    const { rows } = await db.pool.query(
      `SELECT meta->'despite' AS despite FROM noetl.event WHERE execution_id = $1 AND event_type = 'execution.cancelled'`,
      [stuck],
    );
    expect(rows).toEqual([{ despite: ['no-workers'] }]);
  });

  it('nothing waits any more: nothing is refused', async () => {
    const { code, stdout } = await run(['cleanup']);
    expect([code, stdout]).toEqual([0, 'Cancelled 0 execution(s)\n']);
  });
});

it('says that worker liveness is unknown where nothing is registered, and refuses nothing for it', async () => {
  const bare = await createTestDatabase();
  try {
    const env = { DATABASE_URL: bare.url };
    await execution(bare, { ago: 45 });
    const stale = await run(['stale'], { env });
    expect(stale.stderr).toContain('worker liveness unknown');
    expect(stale.stdout).not.toContain('Nothing is safe');
    expect((await run(['cleanup', '--dry-run'], { env })).code).toBe(0);
  } finally {
    await bare.close();
  }
});

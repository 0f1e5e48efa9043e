import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { displayWidth } from '../../../source/text/width.js';
import { createTestDatabase, type TestDatabase, writeEvents } from '../../helpers/database.js';
import { cancelRows, execution } from '../helpers/executions.js';
import { type InProcessOptions, runInProcess } from '../helpers/in-process.js';

let db: TestDatabase;
const ids = { parent: '', orphan: '', held: '', fresh: '', failed: '', cancelled: '' };
const run = (argv: string[], options: InProcessOptions = {}) =>
  runInProcess(argv, { ...options, env: { DATABASE_URL: db.url } });

beforeAll(async () => {
  db = await createTestDatabase();
  ids.parent = await execution(db, { ago: 50, end: 'playbook.completed', path: 'etl/parent' });
  ids.orphan = await execution(db, { ago: 49, parent: ids.parent, path: 'etl/child' });
  ids.held = await execution(db, { ago: 45, path: 'media/held' });
  ids.failed = await execution(db, { ago: 30, end: 'playbook.failed', path: 'etl/broken' });
  ids.cancelled = await execution(db, { ago: 25, path: 'media/cancelled' });
  ids.fresh = await execution(db, { ago: 1, path: 'etl/fresh' });
  // One live worker, which holds one command; the worker of all the others is gone.
  await db.pool.query(
    `INSERT INTO noetl.runtime (runtime_id, name, kind, status, heartbeat, created_at)
     VALUES (1, 'worker-1', 'worker_pool', 'ready', now(), now() - interval '1 day')`,
  );
  await db.pool.query(
    `UPDATE noetl.event SET worker_id = 'worker-1' WHERE execution_id = $1 AND worker_id IS NOT NULL`,
    [ids.held],
  );
  await run(['cancel', ids.cancelled, '--reason', 'Duplicate of another', '--as', 'ada']);
});
// However slow the machine is, the worker is alive.
beforeEach(() => db.pool.query('UPDATE noetl.runtime SET heartbeat = now()'));
afterAll(() => db.close());

const named = async (...argv: string[]) => {
  const { code, stdout } = await run([...argv, '-o', 'name']);
  expect([argv, code]).toEqual([argv, 0]);
  return stdout.trimEnd().split('\n').filter(Boolean);
};

describe('--filter', () => {
  it.each<[string, () => string[]]>([
    ['path:etl/*', () => [ids.fresh, ids.failed, ids.orphan, ids.parent]],
    ['status:stale', () => [ids.held, ids.orphan]],
    ['status:stale -path:media/*', () => [ids.orphan]],
    ['why:orphaned', () => [ids.orphan]],
    ['why:live*', () => [ids.held]],
    ['-why:orphaned status:stale', () => [ids.held]],
    ['age>40m -status:completed', () => [ids.held, ids.orphan]],
    ['reason:dup*', () => [ids.cancelled]],
    ['by:ada', () => [ids.cancelled]],
    ['another', () => [ids.cancelled]],
    ['parent:{parent}', () => [ids.orphan]],
    ['id:{failed}', () => [ids.failed]],
    ['worker:worker-7 status:running', () => [ids.fresh]],
  ])('list %s', async (text, expected) => {
    const filter = text.replace('{parent}', ids.parent).replace('{failed}', ids.failed);
    expect(await named('list', '--filter', filter)).toEqual(expected());
  });

  it('narrows stale and the plan of a cleanup, as --why and --path do', async () => {
    for (const flags of [
      ['--filter', 'why:orphaned'],
      ['--why', 'orphaned'],
      ['--path', 'etl/*'],
    ]) {
      expect(await named('stale', ...flags)).toEqual([ids.orphan]);
      expect(await named('cleanup', '--dry-run', '--include', 'live-claim', ...flags)).toEqual([ids.orphan]);
    }
    expect((await named('cleanup', '--dry-run', '--include', 'live-claim')).sort()).toEqual([ids.orphan, ids.held]);
  });

  it.each([
    ['list', 'age>soon', /--filter: "soon" is not a duration.*\n.*column 1: age>soon/],
    ['stale', 'path:x wy:y', /--filter: no field "wy".*\n.*column 8: wy:y/],
    ['cancel', ' ', /--filter is empty/],
  ])('%s %s is refused, with the place', async (command, filter, message) => {
    const { code, stdout, stderr } = await run([command, '--filter', filter]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
  });
});

describe('cancel --filter', () => {
  it('without --yes shows the plan with its evidence, and writes nothing', async () => {
    const before = await cancelRows(db);
    const { code, stdout, stderr } = await run(['cancel', '--filter', 'path:etl/*']);
    expect(code).toBe(2);
    expect(stdout).toMatch(/^Would cancel 1 execution:\nSTATUS +WHY +SAFE +EXECUTION/);
    expect(stdout).toMatch(new RegExp(`STALE +orphaned +yes +${ids.orphan}`));
    expect(stderr).toMatch(/Left out: 1 healthy execution with an event in the last 10m; status:running/);
    expect(stderr).toContain('nothing was written: --yes or --yes=1 cancels 1 execution');
    expect((await run(['cancel', '--filter', 'path:etl/*', '--dry-run'])).code).toBe(0);
    expect(await cancelRows(db)).toBe(before);
  });

  it('wants the count where the plan is not all stale and safe, and the right one', async () => {
    const before = await cancelRows(db);
    const unsafe = ['cancel', '--filter', 'path:media/held'];
    for (const argv of [
      [...unsafe, '--yes'],
      [...unsafe, '--yes=2'],
      ['cancel', '--filter', 'status:running', '--yes'],
      // The healthy one is left out, so that the count does not fit.
      ['cancel', '--filter', 'path:etl/*', '--yes=2'],
    ]) {
      const { code, stderr } = await run(argv);
      expect([argv, code]).toEqual([argv, 2]);
      expect(stderr).toContain('nothing was written');
    }
    const both = await run(['cancel', ids.held, '--filter', 'path:x']);
    expect([both.code, both.stderr]).toEqual([2, expect.stringContaining('exclude one another')]);
    expect((await run(['cancel', '--yes', ids.held])).code).toBe(2);
    expect((await run(['cancel', '--filter', 'path:none'])).code).toBe(4);
    expect(await cancelRows(db)).toBe(before);
  });

  it('writes what is agreed to, and what it names as running', async () => {
    const safe = await execution(db, { ago: 40, parent: ids.parent, path: 'gone/orphan' });
    const done = await run(['cancel', '--filter', 'path:gone/*', '--yes', '--json']);
    expect([done.code, JSON.parse(done.stdout)]).toMatchObject([0, { status: 'cancelled', execution_id: safe }]);
    const running = await execution(db, { ago: 1, path: 'gone/running' });
    const child = await execution(db, { ago: 1, path: 'other/child', parent: running });
    const filter = 'path:gone/* status:running';
    expect((await run(['cancel', '--filter', filter, '--cascade', '--yes=1'])).code).toBe(2);
    const both = await run(['cancel', '--filter', filter, '--cascade', '--yes=2', '-o', 'name']);
    expect([both.code, both.stdout]).toEqual([0, `${running}\n${child}\n`]);
  });
});

describe('-o and --sort', () => {
  it('name can be piped into cancel', async () => {
    const id = await execution(db, { ago: 30, path: 'piped/one' });
    const { stdout } = await run(['list', '--path', 'piped/*', '-o', 'name']);
    expect(stdout).toBe(`${id}\n`);
    expect((await run(['--cancel', '-'], { stdin: stdout })).code).toBe(0);
  });

  it('--json is -o json, and contradicts the others', async () => {
    const [one, two] = [await run(['list', '--json', '-n', '1']), await run(['list', '-o', 'json', '-n', '1'])];
    expect(JSON.parse(two.stdout).execution_id).toBe(JSON.parse(one.stdout).execution_id);
    expect((await run(['list', '--json', '-o', 'wide'])).stderr).toMatch(/--json and --output wide exclude/);
  });

  it('orders by a field, and backwards with a minus, before --limit counts', async () => {
    expect(await named('stale', '--sort', 'silent')).toEqual([ids.held, ids.orphan]);
    expect(await named('stale', '--sort', '-silent')).toEqual([ids.orphan, ids.held]);
    expect(await named('list', '--status', 'stale', '--sort=-silent', '-n', '1')).toEqual([ids.orphan]);
    expect((await named('list', '--filter', 'path:etl/*', '--sort', 'path'))[0]).toBe(ids.failed);
    expect((await run(['stale', '--sort', 'size'])).stderr).toMatch(/--sort does not know "size"/);
  });

  it.each([40, 80, 200])('tables keep to a terminal of %d columns, wide ones are not cut', async (columns) => {
    for (const argv of [
      ['list'],
      ['stale'],
      ['cancelled'],
      ['cleanup', '--dry-run'],
      ['cancel', '--filter', 'age>1m'],
    ]) {
      const { stdout } = await run([...argv, '--no-color'], { columns });
      const table = stdout
        .split('\n')
        .filter((line) => !/^(!|Dry run|Skipped|Would|Imported|Nothing is safe)/.test(line));
      for (const line of table) expect([argv, line, displayWidth(line) <= columns]).toEqual([argv, line, true]);
    }
    const wide = await run(['cancelled', '-o', 'wide', '--no-color'], { columns });
    expect(wide.stdout).toMatch(/BATCH *\n.*[0-9a-f-]{36}\n/s);
    expect(wide.stdout).not.toContain('…');
  });

  it('tables in a pipe are not cut', async () => {
    expect((await run(['cancelled'])).stdout).not.toContain('…');
  });
});

describe('--watch', () => {
  it.each(['stale', 'cancelled'])('%s is painted anew in place, cut to the height, until Ctrl-C', async (name) => {
    const { code, stdout } = await run([name, '--watch'], {
      columns: 80,
      rows: 6,
      onStdout: (_, child) => child.kill(),
    });
    expect(code).toBe(130);
    expect(stdout.startsWith('\u001b[H')).toBe(true);
    expect(stdout.split('\n').length).toBeLessThanOrEqual(6);
  });

  it('cancelled prints a cancel again once its work has stopped', async () => {
    const id = await execution(db, { ago: 2, path: 'watched/cancel' });
    await run(['cancel', id]);
    let wrote: Promise<unknown> | null = null;
    const { stdout } = await run(['cancelled', '--watch', '--json', '--limit', '1'], {
      onStdout: (text, child) => {
        const meta = { command_id: `${id}:load_orders` };
        wrote ??= writeEvents(db.pool, [{ execution_id: id, event_type: 'command.completed', meta }]);
        if (text.trimEnd().split('\n').length === 2) child.kill();
      },
    });
    await wrote;
    const phases = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).stop.phase);
    expect(phases).toHaveLength(2);
    expect(phases[1]).not.toBe(phases[0]);
  });
});

import { spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../source/cli/commands/index.js';
import { createTestDatabase, type TestDatabase, writeEvents } from '../../helpers/database.js';
import { execution, minutesAgo } from '../helpers/executions.js';
import { type InProcessOptions, runInProcess } from '../helpers/in-process.js';
import { type BuiltProgram, buildProgram, runProgram } from '../helpers/program.js';

const NOWHERE = '999999999999999';
const ESCAPES = 'adhoc/\u001b[31mred\u001b]0;owned\u0007';

let db: TestDatabase;
let program: BuiltProgram;
const ids = { root: '', child: '', fresh: '', failed: '', cancelled: '', escapes: '' };

beforeAll(async () => {
  [db, program] = await Promise.all([createTestDatabase({ timezone: 'America/New_York' }), buildProgram()]);
  ids.root = await execution(db, { ago: 40, path: 'etl/parent' });
  ids.child = await execution(db, { ago: 39, parent: ids.root, path: 'etl/child' });
  ids.failed = await execution(db, { ago: 30, end: 'playbook.failed', path: 'etl/broken' });
  ids.escapes = await execution(db, { ago: 25, path: ESCAPES });
  ids.fresh = await execution(db, { ago: 1, path: 'media/thumbnails' });
  ids.cancelled = await execution(db, { ago: 20 });
  await runInProcess(['cancel', ids.cancelled, '--reason', 'Not needed', '--as', 'ada'], {
    env: { DATABASE_URL: db.url },
  });
});
afterAll(() => Promise.all([db.close(), program.remove()]));

const run = (argv: string[], options: InProcessOptions = {}) =>
  runInProcess(argv, { ...options, env: { DATABASE_URL: db.url, ...options.env } });
const jsonOf = async (...argv: string[]) => {
  const { code, stdout } = await run([...argv, '--json']);
  const lines = stdout.split('\n').filter((line) => line !== '');
  return { code, bodies: lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
};
const idsOf = (bodies: readonly Record<string, unknown>[]) => bodies.map((body) => body.execution_id);

describe('list', () => {
  it('prints one object a line, newest first', async () => {
    const { code, bodies } = await jsonOf('list');
    expect(code).toBe(0);
    expect(idsOf(bodies)).toEqual([ids.fresh, ids.cancelled, ids.escapes, ids.failed, ids.child, ids.root]);
    const child = bodies.find((body) => body.execution_id === ids.child)!;
    expect(child).toMatchObject({
      path: 'etl/child',
      version: 1,
      status: 'STALE',
      parent_execution_id: ids.root,
      last_event: { type: 'command.started', node: 'load_orders' },
      code: expect.any(String),
      safe: expect.any(Boolean),
      evidence: { sentence: expect.any(String) },
    });
    expect(Math.abs(Date.parse(child.started_at as string) - minutesAgo(39))).toBeLessThan(60_000);
    expect(child.silent_seconds).toBeGreaterThan(38 * 60);
    expect(bodies[0]).not.toHaveProperty('code');
  });

  it.each<[string[], () => string[]]>([
    [['--status', 'running'], () => [ids.fresh]],
    [['--status', 'stale'], () => [ids.escapes, ids.child, ids.root]],
    [['--status', 'stale', '--older-than', '35m'], () => [ids.child, ids.root]],
    [['--status', 'failed'], () => [ids.failed]],
    [['--status', 'cancelled'], () => [ids.cancelled]],
    [['--status', 'completed'], () => []],
    [['--path', 'etl/*', '--status', 'stale'], () => [ids.child, ids.root]],
    [['--path', 'etl/b?oken'], () => [ids.failed]],
    [['--path', 'etl/b_oken'], () => []],
    [['--parent', '{root}'], () => [ids.child]],
    [['--since', '5m'], () => [ids.fresh]],
    [['--limit', '2'], () => [ids.fresh, ids.cancelled]],
  ])('%j', async (argv, expected) => {
    const { code, bodies } = await jsonOf('list', ...argv.map((word) => (word === '{root}' ? ids.root : word)));
    expect([code, idsOf(bodies)]).toEqual([0, expected()]);
  });

  it('prints a table whose text cannot command the terminal', async () => {
    const { stdout } = await run(['list']);
    expect(stdout).toMatch(/^STATUS +WHY +EXECUTION +PLAYBOOK/);
    expect(stdout).toContain('adhoc/␛[31mred␛]0;owned␇ v1');
    expect(stdout).not.toContain('\u001b');
    expect(stdout).not.toContain('\u0007');
  });

  it('is coloured when FORCE_COLOR asks for it, and not when --no-color forbids it', async () => {
    const env = { FORCE_COLOR: '1' };
    expect((await run(['list'], { env })).stdout).toContain('\u001b[1mSTATUS');
    expect((await run(['list', '--no-color'], { env })).stdout).not.toContain('\u001b');
  });

  it('--watch prints an execution again when it has changed, and Ctrl-C ends it', async () => {
    let wrote: Promise<unknown> | null = null;
    const mine = await execution(db, { ago: 2, path: 'watched/one' });
    const { code, stdout } = await runProgram(program, ['list', '--watch', '--json', '--path', 'watched/*'], {
      env: { DATABASE_URL: db.url },
      onStdout: (text, child) => {
        const seen = text.trimEnd().split('\n').length;
        if (seen === 1) {
          wrote ??= writeEvents(db.pool, [
            { execution_id: mine, event_type: 'playbook.completed', path: 'watched/one' },
          ]);
        } else child.kill('SIGINT');
      },
    });
    await wrote;
    expect(code).toBe(130);
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).status),
    ).toEqual(['RUNNING', 'COMPLETED']);
  });

  it('ends quietly when nobody reads on', async () => {
    await writeEvents(
      db.pool,
      Array.from({ length: 3000 }, (_, index) => ({
        execution_id: `${800_000_000 + index}`,
        event_type: 'playbook.initialized',
        path: 'many/executions',
        created_at: Date.now() - 3_600_000,
      })),
    );
    const child = spawn(
      'bash',
      [
        '-o',
        'pipefail',
        '-c',
        '"$0" "$1" list --path "many/*" --limit 3000 --json | head -n 1',
        process.execPath,
        program.entry,
      ],
      { env: { ...process.env, DATABASE_URL: db.url } },
    );
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (data) => (stdout += data));
    child.stderr.on('data', (data) => (stderr += data));
    const code = await new Promise((resolve) => child.on('close', resolve));
    await db.pool.query('DELETE FROM noetl.event WHERE execution_id BETWEEN 800000000 AND 800002999');
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toHaveProperty('execution_id');
  });
});

describe('stale', () => {
  it('tells why, with evidence, and sums up', async () => {
    const { code, bodies } = await jsonOf('stale');
    expect(code).toBe(0);
    expect(new Set(idsOf(bodies))).toEqual(new Set([ids.root, ids.child, ids.escapes]));
    for (const body of bodies) expect(body).toMatchObject({ status: 'STALE', code: expect.any(String) });
    const { stdout } = await run(['stale']);
    expect(stdout).toMatch(/^WHY +SAFE +EXECUTION/);
    expect(stdout).toMatch(/PLAYBOOK +EXECUTIONS +SAFE/);
  });
  it('takes a threshold', async () => {
    expect(idsOf((await jsonOf('stale', '--older-than', '30s')).bodies)).toContain(ids.fresh);
    expect((await jsonOf('stale', '--older-than', '2d')).bodies).toEqual([]);
  });
});

describe('status, tree, events', () => {
  it('status tells one execution in lines and as JSON', async () => {
    const { code, stdout } = await run(['status', ids.root]);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      new RegExp(`^Execution: +${ids.root}\nStatus: +◌ STALE, silent for .+\nWhy: +\\S+: .+\nCleanup: `),
    );
    expect(stdout).toMatch(
      /\nPlaybook: +etl\/parent v1\nParent: +none\nChildren: +1 live of 1: 1 stale\nStep: +load_orders, /,
    );
    expect(stdout).toMatch(/\nWorker: +worker-7, .+\nAttempts: +once\nLast event: .+\nFirst error: +none\n/);
    const { bodies } = await jsonOf('status', ids.root);
    expect(bodies).toMatchObject([{ execution_id: ids.root, children: { all: 1, live: 1 } }]);
  });

  it('status --watch ends once all of them are over, and prints again what changed', async () => {
    const ended = await run(['status', ids.failed, '--watch', '--json']);
    expect([ended.code, JSON.parse(ended.stdout).status]).toEqual([0, 'FAILED']);
    const id = await execution(db, { ago: 1 });
    let wrote: Promise<unknown> | null = null;
    const { code, stdout } = await run(['status', id, '--watch', '--json'], {
      onStdout: () => {
        wrote ??= writeEvents(db.pool, [
          { execution_id: id, event_type: 'playbook.completed', node_name: 'etl/load_orders' },
        ]);
      },
    });
    await wrote;
    const statuses = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).status);
    expect([code, statuses]).toEqual([0, ['RUNNING', 'COMPLETED']]);
    await db.pool.query('DELETE FROM noetl.event WHERE execution_id = $1', [id]);
  });

  it('status exits 3 for those that are not found, after those that are', async () => {
    const { code, stdout, stderr } = await run(['status', NOWHERE, ids.failed]);
    expect([code, stderr]).toEqual([3, `Execution ${NOWHERE} not found\n`]);
    expect(stdout).toContain('✗ FAILED');
  });

  it('tree draws the branches', async () => {
    const { code, stdout } = await run(['tree', ids.root]);
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toMatch(new RegExp(`^${ids.root}  ◌ STALE  etl/parent v1`));
    expect(lines[1]).toMatch(new RegExp(`^└─ ${ids.child}  ◌ STALE  etl/child v1`));
    const { bodies } = await jsonOf('tree', ids.root);
    expect(bodies.map((body) => [body.execution_id, body.depth, body.under])).toEqual([
      [ids.root, 0, null],
      [ids.child, 1, ids.root],
    ]);
  });

  it.each(['tree', 'events', 'status'])('%s exits 3 for an unknown id', async (name) => {
    expect(await run([name, NOWHERE])).toEqual({ code: 3, stdout: '', stderr: `Execution ${NOWHERE} not found\n` });
  });

  it('events shows the timeline, and payloads only masked unless they are to be revealed', async () => {
    const id = await execution(db, { ago: 3 });
    await writeEvents(db.pool, [{ execution_id: id, event_type: 'ctx.updated', context: { api_key: 'sk-secret' } }]);
    const plain = await run(['events', id]);
    expect(plain.stdout).toMatch(/^TIME \(UTC\) +EVENT/);
    expect(plain.stdout.trimEnd().split('\n')).toHaveLength(6);
    expect(plain.stdout).not.toContain('api_key');
    const masked = await run(['events', id, '--payloads']);
    expect(masked.stdout).toContain('{"api_key":"•••"}');
    const { bodies } = await jsonOf('events', id);
    expect(JSON.stringify(bodies)).not.toContain('sk-secret');
    expect(bodies.map((body) => body.type)).toEqual([
      'playbook.initialized',
      'command.issued',
      'command.claimed',
      'command.started',
      'ctx.updated',
    ]);
    expect((await run(['events', id, '--reveal'])).stdout).toContain('sk-secret');
    expect((await jsonOf('events', id, '--limit', '2')).bodies.map((body) => body.type)).toEqual([
      'command.started',
      'ctx.updated',
    ]);
  });

  it('events --follow prints what comes, and ends with the execution', async () => {
    const id = await execution(db, { ago: 1 });
    let wrote: Promise<unknown> | null = null;
    const { code, stdout, stderr } = await run(['events', id, '--follow', '--json'], {
      onStdout: () => {
        wrote ??= writeEvents(db.pool, [{ execution_id: id, event_type: 'playbook.completed' }]);
      },
    });
    await wrote;
    expect(code).toBe(0);
    expect(JSON.parse(stdout.trimEnd().split('\n').at(-1)!)).toMatchObject({ type: 'playbook.completed' });
    expect(stderr).toBe(`Execution ${id} is COMPLETED.\n`);
  });
});

it('cancelled --batches lists who cancelled how many and why, as a table or as JSON', async () => {
  const { code, bodies } = await jsonOf('cancelled', '--batches', '--since', '1h');
  expect(code).toBe(0);
  expect(bodies).toMatchObject([
    { cancelled_by: 'ada', reason: 'Not needed', executions: 1, requested: 1, partial: false, phases: { draining: 1 } },
  ]);
  const { stdout } = await run(['cancelled', '--batches']);
  expect(stdout).toMatch(/^CANCELLED +BATCH +NUMBER +WORK +WHO +WHY/);
  expect(stdout).toContain(String(bodies[0]?.batch_id));
  expect(stdout).toMatch(/ 1 +1 draining +ada +Not needed/);
});

it('cancelled tells when, who, why and whether it has stopped', async () => {
  const { code, bodies } = await jsonOf('cancelled');
  expect(code).toBe(0);
  expect(bodies[0]).toMatchObject({
    execution_id: ids.cancelled,
    reason: 'Not needed',
    cancelled_by: 'ada',
    cascade: false,
    stop: { phase: 'draining', draining: 1 },
  });
  const { stdout } = await run(['cancelled']);
  expect(stdout).toMatch(/^CANCELLED +EXECUTION +WORK +WHO +WHY +PLAYBOOK/);
  expect(stdout).toMatch(/ada +Not needed +etl\/load_orders/);
});

describe('query', () => {
  it('prints a table, JSON and CSV with ids as they are', async () => {
    const sql = `SELECT ${ids.root}::bigint AS id, 'a,"b"' AS t, NULL AS n, 1 AS n`;
    expect((await run(['query', sql])).stdout).toBe(
      `id                  t      n       n\n${ids.root}  a,"b"  (null)  1\n(1 row)\n`,
    );
    expect((await jsonOf('query', sql)).bodies).toEqual([{ id: ids.root, t: 'a,"b"', n: null, n_2: '1' }]);
    expect((await run(['query', sql, '--csv'])).stdout).toBe(`id,t,n,n\n${ids.root},"a,""b""",,1\n`);
  });
  it('runs the two queries of the seed', async () => {
    const stale = `SELECT DISTINCT execution_id
FROM noetl.event
WHERE status IN ('RUNNING', 'INITIALIZED')
AND created_at < NOW() - INTERVAL '10 minutes'
ORDER BY execution_id DESC`;
    expect((await run(['query', stale])).stdout).toContain(ids.root);
    const reasons = `SELECT execution_id, created_at, context->>'reason' as reason
FROM noetl.event
WHERE event_type = 'execution.cancelled'
ORDER BY created_at DESC
LIMIT 10`;
    expect((await run(['query', reasons])).stdout).toContain('Not needed');
  });
  it('says when it cut', async () => {
    const { stdout, stderr } = await run(['query', 'SELECT * FROM generate_series(1, 10) AS n', '--limit', '3']);
    expect(stdout).toContain('(3 rows)');
    expect(stderr).toMatch(/Cut after 3 rows/);
  });
  it.each(['DELETE FROM noetl.event', 'SELECT 1; DELETE FROM noetl.event', 'SELEKT'])('refuses %s', async (sql) => {
    const { code, stdout, stderr } = await run(['query', sql]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^noetl-console: .+\n$/);
  });
});

describe('cleanup', () => {
  it('plans without writing, then cancels the safe ones and says what it left', async () => {
    const safe = await createTestDatabase();
    try {
      const orphanParent = await execution(safe, { ago: 50, end: 'playbook.completed' });
      const orphan = await execution(safe, { ago: 49, parent: orphanParent });
      const claimed = await execution(safe, { ago: 45 });
      const env = { DATABASE_URL: safe.url };
      const plan = await run(['cleanup', '--dry-run', '--json', '--include', 'live-claim'], { env });
      expect(plan.code).toBe(0);
      const planned = plan.stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(planned.map((body) => [body.execution_id, body.status])).toEqual([
        [orphan, 'dry_run'],
        [claimed, 'dry_run'],
      ]);
      const refused = await run(['cleanup', '--older-than', '30s'], { env });
      expect([refused.code, refused.stdout]).toEqual([2, '']);
      expect(refused.stderr).toMatch(/--older-than: .*healthy/);
      const done = await run(['cleanup', '--include', 'live-claim', '--json', '--reason', 'Tidy'], { env });
      expect(done.code).toBe(0);
      expect(
        done.stdout
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line))
          .map((body) => [body.execution_id, body.status]),
      ).toEqual([
        [orphan, 'cancelled'],
        [claimed, 'cancelled'],
      ]);
      const nothing = await run(['cleanup'], { env });
      expect([nothing.code, nothing.stdout]).toEqual([0, 'Cancelled 0 execution(s)\n']);
    } finally {
      await safe.close();
    }
  });
});

it('doctor finds nothing to fix here but that no worker has registered', async () => {
  const { code, bodies } = await jsonOf('doctor');
  expect(code).toBe(0);
  expect(bodies.map((body) => [body.name, body.level])).toEqual([
    ['connection', 'ok'],
    ['schema', 'ok'],
    ['privileges', 'ok'],
    ['rights', 'warning'],
    ['clock', 'ok'],
    ['indexes', 'ok'],
    ['workers', 'warning'],
    ...['no-workers', 'workers-returned', 'log-behind', 'engine-down'].map((name) => [name, 'ok']),
    ['events', 'ok'],
    ['events', 'ok'],
    ['cancel', 'ok'],
  ]);
});

it('without a command and without a terminal prints one snapshot and the commands for scripts', async () => {
  const { code, stdout, stderr } = await run([]);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/\nActive: \d+\n/);
  expect(stdout).toMatch(/\nStale: \d+\nSTATUS +WHY +EXECUTION/);
  expect(stdout).toContain(ids.root);
  expect(stdout).toContain('noetl-console --help');
  expect(stdout).not.toContain(new URL(db.url).password || '\u0000');
});

it('without a connection fails and says what to set, without a terminal too, and starts no demo', async () => {
  for (const argv of [[], ['list']]) {
    const { code, stdout, stderr } = await runProgram(program, argv);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('no database is configured: set DATABASE_URL');
    expect(stderr.trim().split('\n')).toHaveLength(1);
  }
});

it('serve answers and ends with Ctrl-C', async () => {
  let answer: Promise<unknown> | null = null;
  const { code } = await run(['serve', '--port', '0'], {
    onStdout: (text, child) => {
      if (!text.includes('\n')) return;
      answer ??= fetch(`${text.trim()}/api/health`)
        .then((response) => response.json())
        .finally(() => child.kill('SIGINT'));
    },
  });
  expect(await answer).toMatchObject({ status: 'ok' });
  expect(code).toBe(0);
});

describe('--help', () => {
  it.each([['--help'], ['-h'], ['help']])('of the program: %s', async (...argv) => {
    const { code, stdout } = await runInProcess(argv);
    expect(code).toBe(0);
    for (const { name, summary } of COMMANDS)
      expect(stdout).toMatch(new RegExp(`\n  ${name} +${summary.slice(0, 20)}`));
    expect(stdout.split('\n').filter((line) => line.length > 120)).toEqual([]);
  });

  it('of each command names all its flags, and is the same as help <command>', async () => {
    const asked = await Promise.all(
      COMMANDS.slice(0, 3).map(async (command) => ({
        command,
        flag: await runInProcess([command.name, '--help']),
        word: await runInProcess(['help', command.name]),
      })),
    );
    for (const { command, flag, word } of asked) {
      expect([flag.code, flag.stdout]).toEqual([0, word.stdout]);
      for (const { name } of command.flags) expect(flag.stdout).toContain(`--${name}`);
      for (const [example] of command.examples) expect(flag.stdout).toContain(example);
    }
  });

  it('--version is the version and nothing else', async () => {
    for (const argv of [['--version'], ['-v'], ['list', '--version']]) {
      expect(await runProgram(program, argv)).toEqual({ code: 0, stdout: '0.0.0-test\n', stderr: '' });
    }
  });
});

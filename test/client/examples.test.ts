import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, it as plainIt } from 'vitest';
import { type Outcome, type RunOptions, runProgram } from '../cli/helpers/program.js';
import { createTestDatabase, nextIdAt, type TestDatabase, writeEvents } from '../helpers/database.js';

const ROOT = resolve(import.meta.dirname, '../..');
const EXAMPLES = readdirSync(join(ROOT, 'examples')).map((file) => basename(file, '.ts'));
const HOUR = 3_600_000;

let folder: string;
beforeAll(async () => {
  // Below node_modules, so that the driver is found from there.
  const cache = join(ROOT, 'node_modules', '.cache');
  mkdirSync(cache, { recursive: true });
  folder = mkdtempSync(join(cache, 'noetl-console-examples-'));
  await build({
    absWorkingDir: ROOT,
    entryPoints: EXAMPLES.map((name) => `examples/${name}.ts`),
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: ['pg'],
    define: { NOETL_CONSOLE_VERSION: '"0.0.0-test"' },
    logLevel: 'error',
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Each example has a database of its own, so that they can run at the same time: most of their time is waiting. */
const it = plainIt.extend<{ db: TestDatabase }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern
  db: async ({}, use) => {
    const db = await createTestDatabase();
    await db.pool.query(`INSERT INTO noetl.runtime (runtime_id, name, kind, status, heartbeat, created_at)
      VALUES (1, 'idle', 'worker_pool', 'ready', now(), now() - interval '1 hour')`);
    await use(db);
    await db.close();
  },
});

const run = (
  name: string,
  db: TestDatabase,
  argv: readonly string[] = [],
  options: RunOptions = {},
): Promise<Outcome> =>
  runProgram({ entry: join(folder, `${name}.mjs`) }, argv, { ...options, env: { DATABASE_URL: db.url } });

async function waiting(db: TestDatabase, agoMs: number, parent: string | null = null): Promise<string> {
  const at = Date.now() - agoMs;
  const own = { execution_id: nextIdAt(at), path: 'etl/load', parent_execution_id: parent };
  await writeEvents(db.pool, [
    { ...own, event_type: 'playbook_started', created_at: at },
    { ...own, event_type: 'command.issued', node_name: 'a', created_at: at + 1, meta: { command_id: 'c1' } },
  ]);
  return own.execution_id;
}

const typesOf = async (db: TestDatabase, id: string, type: string): Promise<string[]> =>
  (
    await db.pool.query(
      'SELECT event_type FROM noetl.event WHERE execution_id = $1 AND event_type LIKE $2 ORDER BY event_id',
      [id, type],
    )
  ).rows.map((row) => row.event_type);

describe.concurrent('the examples', () => {
  plainIt('are these', ({ expect }) => {
    expect(EXAMPLES.sort()).toEqual(['cancel-tree', 'guarded-worker', 'nightly-cleanup', 'watch-stale']);
  });

  it('cancel-tree cancels a tree and waits for the proof', async ({ db, expect }) => {
    const root = await waiting(db, 60_000);
    const child = await waiting(db, 30_000, root);
    const { code, stdout, stderr } = await run('cancel-tree', db, [root, 'Detected infinite loop']);
    expect([stderr, code]).toEqual(['', 0]);
    expect(stdout.split('\n')).toEqual([
      `${root} RUNNING etl/load`,
      `  ${child} RUNNING etl/load`,
      '2 to cancel, 0 have ended',
      'Cancelled 2 execution(s)',
      '2 settled',
      '',
    ]);
    expect(await typesOf(db, child, 'execution.%')).toEqual(['execution.cancelled']);
  });

  it('nightly-cleanup writes nothing unasked, nor while no worker is alive', async ({ db, expect }) => {
    const id = await waiting(db, 2 * HOUR);
    const dry = await run('nightly-cleanup', db);
    expect([dry.code, dry.stderr]).toEqual([0, '']);
    expect(dry.stdout).toMatch(new RegExp(`^${id} never-claimed: .+\n1 to cancel, 0 skipped\n$`));
    await db.pool.query("UPDATE noetl.runtime SET heartbeat = now() - interval '1 hour'");
    const refused = await run('nightly-cleanup', db, ['--run']);
    expect([refused.code, refused.stderr]).toEqual([7, expect.stringContaining('no-workers')]);
    expect(await typesOf(db, id, '%cancelled')).toEqual([]);

    await db.pool.query('UPDATE noetl.runtime SET heartbeat = now()');
    const done = await run('nightly-cleanup', db, ['--run']);
    expect([done.code, done.stderr]).toEqual([0, '']);
    expect(done.stdout).toContain('1 cancelled, 1 settled');
    expect(await typesOf(db, id, 'execution.%')).toEqual(['execution.cancelled']);
  });

  it('watch-stale reports each execution once, as it falls silent, until it is stopped', async ({ db, expect }) => {
    const first = await waiting(db, HOUR);
    let second: Promise<string> | null = null;
    const { code, stdout, stderr } = await run('watch-stale', db, ['0.1'], {
      onStdout: (text, child) => {
        if (second === null) second = waiting(db, HOUR);
        else if (text.trim().split('\n').length > 1) child.kill('SIGTERM');
      },
    });
    expect([stderr, code]).toEqual(['', 0]);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ executionId }) => executionId)).toEqual([first, await second]);
    expect(lines[0]).toMatchObject({ path: 'etl/load', code: 'never-claimed', safe: true });
  });

  it('guarded-worker runs a command, and skips that of a cancelled execution', async ({ db, expect }) => {
    const [live, cancelled] = [await waiting(db, 60_000), await waiting(db, 50_000)];
    await writeEvents(db.pool, [{ execution_id: cancelled, event_type: 'execution.cancelled', status: 'CANCELLED' }]);
    const line = (executionId: string) => `${JSON.stringify({ executionId, commandId: 'c1', step: 'a' })}\n`;
    const { code, stdout } = await run('guarded-worker', db, [], { stdin: line(live) + line(cancelled) });
    expect([stdout, code]).toEqual(['c1 executed\nc1 skipped\n', 0]);
    const events = (id: string) => typesOf(db, id, 'command.%');
    expect(await events(live)).toEqual(['command.issued', 'command.claimed', 'command.started', 'command.completed']);
    expect(await events(cancelled)).toEqual(['command.issued', 'command.cancelled']);
  });
});

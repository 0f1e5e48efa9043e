import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type BuiltProgram, buildProgram, type RunOptions, runProgram } from '../helpers/program.js';

let program: BuiltProgram;
/** A temporary folder of the test's own: a demo that runs elsewhere on this machine is registered in another. */
let folder: string;
beforeAll(async () => {
  [program, folder] = await Promise.all([buildProgram(), mkdtemp(join(tmpdir(), 'noetl-demo-test-'))]);
  // PostgreSQL runs as another user where the tests run as root.
  await chmod(folder, 0o755);
});
afterAll(() => Promise.all([program.remove(), rm(folder, { recursive: true, force: true })]));

/** A database that must never be touched: nothing listens on port 1. */
const CONFIGURED = 'postgresql://never:touched@127.0.0.1:1/configured';
const run = (argv: string[], options: RunOptions = {}) =>
  runProgram(program, argv, { ...options, env: { TMPDIR: folder, DATABASE_URL: CONFIGURED, ...options.env } });

it('a demo kept running serves several commands, and Ctrl-C ends it', async () => {
  let using: Promise<void> | null = null;
  const use = async (url: string) => {
    const listed = await run(['list', '--demo', '--status', 'running', '--json', '--limit', '100']);
    expect(listed.code).toBe(0);
    const running = listed.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { execution_id: string });
    expect(running.length).toBeGreaterThan(0);
    const gone = await run(['demo', '--outage', '3m']);
    expect([gone.code, gone.stderr]).toEqual([0, '']);
    expect(gone.stdout).toMatch(/^Demo 5: the workers are down for 3m/);
    const back = await run(['demo', '--outage', 'end']);
    expect([back.code, back.stdout]).toEqual([0, 'Demo 5: the workers are coming back, under new names.\n']);
    const wrong = await run(['demo', '--outage', 'soon']);
    expect([wrong.code, wrong.stdout]).toEqual([2, '']);
    expect(wrong.stderr).toContain('--outage "soon" is not a duration');
    // Any of them may end by itself in this moment; one that is cancelled stays so.
    for (const { execution_id: id } of running) {
      const first = await run(['--demo', '--cancel', id, '--reason', 'Detected infinite loop', '--cascade']);
      if (first.code === 4) continue;
      expect([first.code, first.stderr]).toEqual([0, '']);
      expect(first.stdout).toContain(`Execution: ${id}\nStatus:    CANCELLED\n`);
      const second = await run(['cancel', id], { env: { DATABASE_URL: url } });
      expect([second.code, second.stdout]).toEqual([4, '']);
      expect(second.stderr).toMatch(/^Execution \d+ is already C/);
      return;
    }
    throw new Error('every running execution ended before it could be cancelled');
  };
  const { code, stdout, stderr } = await run(['demo', '--seed', '5'], {
    onStdout: (text, child) => {
      const url = /^DATABASE_URL=(.+)\n/.exec(text)?.[1];
      if (url) using ??= use(url).finally(() => child.kill('SIGINT'));
    },
  });
  await using;
  expect(stdout).toMatch(/^DATABASE_URL=postgresql:\/\/\S+@127\.0\.0\.1:\d+\/noetl\n$/);
  expect(stderr).toMatch(/Demo 5 runs until Ctrl-C.*\nDemo ended\.\n$/);
  expect(code).toBe(0);
});

it('an outage needs a demo that is running', async () => {
  const { code, stdout, stderr } = await run(['demo', '--outage', '3m']);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(/^noetl-console: no demo is running: start one with 'noetl-console demo'/);
});

it('without one that runs, a command has a demo for its own time and says so where an id is not in it', async () => {
  const { code, stdout, stderr } = await run(['status', '999999999999999', '--demo']);
  expect([code, stdout]).toEqual([3, '']);
  expect(stderr).toMatch(/^Execution 999999999999999 not found\n.*noetl-console demo/);
});

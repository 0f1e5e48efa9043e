import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../helpers/database.js';
import { execution } from './helpers/executions.js';
import { type BuiltProgram, runProgram } from './helpers/program.js';

let db: TestDatabase;
let home: string;
let id: string;
beforeAll(async () => {
  db = await createTestDatabase();
  id = await execution(db);
  home = await mkdtemp(join(tmpdir(), 'noetl-profiles-'));
  await mkdir(join(home, 'noetl-console'));
  const config = `current: here\nprofiles:\n  here: {url: "${db.url}"}\n  quiet: {url: "${db.url}", read_only: true}\n  wrong: {hots: x}\n`;
  await writeFile(join(home, 'noetl-console', 'config.yaml'), config, { mode: 0o600 });
});
afterAll(async () => {
  await rm(home, { recursive: true });
  await db.close();
});

// The bundle itself, because a CommonJS package (yaml) looks different in it.
const program = { entry: fileURLToPath(new URL('../../dist/cli.js', import.meta.url)) } as BuiltProgram;
const run = (...args: string[]) => runProgram(program, args, { env: { XDG_CONFIG_HOME: home } });

it('connects by the current profile, by a named one, and says which one is wrong', async () => {
  const current = await run('list', '--json');
  expect([current.code, JSON.parse(current.stdout).execution_id]).toEqual([0, id]);
  const wrong = await run('list', '--profile', 'wrong');
  expect([wrong.code, wrong.stdout]).toEqual([2, '']);
  expect(wrong.stderr).toMatch(/line 5: profiles\.wrong\.hots is not a setting; did you mean host\?/);
});

it('a read-only profile writes nothing', async () => {
  const refused = await run('--cancel', id, '--profile', 'quiet');
  expect([refused.code, refused.stdout]).toEqual([2, '']);
  expect((await db.pool.query("SELECT FROM noetl.event WHERE event_type = 'execution.cancelled'")).rowCount).toBe(0);
});

it('profiles lists them without a password', async () => {
  const listed = await run('profiles');
  expect(listed.code).toBe(0);
  expect(listed.stdout).toMatch(/here \(current\)/);
  expect(listed.stdout + listed.stderr).not.toContain(decodeURIComponent(new URL(db.url).password));
});

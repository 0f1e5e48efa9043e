import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findRunningDemo, registerDemo } from '../../source/demo/running-demo.js';
import { createTestDatabase, type TestDatabase } from '../helpers/database.js';

let folder: string;
let database: TestDatabase;
const before = process.env.TMPDIR;
const registry = (): string => join(folder, `noetl-console-${process.getuid?.() ?? 'user'}`, 'demo.json');

beforeEach(async () => {
  database = await createTestDatabase({ empty: true });
  folder = mkdtempSync(join(tmpdir(), 'noetl-test-'));
  process.env.TMPDIR = folder;
});
afterEach(async () => {
  if (before === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = before;
  rmSync(folder, { recursive: true, force: true });
  await database.close();
});

test('a registered demo is found by its seed until it takes itself back', async () => {
  expect(await findRunningDemo()).toBeNull();
  const unregister = await registerDemo({ databaseUrl: database.url, seed: 7 });
  expect(await findRunningDemo()).toEqual({ pid: process.pid, databaseUrl: database.url, seed: 7 });
  expect(await findRunningDemo({ seed: 7 })).not.toBeNull();
  expect(await findRunningDemo({ seed: 8 })).toBeNull();
  unregister?.();
  expect(await findRunningDemo()).toBeNull();
  expect(existsSync(registry())).toBe(false);
});

test('nobody else can read the password', async () => {
  await registerDemo({ databaseUrl: database.url, seed: 7 });
  expect(statSync(registry()).mode & 0o777).toBe(0o600);
  expect(statSync(join(registry(), '..')).mode & 0o777).toBe(0o700);
});

test('the first registered wins', async () => {
  await registerDemo({ databaseUrl: database.url, seed: 1 });
  expect(await registerDemo({ databaseUrl: `${database.url}?second`, seed: 2 })).toBeNull();
  expect((await findRunningDemo())?.seed).toBe(1);
});

test.each([
  ['whose process is gone', () => ({ pid: 2 ** 22 + 1, databaseUrl: database.url, seed: 1 })],
  [
    'whose database does not answer',
    () => ({ pid: process.pid, databaseUrl: 'postgresql://a:b@127.0.0.1:1/x', seed: 1 }),
  ],
])('a demo %s is removed', async (_what, entry) => {
  await registerDemo({ databaseUrl: database.url, seed: 7 });
  writeFileSync(registry(), JSON.stringify(entry()));
  expect(await findRunningDemo()).toBeNull();
  expect(existsSync(registry())).toBe(false);
});

test('an entry that makes no sense gives way to the next demo', async () => {
  await registerDemo({ databaseUrl: database.url, seed: 7 });
  writeFileSync(registry(), '{"pid":');
  expect(await findRunningDemo()).toBeNull();
  expect(await registerDemo({ databaseUrl: database.url, seed: 9 })).not.toBeNull();
  expect(JSON.parse(readFileSync(registry(), 'utf8'))).toMatchObject({ seed: 9 });
});

test.runIf(process.getuid?.() === 0)('an entry that another user wrote is not believed', async () => {
  await registerDemo({ databaseUrl: database.url, seed: 7 });
  const { chownSync } = await import('node:fs');
  chmodSync(join(registry(), '..'), 0o777);
  chownSync(registry(), 12345, 12345);
  expect(await findRunningDemo()).toBeNull();
});

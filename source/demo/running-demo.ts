import { chmodSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { isAlive } from './server/orphans.js';

/** A demo that this user keeps running, so that further commands can look at the same one. */
export interface RunningDemo {
  readonly pid: number;
  /** Holds a password: it is kept in a file that only this user reads. */
  readonly databaseUrl: string;
  readonly seed: number;
}

/** How long a demo's database may take to answer before it counts as gone, in milliseconds. */
const ANSWER_WITHIN = 2000;

const registryFolder = (): string => join(tmpdir(), `noetl-console-${process.getuid?.() ?? 'user'}`);
const registryFile = (): string => join(registryFolder(), 'demo.json');

/**
 * Registers this demo for other commands, unless another one is registered and alive: the first wins. Answers a function
 * that takes it back, or null when another is registered, or when the folder cannot be trusted.
 */
export async function registerDemo(demo: { databaseUrl: string; seed: number }): Promise<(() => void) | null> {
  if (!openFolder() || (await findRunningDemo())) return null;
  const entry: RunningDemo = { pid: process.pid, databaseUrl: demo.databaseUrl, seed: demo.seed };
  try {
    // What cannot be read by now is a leftover of a demo that was killed while it wrote.
    if (readEntry() === null) rmSync(registryFile(), { force: true });
    // 'wx': of two demos that start at once, one gets the file.
    writeFileSync(registryFile(), JSON.stringify(entry), { mode: 0o600, flag: 'wx' });
  } catch {
    return null;
  }
  return () => {
    if (readEntry()?.databaseUrl === demo.databaseUrl) rmSync(registryFile(), { force: true });
  };
}

/** The registered demo, if it lives, answers, and (where a seed is asked for) is the one of that seed. */
export async function findRunningDemo(wanted: { seed?: number } = {}): Promise<RunningDemo | null> {
  const entry = readEntry();
  if (!entry) return null;
  if (!isAlive(entry.pid) || !(await answers(entry.databaseUrl))) {
    // Unless another demo has taken its place meanwhile.
    if (readEntry()?.databaseUrl === entry.databaseUrl) rmSync(registryFile(), { force: true });
    return null;
  }
  return wanted.seed === undefined || wanted.seed === entry.seed ? entry : null;
}

/** Makes the folder this user's own. In a shared /tmp anyone can have made one of its name; such a one is not used. */
function openFolder(): boolean {
  const folder = registryFolder();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (!isOwn(folder)) return false;
  chmodSync(folder, 0o700);
  return true;
}

function isOwn(path: string): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat || stat.isSymbolicLink()) return false;
  return process.getuid === undefined || stat.uid === process.getuid();
}

function readEntry(): RunningDemo | null {
  if (!isOwn(registryFolder()) || !isOwn(registryFile())) return null;
  try {
    const parsed: unknown = JSON.parse(readFileSync(registryFile(), 'utf8'));
    if (!parsed || typeof parsed !== 'object') return null;
    const { pid, databaseUrl, seed } = parsed as Partial<Record<keyof RunningDemo, unknown>>;
    if (typeof pid !== 'number' || typeof databaseUrl !== 'string' || typeof seed !== 'number') return null;
    return new URL(databaseUrl).hostname === '127.0.0.1' ? { pid, databaseUrl, seed } : null;
  } catch {
    return null;
  }
}

async function answers(databaseUrl: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: ANSWER_WITHIN });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { EmbeddedPostgresUnavailable } from './binaries.js';
import type { ServerUser } from './server-user.js';

/** Temporary server folders are named so; orphans are found by it. */
export const TEMPORARY_PREFIX = 'noetl-console-demo-';

/** Where one server keeps its things: data/ for PostgreSQL, its password, and who started it. */
export interface ServerDirectory {
  readonly path: string;
  readonly data: string;
  readonly temporary: boolean;
  /** False for a kept directory that an earlier demo has filled. */
  readonly isNew: boolean;
}

export const dataOf = (directory: string): string => join(directory, 'data');
const passwordOf = (directory: string): string => join(directory, 'password');
const ownerOf = (directory: string): string => join(directory, 'owner.json');

/** The process that started a server, and on which machine, since containers may share a temporary folder. */
export interface DirectoryOwner {
  readonly pid: number;
  readonly host: string;
}

/**
 * A folder for a server that runs as `user`: the one given, made if need be and kept afterwards, or a new one
 * in `temporary`.
 * @throws EmbeddedPostgresUnavailable when `user` could not reach the given folder.
 */
export function openServerDirectory(given: string | undefined, temporary: string, user: ServerUser): ServerDirectory {
  if (given === undefined) {
    const path = mkdtempSync(join(temporary, TEMPORARY_PREFIX));
    writeFileSync(ownerOf(path), JSON.stringify({ pid: process.pid, host: hostname() }));
    giveTo(path, user);
    return { path, data: dataOf(path), temporary: true, isNew: true };
  }
  const path = resolve(given);
  mkdirSync(path, { recursive: true, mode: 0o755 });
  if (user.uid !== undefined && !othersCanEnter(path))
    throw new EmbeddedPostgresUnavailable(
      `the user postgres cannot enter ${path}`,
      'choose a folder that every user may enter',
    );
  const data = dataOf(path);
  const isNew = !existsSync(join(data, 'PG_VERSION'));
  mkdirSync(data, { recursive: true, mode: 0o700 });
  giveTo(data, user);
  return { path, data, temporary: false, isNew };
}

/** Who started the server of a temporary folder; null when the file is missing or makes no sense. */
export function readOwner(directory: string): DirectoryOwner | null {
  try {
    const parsed: unknown = JSON.parse(readFileSync(ownerOf(directory), 'utf8'));
    if (!parsed || typeof parsed !== 'object' || !('pid' in parsed) || !('host' in parsed)) return null;
    const { pid, host } = parsed;
    return typeof pid === 'number' && typeof host === 'string' ? { pid, host } : null;
  } catch {
    return null;
  }
}

/** Keeps the password where only its owner and the server's user can read it; initdb reads it from there. */
export function writePassword(directory: string, password: string, user: ServerUser): string {
  const file = passwordOf(directory);
  writeFileSync(file, `${password}\n`, { mode: 0o600 });
  giveTo(file, user);
  return file;
}

export const readPassword = (directory: string): string => readFileSync(passwordOf(directory), 'utf8').trim();

/** The system's temporary folder, or, when the server's user cannot enter it (TMPDIR below a 0700 home), a public one. */
export function temporaryFolder(user: ServerUser): string {
  const folder = tmpdir();
  if (user.uid === undefined || othersCanEnter(folder)) return folder;
  return ['/tmp', '/var/tmp'].find((candidate) => existsSync(candidate) && othersCanEnter(candidate)) ?? folder;
}

const MEMORY_FOLDER = '/dev/shm';
/** Containers often give 64 MB, which a database outgrows at once. */
const MEMORY_NEEDED = 2 ** 30;

/** A folder in memory, where making a database's thousand files takes a tenth of the time; null where there is none. */
export function memoryFolder(user: ServerUser): string | null {
  // Whoever sets TMPDIR means it.
  if (process.platform !== 'linux' || process.env.TMPDIR || !existsSync(MEMORY_FOLDER)) return null;
  const { bavail, bsize } = statfsSync(MEMORY_FOLDER);
  if (bavail * bsize < MEMORY_NEEDED) return null;
  return user.uid === undefined || othersCanEnter(MEMORY_FOLDER) ? MEMORY_FOLDER : null;
}

function giveTo(path: string, user: ServerUser): void {
  if (user.uid !== undefined && user.gid !== undefined) chownSync(path, user.uid, user.gid);
}

function othersCanEnter(path: string): boolean {
  if ((statSync(path).mode & 0o001) === 0) return false;
  const parent = dirname(path);
  return parent === path || othersCanEnter(parent);
}

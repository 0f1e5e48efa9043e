import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { dataOf, readOwner, TEMPORARY_PREFIX } from './server-directory.js';

/** Time for an orphaned server to end on its own signal before it is killed, and between looks, in milliseconds. */
const GRACE_MS = 3000;
const LOOK_EVERY_MS = 25;
/** A folder without its owner's name is one being made; after a minute it never will be finished. */
const UNFINISHED_MS = 60_000;

/**
 * Removes what killed demos have left in `folder`: their temporary directories and, should one's watchdog have been
 * killed too, its server. Only directories are touched whose owner is known to be dead on this machine.
 */
export async function removeOrphans(folder: string): Promise<void> {
  const names = readdirSync(folder).filter((name) => name.startsWith(TEMPORARY_PREFIX));
  for (const directory of names.map((name) => join(folder, name))) {
    if (!isOrphan(directory)) continue;
    await stopServerIn(directory);
    try {
      rmSync(directory, { recursive: true, force: true });
    } catch {
      // Another user's; theirs to remove.
    }
  }
}

function isOrphan(directory: string): boolean {
  const owner = readOwner(directory);
  if (owner) return owner.host === hostname() && !isAlive(owner.pid);
  try {
    return Date.now() - statSync(directory).mtimeMs > UNFINISHED_MS;
  } catch {
    return false;
  }
}

/** Whether a process of this id exists, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Ends the server whose data lie in `directory`, if one still runs there; never a process that merely has its id. */
export async function stopServerIn(directory: string): Promise<void> {
  const data = dataOf(directory);
  const deadline = Date.now() + 2 * GRACE_MS;
  for (let signal: NodeJS.Signals | null = 'SIGQUIT'; Date.now() < deadline; await delay(LOOK_EVERY_MS)) {
    const pid = serverPid(data);
    if (pid === null) return;
    if (Date.now() > deadline - GRACE_MS) signal = 'SIGKILL';
    if (signal && !send(pid, signal)) return;
    signal = null;
  }
}

function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}

/** The running server's id from postmaster.pid (line 1 its pid, line 2 its data directory), or null. */
function serverPid(data: string): number | null {
  try {
    const [pidLine = '', folder] = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n');
    const pid = Number.parseInt(pidLine, 10);
    return folder === data && isAlive(pid) && isPostgres(pid, data) ? pid : null;
  } catch {
    return null;
  }
}

/** Ids are used again: where the system shows a process's command line, it must name this data directory. */
function isPostgres(pid: number, data: string): boolean {
  if (process.platform !== 'linux') return true;
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(data);
  } catch {
    return false;
  }
}

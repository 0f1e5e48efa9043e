import { spawnSync } from 'node:child_process';
import { lstatSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { binariesAt, type PostgresBinaries } from './binaries.js';
import { copyReadable, isComplete } from './readable-copy.js';
import type { ServerUser } from './server-user.js';
import { EmbeddedPostgresUnavailable } from './unavailable.js';

/**
 * Binaries that `user` can run: those given, or a world-readable copy of them under `temporary`.
 * A copy is needed in two cases. Root's PostgreSQL runs as `postgres`, which cannot enter a clone under a 0700 home
 * (spawn fails with EACCES); and where npm ran with ignore-scripts, the libraries' symbolic links were never made.
 * @throws EmbeddedPostgresUnavailable when the copy does not run either (a foreign libc, a noexec folder).
 */
export function runnableBinaries(found: PostgresBinaries, user: ServerUser, temporary: string): PostgresBinaries {
  if (runs(found, user)) return found;
  const copy = binariesAt(sharedCopy(found, temporary), found.version);
  if (runs(copy, user)) return copy;
  throw new EmbeddedPostgresUnavailable('its PostgreSQL binaries do not run on this machine', 'use another machine');
}

function runs(binaries: PostgresBinaries, user: ServerUser): boolean {
  // initdb too: the two need different libraries, and a missing link shows in only one of them.
  return [binaries.postgres, binaries.initdb].every(
    (file) => spawnSync(file, ['--version'], { ...user, cwd: '/', stdio: 'ignore' }).status === 0,
  );
}

/** One copy for each version and owner, made under another name and renamed, so that nobody meets half of it. */
function sharedCopy(found: PostgresBinaries, temporary: string): string {
  const owner = process.getuid?.() ?? 0;
  const target = join(temporary, `noetl-console-postgres-${found.version}-${process.arch}-${owner}`);
  if (isTrusted(target, owner) && isComplete(found.root, target)) return target;
  const fresh = copyReadable(found.root, target);
  try {
    renameSync(fresh, target);
    return target;
  } catch {
    return replaceOrKeep(fresh, target, owner, () => isComplete(found.root, target));
  }
}

/** The name was taken: by another start that was faster, by a copy that a temp cleaner thinned out, or by a stranger. */
function replaceOrKeep(fresh: string, target: string, owner: number, complete: () => boolean): string {
  if (!isTrusted(target, owner)) return fresh;
  if (complete()) {
    rmSync(fresh, { recursive: true, force: true });
    return target;
  }
  const outdated = `${fresh}-old`;
  renameSync(target, outdated);
  renameSync(fresh, target);
  rmSync(outdated, { recursive: true, force: true });
  return target;
}

/** Anyone can make a folder of this name in a shared /tmp; root must not run a stranger's programs. */
function isTrusted(folder: string, owner: number): boolean {
  const stat = lstatSync(folder, { throwIfNoEntry: false });
  if (!stat?.isDirectory()) return false;
  return process.platform === 'win32' || (stat.uid === owner && (stat.mode & 0o022) === 0);
}

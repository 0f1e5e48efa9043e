import {
  chmodSync,
  copyFileSync,
  type Dirent,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
} from 'node:fs';
import { basename, join, relative } from 'node:path';

/**
 * Copies a PostgreSQL installation to a new folder whose name begins with `prefix`, readable by every user whatever
 * the umask, with the symbolic links that the package's postinstall script would have made. Returns that folder.
 */
export function copyReadable(root: string, prefix: string): string {
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
export function isComplete(root: string, copy: string): boolean {
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

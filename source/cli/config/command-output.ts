import { execFile } from 'node:child_process';
import { ConfigurationError } from '../usage-error.js';

/** Time for a password manager to ask its owner. */
const TIMEOUT_MS = 60_000;

/**
 * The first line that a shell command prints: a password or token that is kept elsewhere. Its standard error goes to the
 * terminal, where a password manager may ask something.
 *
 * @param where the setting that holds the command, for messages; neither the command nor its output is quoted
 * @throws ConfigurationError when it fails, prints nothing, or takes longer than a minute.
 */
export function firstLineOf(command: string, where: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile('/bin/sh', ['-c', command], { timeout: TIMEOUT_MS }, (error, stdout) => {
      const [line = ''] = stdout.split('\n');
      if (error) {
        const how = error.killed
          ? 'took longer than a minute'
          : `ended with ${error.code ?? error.signal ?? 'an error'}`;
        reject(new ConfigurationError(`the command of ${where} ${how}; run it in a shell to see why`));
      } else if (line === '') reject(new ConfigurationError(`the command of ${where} printed nothing`));
      else resolve(line.replace(/\r$/, ''));
    });
    child.stderr?.pipe(process.stderr);
    child.stdin?.end();
  });
}

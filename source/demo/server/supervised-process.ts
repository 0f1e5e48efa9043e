import { type ChildProcess, spawn } from 'node:child_process';
import type { PostgresBinaries } from './binaries.js';
import type { ServerUser } from './server-user.js';

/**
 * Lives as long as its standard input: however this process ends, SIGKILL included, the server ends with it. A server
 * that ends on its own leaves its folder, for another attempt or for its starter to remove.
 */
const WATCHDOG = `
exec 3<&0
"$@" </dev/null 3<&- & server=$!
( read -r _ <&3; [ -z "$REMOVE" ] || : >"$REMOVE/stopping"; kill -s "$STOP_SIGNAL" "$server" ) & reader=$!
exec 3<&-
wait "$server"; code=$?
kill "$reader" 2>/dev/null
[ -z "$REMOVE" ] || [ ! -e "$REMOVE/stopping" ] || rm -rf -- "$REMOVE"
exit "$code"
`;

export interface SupervisedProcess {
  /** Resolves once the server says that it accepts connections; rejects with its last words when it ends before. */
  readonly ready: Promise<void>;
  /** Ends the server and resolves when it has ended and its folder, if it was temporary, is gone. */
  stop(): Promise<void>;
}

/** Environment of all PostgreSQL programs: none of the caller's PG* settings, messages in English. */
export const serverEnvironment = (): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  ...(process.env.SystemRoot ? { SystemRoot: process.env.SystemRoot } : {}),
  LC_ALL: 'C',
});

/**
 * Runs `postgres` under a watchdog. `removeAtExit` is the folder to delete when the server has ended, whoever ended
 * it; a server whose folder is kept is shut down with a checkpoint instead of at once.
 */
export function superviseServer(
  binaries: PostgresBinaries,
  options: { args: readonly string[]; cwd: string; user: ServerUser; removeAtExit: string | null },
): SupervisedProcess {
  const { args, cwd, user, removeAtExit } = options;
  const env = serverEnvironment();
  const stdio: ['pipe', 'ignore', 'pipe'] = ['pipe', 'ignore', 'pipe'];
  // Detached: Ctrl-C and Ctrl-Z in the terminal are for the console, not for its database.
  const child: ChildProcess =
    process.platform === 'win32'
      ? spawn(binaries.postgres, [...args], { cwd, env, stdio, windowsHide: true })
      : spawn('/bin/sh', ['-c', WATCHDOG, 'noetl-console-demo', binaries.postgres, ...args], {
          ...user,
          cwd,
          env: { ...env, STOP_SIGNAL: removeAtExit ? 'QUIT' : 'INT', REMOVE: removeAtExit ?? '' },
          stdio,
          detached: true,
        });
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  child.stdin?.on('error', () => {});
  return {
    ready: whenReady(child).then(() => letProcessEnd(child)),
    stop: async () => {
      child.ref();
      child.stdin?.destroy();
      if (process.platform === 'win32') child.kill();
      await exited;
    },
  };
}

/** From here on the server does not keep this process from ending; its end is the server's end. */
function letProcessEnd(child: ChildProcess): void {
  child.unref();
  // A child's pipes are sockets, which can be unreferenced, but their types do not say so.
  for (const pipe of [child.stdin, child.stderr])
    if (pipe && 'unref' in pipe && typeof pipe.unref === 'function') pipe.unref();
}

function whenReady(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = '';
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      log = (log + chunk).slice(-4096);
      // A standby says "read-only connections".
      if (/ready to accept (read-only )?connections/.test(log)) resolve();
    });
    child.once('error', reject);
    child.once('close', () => reject(new Error(lastWords(log))));
  });
}

function lastWords(log: string): string {
  const lines = log.split('\n').filter((line) => /FATAL|PANIC|ERROR|error|cannot|not found/.test(line));
  return (
    (lines.at(-1) ?? log.trim().split('\n').at(-1) ?? '').replace(/^.*?(FATAL|PANIC|ERROR):\s*/, '') ||
    'it ended at once'
  );
}

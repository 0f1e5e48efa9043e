import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BuiltProgram, buildProgram } from '../cli/helpers/program.js';
import { openTerminal, type PtyTerminal } from './harness.js';

/** Variables that would give the program another database than the test means. */
const HIDDEN = /^(?:DATABASE_URL$|PG|POSTGRES_|NOETL_)/;

export type ConsoleRun = {
  readonly args?: readonly string[];
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string>>;
};

/** The whole program, to be started in terminals on one database, away from the user's own configuration. */
export type ConsoleProgram = {
  /** Resolves when the console shows that it is connected. */
  readonly open: (run?: ConsoleRun) => Promise<PtyTerminal>;
  /** Starts it without waiting for anything. */
  readonly start: (run?: ConsoleRun) => PtyTerminal;
  /** A shell with job control, on a terminal of its own, in the same surroundings. */
  readonly shell: () => PtyTerminal;
  /** What starts the program in that shell. */
  readonly commandLine: string;
  /** Kills whatever was started. */
  readonly closeAll: () => Promise<void>;
  readonly remove: () => Promise<void>;
};

/** Bundles the program for a database. */
export async function consoleProgram(databaseUrl: string): Promise<ConsoleProgram> {
  const [program, home]: [BuiltProgram, string] = await Promise.all([
    buildProgram(),
    mkdtemp(join(tmpdir(), 'noetl-console-home-')),
  ]);
  const opened: PtyTerminal[] = [];
  const hidden = Object.keys(process.env).filter((name) => HIDDEN.test(name));

  const start = ({ args = [], ...run }: ConsoleRun = {}) => open(process.execPath, [program.entry, ...args], run);

  function open(command: string, args: readonly string[], { columns, rows, env }: ConsoleRun): PtyTerminal {
    const terminal = openTerminal({
      command,
      args,
      ...(columns === undefined ? {} : { columns }),
      ...(rows === undefined ? {} : { rows }),
      env: {
        ...Object.fromEntries(hidden.map((name) => [name, undefined])),
        DATABASE_URL: databaseUrl,
        NODE_ENV: 'production',
        HOME: home,
        XDG_CONFIG_HOME: home,
        ...env,
      },
    });
    opened.push(terminal);
    return terminal;
  }

  return {
    start,
    shell: () => open('bash', ['--norc', '--noprofile', '-i'], { columns: 100, rows: 30, env: { PS1: 'shell> ' } }),
    commandLine: `${process.execPath} ${program.entry}`,
    open: async (run) => {
      const terminal = start(run);
      await terminal.waitFor('● live');
      return terminal;
    },
    closeAll: async () => {
      await Promise.all(opened.splice(0).map((terminal) => terminal.close()));
    },
    remove: async () => {
      await Promise.all([program.remove(), rm(home, { recursive: true, force: true })]);
    },
  };
}

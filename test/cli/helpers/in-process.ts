import { Readable } from 'node:stream';
import { runCommandLine } from '../../../source/cli/main.js';
import { createStyle, wantsColor } from '../../../source/cli/output/style.js';
import type { Terminal } from '../../../source/cli/output/terminal.js';
import { HIDDEN, type Outcome, type RunOptions } from './program.js';

export interface InProcessOptions extends Omit<RunOptions, 'onStart'> {
  /** How wide the terminal is that stdout is; a pipe unless given. */
  readonly columns?: number;
  readonly rows?: number;
}

/**
 * Runs a command line as the program does, all but its process: the same parsing, dispatch, failures and exit codes.
 * What only a process shows (signals, pipes, two Ctrl-Cs, its end) is for runProgram, which costs half a second more.
 */
export async function runInProcess(
  argv: readonly string[],
  { env = {}, stdin = '', onStdout, columns, rows }: InProcessOptions = {},
): Promise<Outcome> {
  const inherited = Object.entries(process.env).filter(([name]) => !HIDDEN.test(name));
  const given: NodeJS.ProcessEnv = { ...Object.fromEntries(inherited), ...env };
  const out = { stdout: '', stderr: '' };
  const controller = new AbortController();
  const child = {
    kill: () => {
      controller.abort();
      return true;
    },
  };
  const isTTY = columns !== undefined;
  const write = (text: string) => {
    out.stdout += text;
    onStdout?.(out.stdout, child);
  };
  const terminal: Terminal = {
    stdin: Readable.from(stdin === '' ? [] : [stdin]) as unknown as Terminal['stdin'],
    stdout: { isTTY, columns: columns ?? 80, rows: rows ?? 24 },
    stderrIsTerminal: false,
    style: createStyle(wantsColor(given, isTTY, argv.includes('--no-color'))),
    unread: new AbortController().signal,
    write,
    print: (line) => write(`${line}\n`),
    note: (line) => {
      out.stderr += `${line}\n`;
    },
    progress: () => {},
    outputProblem: () => null,
    flush: async () => {},
  };
  const interrupt = { signal: controller.signal, release: () => {} };
  const home = process.env.HOME;
  // Node itself reads it; the tests of one process run one after the other.
  if (env.HOME !== undefined) process.env.HOME = env.HOME;
  try {
    const code = await runCommandLine(argv, { terminal, env: given, interrupt });
    return { code, ...out };
  } finally {
    if (home !== undefined) process.env.HOME = home;
    else delete process.env.HOME;
  }
}

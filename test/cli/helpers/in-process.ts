import { PassThrough } from 'node:stream';
import { type CommandLine, parseCommandLine } from '../../../source/cli/args/command-line.js';
import { GLOBAL_FLAGS, ROOT_FLAGS } from '../../../source/cli/args/flag-specs.js';
import { COMMANDS } from '../../../source/cli/commands/index.js';
import { runCommand } from '../../../source/cli/main.js';
import { reportFailure } from '../../../source/cli/output/failure.js';
import { processTerminal } from '../../../source/cli/output/terminal.js';
import type { Outcome } from './program.js';

/** Runs a command line in this process: what `runProgram` answers, without the half second that a process costs. */
export async function runInProcess(argv: readonly string[], variables: Record<string, string> = {}): Promise<Outcome> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const env = { XDG_CONFIG_HOME: '/nonexistent', ...variables };
  const terminal = processTerminal({ stdin, stdout, stderr, env } as unknown as NodeJS.Process, true);
  const { signal } = new AbortController();
  let line: CommandLine | null = null;
  let code: number;
  try {
    line = parseCommandLine(argv, { commands: COMMANDS, rootFlags: ROOT_FLAGS, globalFlags: GLOBAL_FLAGS });
    code = await runCommand(line, { terminal, env, signal, releaseSignals: () => {} });
  } catch (error) {
    code = reportFailure(error, { terminal, debug: false, command: line?.command ?? null, signal });
  }
  const textOf = (output: PassThrough) => output.read()?.toString() ?? '';
  return { code, stdout: textOf(stdout), stderr: textOf(stderr) };
}

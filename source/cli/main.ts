import { commitsUnderWay } from '../store/commits-under-way.js';
import { type CommandLine, parseCommandLine } from './args/command-line.js';
import { CONSOLE_FLAGS, GLOBAL_FLAGS, ROOT_FLAGS } from './args/flag-specs.js';
import type { Flags } from './args/parsed-flags.js';
import { UsageError } from './args/usage-error.js';
import type { CommandContext, CommandSpec } from './command.js';
import { COMMANDS } from './commands/index.js';
import type { Session } from './open-services.js';
import { EXIT } from './output/exit-code.js';
import { COMMIT_UNDER_WAY, reportFailure } from './output/failure.js';
import { commandHelp, programHelp } from './output/help.js';
import { processTerminal, type Terminal } from './output/terminal.js';
import { dieOf, type EndListener, exitCodeOf, fatalSignalOf, listenForEnd } from './signals.js';
import { VERSION } from './version.js';

const GRAMMAR = { commands: COMMANDS, rootFlags: ROOT_FLAGS, globalFlags: GLOBAL_FLAGS };
/** Where nothing says how wide the terminal is. */
const DEFAULT_WIDTH = 80;
const MAX_HELP_WIDTH = 110;

/** Runs one command line and ends the process with its exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  const terminal = processTerminal(process, argv.includes('--no-color'));
  const interrupt = listenForEnd(
    () => {
      if (commitsUnderWay() > 0) terminal.note(COMMIT_UNDER_WAY);
      process.exit(EXIT.interrupted);
    },
    (error) => {
      const debug = argv.includes('--debug');
      process.exit(reportFailure(error, { terminal, debug, command: null, signal: interrupt.signal }));
    },
  );
  const ended = await runCommandLine(argv, { terminal, env: process.env, interrupt });
  const diesOf = interrupt.diesOf();
  interrupt.release();
  const code = diesOf === null ? ended : exitCodeOf(diesOf);
  await terminal.flush();
  const lost = terminal.outputProblem();
  if (lost !== null) terminal.note(`noetl-console: the results could not be written: ${lost}`);
  const signal = fatalSignalOf(code);
  if (signal !== null) return dieOf(signal, () => process.exit(code));
  process.exit(lost !== null && code === EXIT.done ? EXIT.failed : code);
}

/** What a command line runs in; a process has one of each. */
export interface Surroundings {
  readonly terminal: Terminal;
  readonly env: NodeJS.ProcessEnv;
  readonly interrupt: Pick<EndListener, 'signal' | 'release'>;
}

/** Runs one command line to its exit code; whatever fails has been reported on the terminal by then. */
export async function runCommandLine(argv: readonly string[], surroundings: Surroundings): Promise<number> {
  let line: CommandLine | null = null;
  try {
    line = parseCommandLine(argv, GRAMMAR);
    return await runCommand(line, surroundings);
  } catch (error) {
    const { terminal, interrupt } = surroundings;
    // Looked up in what was typed: what fails in parsing is shown with its stack too.
    const debug = argv.includes('--debug');
    return reportFailure(error, { terminal, debug, command: line?.command ?? null, signal: interrupt.signal });
  }
}

async function runCommand(line: CommandLine, { terminal, env, interrupt }: Surroundings): Promise<number> {
  const { command, flags, input, helpWord } = line;
  if (flags.on('help') || helpWord) return printHelp(command, terminal);
  if (flags.on('version')) {
    terminal.print(VERSION);
    return EXIT.done;
  }
  if (command) checkWords(command, input);
  const sessions: Session[] = [];
  const context: CommandContext = {
    flags,
    input: command ? input : flags.texts('cancel'),
    terminal,
    env,
    signal: interrupt.signal,
    releaseSignals: interrupt.release,
    open: async (options = {}) => {
      // The driver is the most expensive import: --help and usage errors go without.
      const { openSession } = await import('./open-services.js');
      const session = await openSession({ flags, env, terminal, signal: interrupt.signal, ...options });
      sessions.push(session);
      return session;
    },
  };
  try {
    const code = await (await moduleFor(command, flags)).run(context);
    const gaps = sessions.flatMap(({ services }) => services.store.shards?.missed() ?? []);
    if (gaps.length === 0) return code;
    (await import('./output/notes.js')).tellGaps(gaps, flags.on('json'), terminal);
    return code === EXIT.done ? EXIT.partlyDone : code;
  } finally {
    for (const session of sessions) await session.close();
  }
}

function moduleFor(command: CommandSpec | null, flags: Flags) {
  if (command) return command.load();
  if (flags.has('cancel')) return import('./commands/cancel.js');
  const stray = ROOT_FLAGS.find((flag) => !CONSOLE_FLAGS.has(flag.name) && flags.has(flag.name));
  if (stray) throw new UsageError(`--${stray.name} needs --cancel <id> or a command`);
  return import('./commands/console.js');
}

function checkWords(command: CommandSpec, input: readonly string[]): void {
  const { least, most, called } = command.words;
  if (input.length < least) throw new UsageError(`${command.name} needs ${called}`);
  if (input.length > most) {
    const takes = most === 0 ? 'takes no arguments besides flags' : `takes only ${called}`;
    throw new UsageError(`${command.name} ${takes}; unexpected ${JSON.stringify(input[most])}`);
  }
}

function printHelp(command: CommandSpec | null, terminal: Terminal): number {
  const width = Math.min(terminal.stdout.columns ?? DEFAULT_WIDTH, MAX_HELP_WIDTH);
  const parts = { style: terminal.style, width };
  terminal.print(
    command ? commandHelp(command, GLOBAL_FLAGS, parts) : programHelp(COMMANDS, ROOT_FLAGS, GLOBAL_FLAGS, parts),
  );
  return EXIT.done;
}

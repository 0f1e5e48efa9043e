import fc from 'fast-check';
import { parseCommandLine } from '../../source/cli/args/command-line.js';
import { GLOBAL_FLAGS, ROOT_FLAGS } from '../../source/cli/args/flag-specs.js';
import { readIds } from '../../source/cli/args/ids.js';
import { UsageError } from '../../source/cli/args/usage-error.js';
import type { CommandSpec } from '../../source/cli/command.js';
import { COMMANDS } from '../../source/cli/commands/index.js';
import { runProgram } from '../../test/cli/helpers/program.js';
import { createTestDatabase } from '../../test/helpers/database.js';
import { auditEnd } from '../audit.js';
import { runningExecutions } from '../executions.js';
import { Tally } from '../tally.js';
import { type FuzzTarget, textOf } from './target.js';

const GRAMMAR = { commands: COMMANDS, rootFlags: ROOT_FLAGS, globalFlags: GLOBAL_FLAGS };
/** Long enough for any command that ends; `--watch`, `serve` and the like are ended. */
const LONGEST_MS = 20_000;

const flagsOf = (command: CommandSpec | null) => [...GLOBAL_FLAGS, ...(command ? command.flags : ROOT_FLAGS)];
const ALL_FLAGS = [...flagsOf(null), ...COMMANDS.flatMap((command) => command.flags)];
const FLAG_WORDS = ALL_FLAGS.flatMap(({ name, short }) => [
  `--${name}`,
  `--no-${name}`,
  `--${name}=`,
  ...(short ? [`-${short}`] : []),
]);
const VALUES = [
  '10m',
  '2h',
  '1d',
  '5',
  '0',
  '2026-01-01',
  'all',
  'stale',
  '1',
  '632110245082301156',
  '-',
  'x@y',
  'true',
];
const WORDS = [...COMMANDS.map(({ name }) => name), ...FLAG_WORDS, ...VALUES];

const argv = fc.array(fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...WORDS) }, textOf(WORDS, 3)), {
  maxLength: 7,
});

/** Only an error that names the mistake may come out of a command line. */
export const commandLines: FuzzTarget = {
  name: 'command lines',
  cases: [34_900, 800],
  open: async () => ({
    property: fc.asyncProperty(argv as fc.Arbitrary<unknown>, async (words) => {
      try {
        const { command, flags, input } = parseCommandLine(words as string[], GRAMMAR);
        for (const read of [
          () => readIds(input),
          ...flagsOf(command).flatMap(({ name }) => [
            () => flags.duration(name),
            () => flags.moment(name, 0),
            () => flags.integer(name, { least: 0, most: 10 }),
          ]),
        ])
          onlyUsage(read);
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
      }
    }),
  }),
};

function onlyUsage(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    if (error.message === '') throw new Error('a usage error without a message');
  }
}

/** What would listen, start a server or draw until it is stopped, and what asks for a stack. */
const LASTING = /^(serve|demo|--demo|--watch|-w|--follow|-f|--report|--debug)/;

/** The program itself, for what only shows between its parts. No id of the database is among the words: it writes nothing. */
export const programs: FuzzTarget = {
  name: 'whole programs',
  cases: [100, 3],
  open: async (context) => {
    const db = await createTestDatabase();
    await runningExecutions(db.pool, 20);
    const rows = async () => (await db.pool.query('SELECT count(*) AS n FROM noetl.event')).rows[0]?.n;
    const before = await rows();
    const program = await context.program();
    const lasting = (words: readonly string[]) => words.some((word) => LASTING.test(word)) || words.includes('cleanup');
    return {
      property: fc.asyncProperty(argv.filter((words) => !lasting(words)) as fc.Arbitrary<unknown>, async (words) => {
        // A process takes no NUL, so no shell can pass one.
        const given = (words as string[]).map((word) => word.replaceAll('\u0000', ''));
        const outcome = await runProgram(program, given, {
          env: { DATABASE_URL: db.url },
          onStart: (child) => void setTimeout(() => child.kill('SIGKILL'), LONGEST_MS).unref(),
        });
        const own = new Tally();
        auditEnd('the program', outcome, own);
        if (own.failures > 0) throw new Error(own.examples.join('; '));
      }),
      finish: async (tally) => {
        tally.expect((await rows()) === before, 'broken', () => 'a fuzzed command line has written');
      },
      close: () => db.close(),
    };
  },
};

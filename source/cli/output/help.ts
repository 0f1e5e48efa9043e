import type { CommandSpec, FlagSpec } from '../command.js';
import { EXIT_MEANINGS } from './exit-code.js';
import type { Style } from './style.js';

const GROUPS: readonly (readonly [CommandSpec['group'], string])[] = [
  ['see', 'SEE WHAT RUNS AND WHAT IS STUCK'],
  ['act', 'CANCEL'],
  ['serve', 'SERVE AND CHECK'],
];
const INDENT = '  ';
const MAX_LABEL = 26;

interface HelpParts {
  readonly style: Style;
  /** Columns to wrap at. */
  readonly width: number;
}

/** The help of the program itself. */
export function programHelp(
  commands: readonly CommandSpec[],
  rootFlags: readonly FlagSpec[],
  globalFlags: readonly FlagSpec[],
  parts: HelpParts,
): string {
  const heading = parts.style.bold;
  const named = Math.max(...commands.map((each) => each.name.length));
  return [
    'See NoETL executions, see what is stuck and why, cancel it, and see that it stopped.',
    '',
    heading('USAGE'),
    `${INDENT}noetl-console                  the interactive console`,
    `${INDENT}noetl-console --cancel <id>…   cancel, without a UI`,
    `${INDENT}noetl-console <command> [flags]`,
    ...GROUPS.flatMap(([group, title]) => [
      '',
      heading(title),
      ...rows(
        commands.filter((each) => each.group === group).map((each) => [each.name, each.summary]),
        parts.width,
        named,
      ),
    ]),
    '',
    heading('FLAGS WITHOUT A COMMAND'),
    ...rows(rootFlags.map(flagRow), parts.width),
    '',
    heading('FLAGS OF EVERY COMMAND'),
    ...rows(globalFlags.map(flagRow), parts.width),
    '',
    heading('EXAMPLES'),
    ...examples(
      [
        ['noetl-console --demo', 'the console on a demo of its own'],
        ['noetl-console --cancel 543857931469455628 --reason "Detected infinite loop" --cascade', 'cancel a tree'],
        ['noetl-console stale', 'what is stuck, and why'],
      ],
      parts.style,
    ),
    '',
    heading('CONNECTION'),
    ...wrapped(
      'The first that is there counts: --database-url; DATABASE_URL; PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE, ' +
        "PGSSLMODE; the servers' own POSTGRES_HOST, POSTGRES_PORT, POSTGRES_DATABASE, POSTGRES_USER, POSTGRES_PASSWORD, " +
        'or NOETL_POSTGRES_DB, NOETL_USER, NOETL_PASSWORD. NOETL_SCHEMA names the schema.',
      parts.width,
    ),
    '',
    heading('EXIT CODES'),
    ...EXIT_MEANINGS.map(([code, meaning]) => `${INDENT}${String(code).padEnd(5)}${meaning}`),
    '',
    "'noetl-console <command> --help' shows help for a command.",
  ].join('\n');
}

/** The help of one command. */
export function commandHelp(command: CommandSpec, globalFlags: readonly FlagSpec[], parts: HelpParts): string {
  const heading = parts.style.bold;
  return [
    `${command.summary}.`,
    ...(command.notes ? ['', ...command.notes] : []),
    '',
    heading('USAGE'),
    `${INDENT}noetl-console ${command.name} ${command.usage}`,
    ...(command.flags.length > 0 ? ['', heading('FLAGS'), ...rows(command.flags.map(flagRow), parts.width)] : []),
    '',
    heading('FLAGS OF EVERY COMMAND'),
    ...rows(globalFlags.map(flagRow), parts.width),
    '',
    heading('EXAMPLES'),
    ...examples(command.examples, parts.style),
  ].join('\n');
}

function flagRow(flag: FlagSpec): readonly [string, string] {
  const value = flag.value ?? 'VALUE';
  const shown = { switch: '', value: ` ${value}`, 'optional-value': `[=${value}]` }[flag.kind];
  return [`${flag.short ? `-${flag.short}, ` : '    '}--${flag.name}${shown}`, flag.summary];
}

/** Two columns; a label that is too long for the first stands on a line of its own. */
function rows(entries: readonly (readonly [string, string])[], width: number, least = 0): string[] {
  const label = Math.min(MAX_LABEL, Math.max(least, ...entries.map(([name]) => name.length)));
  const gap = ' '.repeat(INDENT.length + label + 2);
  return entries.flatMap(([name, summary]) => {
    const [first = '', ...rest] = fold(summary, Math.max(30, width - gap.length));
    const head =
      name.length > label ? [`${INDENT}${name}`, `${gap}${first}`] : [`${INDENT}${name.padEnd(label)}  ${first}`];
    return [...head, ...rest.map((line) => `${gap}${line}`)];
  });
}

const examples = (entries: CommandSpec['examples'], style: Style): string[] =>
  entries.flatMap(([command, does]) => [`${INDENT}${style.dim(`# ${does}`)}`, `${INDENT}$ ${command}`]);

const wrapped = (text: string, width: number): string[] =>
  fold(text, width - INDENT.length).map((line) => `${INDENT}${line}`);

function fold(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

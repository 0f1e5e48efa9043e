import type { Grammar } from '../args/command-line.js';
import type { FlagSpec } from '../command.js';
import { valuesOf } from './shell-syntax.js';

/** For ~/.config/fish/completions/noetl-console.fish. */
export function fishCompletion(grammar: Grammar): string {
  const names = grammar.commands.map((each) => each.name).join(' ');
  const none = `not __fish_seen_subcommand_from ${names}`;
  return `${[
    '# fish completion for noetl-console; made from its command table',
    'complete -c noetl-console -f',
    ...grammar.commands.map(
      (each) => `complete -c noetl-console -n ${text(none)} -a ${each.name} -d ${text(each.summary)}`,
    ),
    ...grammar.rootFlags.map((flag) => flagLine(flag, none)),
    ...grammar.globalFlags.map((flag) => flagLine(flag, null)),
    ...grammar.commands.flatMap((each) => {
      const seen = `__fish_seen_subcommand_from ${each.name}`;
      return [
        ...each.flags.map((flag) => flagLine(flag, seen)),
        ...(each.wordChoices
          ? [`complete -c noetl-console -n ${text(seen)} -a ${text(each.wordChoices.join(' '))}`]
          : []),
      ];
    }),
  ].join('\n')}\n`;
}

function flagLine(flag: FlagSpec, condition: string | null): string {
  const parts = ['complete -c noetl-console'];
  if (condition !== null) parts.push(`-n ${text(condition)}`);
  parts.push(`-l ${flag.name}`);
  if (flag.short) parts.push(`-s ${flag.short}`);
  if (flag.kind === 'value') parts.push(flag.file ? '-r -F' : '-x');
  if (flag.complete) parts.push(`-a ${text(`(command noetl-console ${flag.complete} -o name 2>/dev/null)`)}`);
  else if (flag.kind === 'value' && valuesOf(flag).length > 0) parts.push(`-a ${text(valuesOf(flag).join(' '))}`);
  parts.push(`-d ${text(flag.summary)}`);
  return parts.join(' ');
}

/** fish knows two escapes inside single quotes. */
const text = (value: string): string => `'${value.replace(/['\\]/g, '\\$&')}'`;

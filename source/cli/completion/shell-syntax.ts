import type { Grammar } from '../args/command-line.js';
import type { CommandSpec, FlagSpec } from '../command.js';

/** A text in single quotes, fit for bash and zsh. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** Every way a flag can be typed, dashes included. */
export const spellings = (flag: FlagSpec): string[] => [`--${flag.name}`, ...(flag.short ? [`-${flag.short}`] : [])];

/** The values that completion offers for a flag. */
export const valuesOf = (flag: FlagSpec): readonly string[] => flag.choices ?? flag.suggest ?? [];

/** The flags that may follow a command; those of the program itself where there is none. */
export const flagsOf = (grammar: Grammar, command: CommandSpec | null): readonly FlagSpec[] => [
  ...(command ? command.flags : grammar.rootFlags),
  ...grammar.globalFlags,
];

/** Every flag there is, each name once: a name means the same kind of flag everywhere. */
export function allFlags(grammar: Grammar): FlagSpec[] {
  const flags = [grammar.rootFlags, grammar.globalFlags, ...grammar.commands.map((each) => each.flags)].flat();
  return [...new Map(flags.map((flag) => [flag.name, flag])).values()];
}

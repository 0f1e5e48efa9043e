import { nearWord } from '../../text/near-word.js';
import type { CommandSpec, FlagSpec } from '../command.js';
import { UsageError } from './usage-error.js';

/** One flag as it was typed. `value` is null for a switch that is on; `off` is `--no-<switch>` or `--<switch>=false`. */
export interface FlagWord {
  readonly spec: FlagSpec;
  readonly value: string | null;
  readonly off: boolean;
}

/** The command line, word by word: nothing is converted, so an id is still exactly what was typed. */
export interface Words {
  readonly command: CommandSpec | null;
  readonly flags: readonly FlagWord[];
  readonly input: readonly string[];
  /** `help` was asked for as a word: `noetl-console help cancel`. */
  readonly helpWord: boolean;
}

/** What may be typed: the flags of every command, those of the program itself, and those that go everywhere. */
export interface Grammar {
  readonly commands: readonly CommandSpec[];
  readonly rootFlags: readonly FlagSpec[];
  readonly globalFlags: readonly FlagSpec[];
}

/** A word that can only be meant as a flag; `-` and `-5` are values. */
const looksLikeFlag = (word: string): boolean => /^--./.test(word) || /^-[A-Za-z]/.test(word);

/**
 * Sorts the words of a command line into command, flags and the rest, by the table alone. meow's parser guesses where
 * its table is silent (an unknown flag swallows the next word, `--wait` would too, `'12'` loses its quotes), so what
 * each word is gets settled here, and meow is given a line that leaves nothing to guess.
 *
 * @throws UsageError that names the flag or command, with the near one as its hint.
 */
export function sortWords(argv: readonly string[], grammar: Grammar): Words {
  const known = new Map<string, FlagSpec>();
  for (const spec of [grammar.globalFlags, grammar.rootFlags, ...grammar.commands.map((each) => each.flags)].flat()) {
    known.set(`--${spec.name}`, spec);
    if (spec.short) known.set(`-${spec.short}`, spec);
  }
  const flags: FlagWord[] = [];
  const plain: { word: string; bare: boolean }[] = [];
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index]!;
    if (word === '--') {
      plain.push(...argv.slice(index + 1).map((each) => ({ word: each, bare: false })));
      break;
    }
    if (!looksLikeFlag(word)) {
      plain.push({ word, bare: true });
      continue;
    }
    const equals = word.indexOf('=');
    const name = equals === -1 ? word : word.slice(0, equals);
    const given = equals === -1 ? null : word.slice(equals + 1);
    const { spec, negated } = find(name, known);
    if (spec.kind === 'switch') {
      flags.push({ spec, value: null, off: negated !== switchedOff(name, given) });
    } else if (spec.kind === 'optional-value') {
      flags.push({ spec, value: given ?? spec.alone ?? '', off: false });
    } else if (given !== null) {
      flags.push({ spec, value: given, off: false });
    } else {
      flags.push({ spec, value: valueAfter(name, argv[index + 1]), off: false });
      index++;
    }
  }
  const helpWord = plain[0]?.bare === true && plain[0].word === 'help';
  if (helpWord) plain.shift();
  const command = plain[0] ? commandNamed(plain[0].word, flags, grammar) : null;
  checkBelonging(flags, command, grammar, known);
  return { command, flags, input: plain.slice(command ? 1 : 0).map((each) => each.word), helpWord };
}

function find(name: string, known: ReadonlyMap<string, FlagSpec>): { spec: FlagSpec; negated: boolean } {
  const spec = known.get(name);
  if (spec) return { spec, negated: false };
  const opposite = name.startsWith('--no-') ? known.get(`--${name.slice(5)}`) : undefined;
  if (opposite?.kind === 'switch') return { spec: opposite, negated: true };
  const near = nearWord(
    name,
    [...known.keys()].filter((each) => each.startsWith('--')),
  );
  throw new UsageError(`unknown flag ${name}`, near ? `Did you mean ${near}?` : undefined);
}

function switchedOff(name: string, given: string | null): boolean {
  if (given === null || given === 'true') return false;
  if (given === 'false') return true;
  throw new UsageError(`${name} takes no value (it is there or it is not)`);
}

function valueAfter(name: string, next: string | undefined): string {
  if (next === undefined || next === '--') throw new UsageError(`${name} needs a value`);
  if (!looksLikeFlag(next)) return next;
  throw new UsageError(
    `${name} needs a value, and ${next} looks like a flag`,
    `A value that begins with a dash is written ${name}=${next}`,
  );
}

function commandNamed(word: string, flags: readonly FlagWord[], grammar: Grammar): CommandSpec {
  const found = grammar.commands.find((each) => each.name === word);
  if (found) return found;
  const cancels = flags.some((flag) => flag.spec.name === 'cancel');
  const near = nearWord(
    word,
    grammar.commands.map((each) => each.name),
  );
  const hint = cancels
    ? 'For several executions: noetl-console cancel <id>…, or --cancel <id> for each'
    : near
      ? `Did you mean ${near}?`
      : "'noetl-console --help' lists the commands";
  throw new UsageError(`unknown command ${JSON.stringify(word)}`, hint);
}

function checkBelonging(
  flags: readonly FlagWord[],
  command: CommandSpec | null,
  grammar: Grammar,
  known: ReadonlyMap<string, FlagSpec>,
): void {
  const own = command ? command.flags : grammar.rootFlags;
  const allowed = new Set([...grammar.globalFlags, ...own].map((spec) => spec.name));
  const seen = new Set<string>();
  for (const { spec } of flags) {
    const name = `--${spec.name}`;
    if (!allowed.has(spec.name)) {
      const owners = grammar.commands.filter((each) => each.flags.some((flag) => flag.name === spec.name));
      const where = command ? `noetl-console ${command.name}` : 'noetl-console without a command';
      const near = nearWord(
        name,
        [...known.keys()].filter((key) => key.startsWith('--') && allowed.has(key.slice(2))),
      );
      const belongs = owners.length > 0 ? `it belongs to: ${owners.map((each) => each.name).join(', ')}` : undefined;
      throw new UsageError(
        `${name} is not a flag of ${where}${belongs ? ` (${belongs})` : ''}`,
        near ? `Did you mean ${near}?` : undefined,
      );
    }
    if (seen.has(spec.name) && !spec.multiple && spec.kind !== 'switch') {
      throw new UsageError(`${name} was given twice; it takes one value`);
    }
    seen.add(spec.name);
  }
}

import { nearWord } from '../../text/words.js';
import type { CommandSpec, FlagSpec } from '../command.js';
import type { Flags } from './parsed-flags.js';
import { type ParsedFlag, typed } from './typed-flags.js';
import { helpHint, UsageError } from './usage-error.js';

/** A command line, typed: nothing is converted, so an id is still exactly what was typed. */
export interface CommandLine {
  readonly command: CommandSpec | null;
  readonly flags: Flags;
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

/**
 * Parses a command line. meow types and collects the values; where its table is silent it guesses (an unknown flag
 * swallows the next word, so would `--wait`, `'12'` loses its quotes), so each word is first looked up in the table and
 * handed to meow in the one form that leaves nothing to guess.
 *
 * @throws UsageError that names the flag or command, with the near one as its hint.
 */
export function parseCommandLine(argv: readonly string[], grammar: Grammar): CommandLine {
  const known = knownFlags(grammar);
  const { flags, words } = lookUp(argv, known);
  const helpWord = words[0]?.bare === true && words[0].text === 'help';
  if (helpWord) words.shift();
  const command = words[0] ? commandNamed(words[0].text, flags, grammar) : null;
  checkBelonging(flags, command, grammar, known);
  for (const { spec, value } of flags) {
    const own = ownFlags(command, grammar).find(({ name }) => name === spec.name) ?? spec;
    if (value !== null) checkChoice(own, value, command);
  }
  checkForms(flags);
  const input = words.slice(command ? 1 : 0).map((each) => each.text);
  return { command, helpWord, ...typed(flags, input, [...grammar.globalFlags, ...ownFlags(command, grammar)]) };
}

/**
 * Every flag by its spellings. A name means the same kind of flag everywhere; which of its values a command takes is
 * looked up again once the command is known.
 */
function knownFlags(grammar: Grammar): Map<string, FlagSpec> {
  const known = new Map<string, FlagSpec>();
  for (const spec of [grammar.globalFlags, grammar.rootFlags, ...grammar.commands.map((each) => each.flags)].flat()) {
    const choices = [...(known.get(`--${spec.name}`)?.choices ?? []), ...(spec.choices ?? [])];
    const merged = choices.length > 0 ? { ...spec, choices } : spec;
    known.set(`--${spec.name}`, merged);
    if (spec.short) known.set(`-${spec.short}`, merged);
  }
  return known;
}

const ownFlags = (command: CommandSpec | null, grammar: Grammar) => (command ? command.flags : grammar.rootFlags);

/** A word that can only be meant as a flag; `-` and `-5` are values. */
const looksLikeFlag = (word: string): boolean => /^--./.test(word) || /^-[A-Za-z]/.test(word);

/** Each word as a flag of the table, or as a plain word; `bare` ones stood before any `--`. */
function lookUp(argv: readonly string[], known: ReadonlyMap<string, FlagSpec>) {
  const flags: ParsedFlag[] = [];
  const words: { text: string; bare: boolean }[] = [];
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] ?? '';
    if (word === '--') {
      words.push(...argv.slice(index + 1).map((text) => ({ text, bare: false })));
      break;
    }
    if (!looksLikeFlag(word)) {
      words.push({ text: word, bare: true });
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
      flags.push({ spec, value: valueAfter(name, argv[index + 1], spec, known), off: false });
      index++;
    }
  }
  return { flags, words };
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

function valueAfter(
  name: string,
  next: string | undefined,
  { choices, dashed }: FlagSpec,
  known: ReadonlyMap<string, FlagSpec>,
): string {
  if (next === undefined || next === '--') throw new UsageError(`${name} needs a value`);
  const isMeant = choices?.includes(next) || (dashed && !next.startsWith('--') && !known.has(next));
  if (!looksLikeFlag(next) || isMeant) return next;
  throw new UsageError(
    `${name} needs a value, and ${next} looks like a flag`,
    `A value that begins with a dash is written ${name}=${next}`,
  );
}

function commandNamed(word: string, flags: readonly ParsedFlag[], grammar: Grammar): CommandSpec {
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
  flags: readonly ParsedFlag[],
  command: CommandSpec | null,
  grammar: Grammar,
  known: ReadonlyMap<string, FlagSpec>,
): void {
  const allowed = new Set([...grammar.globalFlags, ...ownFlags(command, grammar)].map((spec) => spec.name));
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

function checkChoice(spec: FlagSpec, value: string, command: CommandSpec | null): void {
  if (!spec.choices || spec.choices.includes(value)) return;
  const near = nearWord(value, spec.choices);
  throw new UsageError(
    `--${spec.name} does not know ${JSON.stringify(value)}: one of ${spec.choices.join(', ')}`,
    near ? `Did you mean ${near}?` : helpHint(command?.name),
  );
}

/** `--json` is `-o json`: another form beside it contradicts it. */
function checkForms(flags: readonly ParsedFlag[]): void {
  const output = flags.find(({ spec }) => spec.name === 'output')?.value;
  const isJson = flags.some(({ spec, off }) => spec.name === 'json' && !off);
  if (isJson && output !== undefined && output !== 'json') {
    throw new UsageError(`--json and --output ${output} exclude one another`);
  }
}

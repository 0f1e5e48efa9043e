import meow from 'meow';
import type { FlagSpec } from '../command.js';
import { UsageError } from '../usage-error.js';
import { Flags, type FlagValue } from './flags.js';
import type { Words } from './words.js';

/**
 * Flags and words of a command line, typed by meow. It is given one unambiguous line: a value that begins with a dash
 * goes behind `=`, every other one stands apart (behind `=` its parser would strip quotes from it), words after `--`.
 *
 * @throws UsageError for a value that is not among a flag's choices.
 */
export function readArguments(words: Words, specs: readonly FlagSpec[]): { flags: Flags; input: readonly string[] } {
  const line: string[] = [];
  // A switch given twice counts as it was given last.
  const last = new Map(words.flags.map((flag) => [flag.spec.name, flag]));
  for (const flag of words.flags) {
    const { spec, value, off } = flag;
    if (spec.kind === 'switch') {
      if (!off && last.get(spec.name) === flag) line.push(`--${spec.name}`);
    } else if (value !== null) {
      checkChoice(spec, value);
      if (value.startsWith('-')) line.push(`--${spec.name}=${value}`);
      else line.push(`--${spec.name}`, value);
    }
  }
  const parsed = meow({
    importMeta: import.meta,
    // Else meow looks for a package.json. It sets the process title too, to the same as cli.ts.
    pkg: { name: 'noetl-console' },
    argv: [...line, '--', ...words.input],
    input: 'string',
    help: false,
    description: false,
    version: '',
    autoHelp: false,
    autoVersion: false,
    booleanDefault: undefined,
    flags: Object.fromEntries(specs.map((spec) => [camelCase(positive(spec.name)), meowFlag(spec)])),
  });
  const given = parsed.flags as Readonly<Record<string, FlagValue>>;
  const values = new Map<string, FlagValue>();
  for (const spec of specs) {
    const value = given[camelCase(positive(spec.name))];
    if (value === undefined) continue;
    // meow reads --no-color as color = false.
    if (spec.name.startsWith('no-')) values.set(spec.name, value === false);
    else if (!(Array.isArray(value) && value.length === 0)) values.set(spec.name, value);
  }
  return { flags: new Flags(values), input: parsed.input };
}

type MeowFlag = { type: 'boolean' } | { type: 'string' } | { type: 'string'; isMultiple: true };

function meowFlag(spec: FlagSpec): MeowFlag {
  if (spec.kind === 'switch') return { type: 'boolean' };
  return spec.multiple ? { type: 'string', isMultiple: true } : { type: 'string' };
}

function checkChoice(spec: FlagSpec, value: string): void {
  if (!spec.choices || spec.choices.includes(value)) return;
  throw new UsageError(`--${spec.name} does not know ${JSON.stringify(value)}: one of ${spec.choices.join(', ')}`);
}

const positive = (name: string): string => name.replace(/^no-/, '');
const camelCase = (name: string): string => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());

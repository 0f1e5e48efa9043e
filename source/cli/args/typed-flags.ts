import meow from 'meow';
import type { FlagSpec } from '../command.js';
import { Flags, type FlagValue } from './parsed-flags.js';

/** One flag as it was typed. `value` is null for a switch; `off` is `--no-<switch>` or `--<switch>=false`. */
export interface ParsedFlag {
  readonly spec: FlagSpec;
  readonly value: string | null;
  readonly off: boolean;
}

/** The values of the flags by their types, and the words. */
export function typed(
  flags: readonly ParsedFlag[],
  input: readonly string[],
  specs: readonly FlagSpec[],
): { flags: Flags; input: readonly string[] } {
  const parsed = meow({
    importMeta: import.meta,
    // Else meow looks for a package.json. It sets the process title too, to the same as cli.ts.
    pkg: { name: 'noetl-console' },
    argv: [...unambiguous(flags), '--', ...input],
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

/**
 * The flags as meow cannot misread them: a value that begins with a dash goes behind `=`, every other one stands apart,
 * since meow strips quotes behind `=`. What it makes of the words as typed is in docs/decisions (meow-and-the-table).
 */
function unambiguous(flags: readonly ParsedFlag[]): string[] {
  // A switch given twice counts as it was given last.
  const last = new Map(flags.map((flag) => [flag.spec.name, flag]));
  return flags.flatMap((flag) => {
    const { spec, value, off } = flag;
    if (value === null) return off || last.get(spec.name) !== flag ? [] : [`--${spec.name}`];
    return value.startsWith('-') ? [`--${spec.name}=${value}`] : [`--${spec.name}`, value];
  });
}

type MeowFlag = { type: 'boolean' } | { type: 'string' } | { type: 'string'; isMultiple: true };

function meowFlag(spec: FlagSpec): MeowFlag {
  if (spec.kind === 'switch') return { type: 'boolean' };
  return spec.multiple ? { type: 'string', isMultiple: true } : { type: 'string' };
}

const positive = (name: string): string => name.replace(/^no-/, '');
const camelCase = (name: string): string => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());

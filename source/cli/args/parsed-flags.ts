import { parseDuration } from '../../text/duration.js';
import { UsageError } from './usage-error.js';

export type FlagValue = boolean | string | readonly string[];

/** The flags of one command line, read by type; a value of the wrong form throws a UsageError that names its flag. */
export class Flags {
  readonly #values: ReadonlyMap<string, FlagValue>;

  constructor(values: ReadonlyMap<string, FlagValue>) {
    this.#values = values;
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  on(name: string): boolean {
    return this.#values.get(name) === true;
  }

  text(name: string): string | undefined {
    const value = this.#values.get(name);
    return typeof value === 'string' ? value : undefined;
  }

  texts(name: string): readonly string[] {
    const value = this.#values.get(name);
    return Array.isArray(value) ? value : [];
  }

  /** How results are printed: as `-o` says (`--json` is `-o json`); null for the command's own form. */
  get form(): string | null {
    return this.on('json') ? 'json' : (this.text('output') ?? null);
  }

  get isJson(): boolean {
    return this.form === 'json';
  }

  /** Milliseconds of `90s`, `10m`, `2h`, `1d`, `1h30m`. */
  duration(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const milliseconds = parseDuration(text);
    if (milliseconds !== null) return milliseconds;
    throw new UsageError(`--${name} ${JSON.stringify(text)} is not a duration (write 90s, 10m, 2h, 1d or 1h30m)`);
  }

  integer(name: string, range: { least: number; most: number }): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= range.least && value <= range.most) return value;
    throw new UsageError(
      `--${name} ${JSON.stringify(text)} is not a whole number from ${range.least} to ${range.most}`,
    );
  }

  /** A moment: how long ago (`2h`), or an ISO date or time (UTC where it names no zone). Milliseconds since 1970. */
  moment(name: string, now: number): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const ago = parseDuration(text);
    if (ago !== null) return now - ago;
    const iso = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/.exec(text);
    const zoned = iso && (iso[1] === undefined || iso[4] !== undefined) ? text : `${text}Z`;
    const at = iso ? Date.parse(zoned.replace(' ', 'T')) : Number.NaN;
    if (!Number.isNaN(at)) return at;
    throw new UsageError(
      `--${name} ${JSON.stringify(text)} is neither a duration (2h) nor a time (2026-05-22 or 2026-05-22T03:30:13Z)`,
    );
  }
}

import { DEFAULT_STALE_AFTER_MS } from '../../domain/execution-status.js';
import { StoreError } from '../../store/errors.js';
import { parseDuration } from '../../text/duration.js';
import type { Flags } from '../args/parsed-flags.js';
import { ConfigurationError, UsageError } from '../args/usage-error.js';
import type { ConfigFile, Profile } from './config-file.js';
import { PROFILE_COLORS, THEMES, VIEWS } from './config-schema.js';
import type { Environment } from './environment.js';

/** A value, and the layer that it came from, as `doctor` shows it. */
export interface Layered<T> {
  readonly value: T;
  readonly from: string;
}

/** Where settings come from, the first one that has a setting counts: flag, environment, profile, the file's top. */
export interface Layers {
  readonly flags: { text(name: string): string | undefined };
  readonly env: Environment;
  readonly profile: Profile | null;
  readonly file: ConfigFile;
}

const oneOf =
  <const Names extends readonly string[]>(names: Names) =>
  (word: string): Names[number] | null =>
    names.find((name) => name === word) ?? null;
const yesOrNo = (word: string): boolean | null =>
  /^(1|true|yes|on)$/i.test(word) ? true : /^(0|false|no|off)$/i.test(word) ? false : null;
const via = oneOf(['auto', 'api', 'table'] as const);
const time = oneOf(['local', 'utc'] as const);

interface Setting<T> {
  /** The flag that sets it, where there is one. A switch is read where the setting is used. */
  readonly flag?: string;
  readonly variable: string;
  readonly read: (word: string) => T | null;
  /** The message for a wrong word. */
  readonly expects: string;
  /** What the setting does, for the reference. */
  readonly does: string;
}
const setting = <T>(spec: Setting<T>): Setting<T> => spec;

/**
 * Every setting that a flag, the environment and the config file share, by its name in the file. docs/configuration.md
 * and `doctor` are made from this.
 */
export const SETTINGS = {
  theme: setting({
    flag: 'theme',
    variable: 'NOETL_CONSOLE_THEME',
    read: oneOf(THEMES),
    expects: THEMES.join(', '),
    does: 'colours of the console',
  }),
  view: setting({
    variable: 'NOETL_CONSOLE_VIEW',
    read: oneOf(VIEWS),
    expects: VIEWS.join(', '),
    does: 'the view that the console opens with',
  }),
  mouse: setting({
    variable: 'NOETL_CONSOLE_MOUSE',
    read: yesOrNo,
    expects: 'true or false',
    does: 'ask the terminal for mouse events',
  }),
  screen_reader: setting({
    variable: 'NOETL_CONSOLE_SCREEN_READER',
    read: yesOrNo,
    expects: 'true or false',
    does: 'plain text that a screen reader can follow',
  }),
  stale_after: setting({
    variable: 'NOETL_CONSOLE_STALE_AFTER',
    read: (word) => (parseDuration(word) === null ? null : word),
    expects: 'a duration such as 10m',
    does: 'how long an execution must be silent to be stale',
  }),
  time: setting({
    variable: 'NOETL_CONSOLE_TIME',
    read: time,
    expects: 'local or utc',
    does: 'how the console shows times',
  }),
  bell: setting({
    variable: 'NOETL_CONSOLE_BELL',
    read: yesOrNo,
    expects: 'true or false',
    does: 'ring the bell when a batch settles or more executions become stale',
  }),
  title: setting({
    variable: 'NOETL_CONSOLE_TITLE',
    read: yesOrNo,
    expects: 'true or false',
    does: 'show settled batches and the number of stale executions in the title of the terminal',
  }),
  require_reason: setting({
    flag: 'require-reason',
    variable: 'NOETL_CONSOLE_REQUIRE_REASON',
    read: yesOrNo,
    expects: 'true or false',
    does: 'refuse a cancel without a reason',
  }),
  query_role: setting({
    flag: 'role',
    variable: 'NOETL_QUERY_ROLE',
    read: (word) => word || null,
    expects: 'the name of a database role',
    does: 'the database role that `query` runs as',
  }),
  via: setting({
    flag: 'via',
    variable: 'NOETL_CONSOLE_VIA',
    read: via,
    expects: 'auto, api or table',
    does: 'how a cancel is written',
  }),
  server: setting({
    flag: 'server',
    variable: 'NOETL_CONSOLE_SERVER',
    read: (word) => word || null,
    expects: 'a URL',
    does: "the NoETL server's URL",
  }),
  color: setting({
    variable: 'NOETL_CONSOLE_COLOR',
    read: oneOf(PROFILE_COLORS),
    expects: PROFILE_COLORS.join(', '),
    does: "the colour of the profile's name",
  }),
} as const;

export type SettingName = keyof typeof SETTINGS;
type SettingValue<Name extends SettingName> = NonNullable<ReturnType<(typeof SETTINGS)[Name]['read']>>;

/**
 * A setting from the first layer that has it; null where none has.
 *
 * @throws ConfigurationError for a variable whose value cannot be used. Flags were checked when they were parsed, the
 * file when it was read.
 */
export function settingOf<Name extends SettingName>(name: Name, layers: Layers): Layered<SettingValue<Name>> | null {
  const spec: Setting<unknown> = SETTINGS[name];
  const flag = spec.flag === undefined ? undefined : layers.flags.text(spec.flag);
  const found = (value: unknown, from: string) => ({ value, from }) as Layered<SettingValue<Name>>;
  if (flag !== undefined) return found(flag, `--${spec.flag}`);
  const word = layers.env[spec.variable];
  if (word) {
    const value = spec.read(word);
    if (value === null) throw new ConfigurationError(`${spec.variable} must be ${spec.expects}`);
    return found(value, spec.variable);
  }
  const ofProfile = (layers.profile?.content as Record<string, unknown> | undefined)?.[name];
  if (ofProfile !== undefined) return found(ofProfile, `profile ${layers.profile?.name}`);
  const ofFile = (layers.file.top as Record<string, unknown>)[name];
  return ofFile === undefined ? null : found(ofFile, layers.file.path);
}

/** How long an execution must be silent to be stale, milliseconds: `--older-than`, else `stale_after`, else 10 minutes. */
export function staleAfterOf(layers: Layers, flags: { duration(name: string): number | undefined }): number {
  const configured = settingOf('stale_after', layers);
  return flags.duration('older-than') ?? parseDuration(configured?.value ?? '') ?? DEFAULT_STALE_AFTER_MS;
}

const YES = ['1', 'true', 'yes', 'on'];
const NO = ['', '0', 'false', 'no', 'off'];

/**
 * What makes this run read-only: any of `--read-only`, NOETL_CONSOLE_READ_ONLY and `read_only` in the profile or at the
 * config file's top; null where nothing does. They add up, and none takes back another: a machine that is configured
 * read-only stays so.
 *
 * @throws ConfigurationError for a value that is neither yes nor no: guessing could mean writing.
 */
export function readOnlyBy({ env, file, profile }: Omit<Layers, 'flags'>, flags: Pick<Flags, 'on'>): string | null {
  if (flags.on('read-only')) return '--read-only';
  const word = (env.NOETL_CONSOLE_READ_ONLY ?? '').trim().toLowerCase();
  if (YES.includes(word)) return 'NOETL_CONSOLE_READ_ONLY';
  if (!NO.includes(word)) throw new ConfigurationError('NOETL_CONSOLE_READ_ONLY must be 1 or 0');
  if (profile?.content.read_only === true) return `read_only, profile ${profile.name}`;
  return file.top.read_only === true ? `read_only, ${file.path}` : null;
}

/**
 * What asks for a reason with every cancel of this run: `--require-reason`, else the setting `require_reason`; null where
 * nothing does.
 */
export function reasonRequiredBy(layers: Layers, flags: Flags): string | null {
  if (flags.on('require-reason')) return '--require-reason';
  const configured = settingOf('require_reason', layers);
  return configured?.value === true ? `require_reason, ${configured.from}` : null;
}

/**
 * Before anything is read or written: a read-only session is refused first.
 * @throws StoreError of kind `writes-disabled` in a read-only session, as the store throws it for every write; UsageError
 * where a reason is required and `--reason` gives none.
 */
export function refuseBeforeWrite(layers: Layers, flags: Flags): void {
  const readOnly = readOnlyBy(layers, flags);
  if (readOnly !== null) {
    throw new StoreError('writes-disabled', `this session is read-only (${readOnly}): nothing was written`);
  }
  const required = reasonRequiredBy(layers, flags);
  if (required !== null && (flags.text('reason') ?? '').trim() === '') {
    throw new UsageError(`a reason is required (${required}): say why with --reason`);
  }
}

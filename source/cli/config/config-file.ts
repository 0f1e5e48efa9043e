import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseDuration } from '../../domain/duration.js';
import type { Environment } from './environment.js';

/** What the config file says about the interactive console. Profiles of connections will stand beside it. */
export interface ConsoleConfig {
  readonly theme?: 'dark' | 'light' | 'high-contrast' | 'none';
  readonly mouse?: boolean;
  readonly screenReader?: boolean;
  /** For every command, not the console alone. */
  readonly readOnly?: boolean;
  /** The database role that `query` takes on. */
  readonly queryRole?: string;
  readonly staleAfterMs?: number;
  readonly view?: 'active' | 'stale' | 'cancelled' | 'all';
  /** Keys by action; what is wrong in them the console tells itself. */
  readonly keys?: Readonly<Record<string, string | readonly string[]>>;
}

/** The entries that could be used, and one line for each that could not. */
export interface ReadConfig {
  readonly config: ConsoleConfig;
  readonly problems: readonly string[];
}

const THEMES = ['dark', 'light', 'high-contrast', 'none'] as const;
const VIEWS = ['active', 'stale', 'cancelled', 'all'] as const;

/** `noetl-console/config.yaml` below XDG_CONFIG_HOME, else below ~/.config. */
export const configPath = (env: Environment): string =>
  join(env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'noetl-console', 'config.yaml');

/**
 * The config file, where there is one. Never throws: a mistake in it must not keep an operator out, so what is wrong is
 * told and passed over.
 */
export async function readConfigFile(env: Environment): Promise<ReadConfig> {
  const path = configPath(env);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const absent = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return { config: {}, problems: absent ? [] : [`${path} cannot be read: ${(error as Error).message}`] };
  }
  const { parse } = await import('yaml');
  try {
    const { config, problems } = consoleConfig(parse(text, { logLevel: 'error' }));
    return { config, problems: problems.map((problem) => `${path}: ${problem}`) };
  } catch (error) {
    return { config: {}, problems: [`${path} is not YAML: ${(error as Error).message.split('\n')[0]}`] };
  }
}

/** The file's content as configuration; entries of the wrong kind are named and left out. */
export function consoleConfig(content: unknown): ReadConfig {
  if (content === null || content === undefined) return { config: {}, problems: [] };
  if (typeof content !== 'object' || Array.isArray(content))
    return { config: {}, problems: ['is not a list of settings'] };
  const config: { -readonly [Name in keyof ConsoleConfig]: ConsoleConfig[Name] } = {};
  const problems: string[] = [];
  for (const [name, value] of Object.entries(content)) {
    const problem = take(config, name, value);
    if (problem !== null) problems.push(`${name} ${problem}`);
  }
  return { config, problems };
}

function take(
  config: { -readonly [Name in keyof ConsoleConfig]: ConsoleConfig[Name] },
  name: string,
  value: unknown,
): string | null {
  switch (name) {
    case 'theme': {
      const theme = THEMES.find((each) => each === value);
      if (!theme) return `is one of ${THEMES.join(', ')}`;
      config.theme = theme;
      return null;
    }
    case 'view': {
      const view = VIEWS.find((each) => each === value);
      if (!view) return `is one of ${VIEWS.join(', ')}`;
      config.view = view;
      return null;
    }
    case 'mouse':
    case 'screen_reader':
      if (typeof value !== 'boolean') return 'is true or false';
      if (name === 'mouse') config.mouse = value;
      else config.screenReader = value;
      return null;
    case 'read_only':
      // A mistake here must not mean that the program may write.
      config.readOnly = value !== false;
      return typeof value === 'boolean' ? null : 'is true or false; it is taken as true';
    case 'query_role':
      if (typeof value !== 'string' || value === '') return 'is the name of a database role';
      config.queryRole = value;
      return null;
    case 'stale_after': {
      const ms = typeof value === 'string' ? parseDuration(value) : null;
      if (ms === null) return 'is a duration like 10m';
      config.staleAfterMs = ms;
      return null;
    }
    case 'keys':
      if (!isKeys(value)) return 'names a key, or a list of keys, for each action';
      config.keys = value;
      return null;
    default:
      return 'is not a setting';
  }
}

function isKeys(value: unknown): value is Record<string, string | string[]> {
  const isKey = (each: unknown) => typeof each === 'string';
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((each) => isKey(each) || (Array.isArray(each) && each.every(isKey)));
}

import { readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { nearWord } from '../../text/words.js';
import { ConfigurationError } from '../args/usage-error.js';
import type { ConfigContent, ContentProblem, ProfileContent, SharedSettings } from './config-schema.js';
import type { Environment } from './environment.js';

/** What is right in the file, and one line for each thing that is not. */
export interface ConfigFile {
  readonly path: string;
  readonly exists: boolean;
  /** The profile that is used without --profile. */
  readonly current: string | null;
  /** Settings for all profiles. */
  readonly top: SharedSettings;
  /** Keys by action; the console itself says what is wrong in them. */
  readonly keys: Readonly<Record<string, string | readonly string[]>> | null;
  readonly profiles: ReadonlyMap<string, ConfigProfile>;
  /** Problems outside the profiles, each a line that names the file and where. */
  readonly problems: readonly string[];
  /** Why nothing of the file may be used for a connection: it is not YAML, or others may read a password in it. */
  readonly refused: string | null;
}

export interface ConfigProfile {
  readonly content: ProfileContent;
  /** An error once this profile is used, a warning until then. */
  readonly problems: readonly string[];
}

/** Any of these bits lets others than the owner read or change the file. */
const OTHERS_MAY = 0o077;

/** `noetl-console/config.yaml` below XDG_CONFIG_HOME, else below ~/.config. */
export const configPath = (env: Environment): string =>
  join(env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'noetl-console', 'config.yaml');

/** The config file, where there is one. Never throws: what is wrong with it is part of the answer. */
export async function readConfigFile(env: Environment): Promise<ConfigFile> {
  const path = configPath(env);
  const nothing: ConfigFile = {
    path,
    exists: false,
    current: null,
    top: {},
    keys: null,
    profiles: new Map(),
    problems: [],
    refused: null,
  };
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return nothing;
    return { ...nothing, exists: true, refused: `${path} cannot be read: ${(error as Error).message}` };
  }
  const file = await parsed(text, path);
  const holdsPassword = [...file.profiles.values()].some(({ content }) => hasPassword(content));
  if (file.refused === null && holdsPassword && ((await stat(path)).mode & OTHERS_MAY) !== 0) {
    return { ...file, refused: `${path} holds a password and others may read it: run chmod 600 ${quoted(path)}` };
  }
  return file;
}

const hasPassword = ({ password, url, shards, cluster }: ProfileContent): boolean =>
  password !== undefined ||
  /^[a-z+]+:\/\/[^/?#@]*:[^/?#]+@|[?&]password=/i.test(url ?? '') ||
  /(^|[;,])\s*password=[^;,]/i.test(`${shards ?? ''},${cluster ?? ''}`);

const quoted = (path: string): string => (/^[\w./~-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`);

/** The file's text as configuration; what is wrong is named with its line and left out. */
async function parsed(text: string, path: string): Promise<ConfigFile> {
  const [yaml, { contentProblems, PROFILE_SETTING_NAMES, SETTING_NAMES }] = await Promise.all([
    import('yaml'),
    import('./config-schema.js'),
  ]);
  // It is a CommonJS package: in the bundle its exports are those of the default.
  const { LineCounter, parseDocument, isMap } = 'default' in yaml ? (yaml.default as typeof yaml) : yaml;
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  const lineAt = (offset: number | undefined) => (offset === undefined ? 1 : lines.linePos(offset).line);
  const base = { path, exists: true, current: null, top: {}, keys: null, profiles: new Map(), problems: [] };
  const [broken] = document.errors;
  if (broken) {
    const said = broken.code === 'DUPLICATE_KEY' ? 'a name that stands there twice' : broken.message.split('\n')[0];
    return { ...base, refused: `${path} line ${lineAt(broken.pos[0])}: not valid YAML: ${said}` };
  }
  let content: unknown;
  try {
    content = document.toJS() ?? {};
  } catch (error) {
    // Aliases are only followed here: one without its anchor, or a file that grows beyond reason by them.
    return { ...base, refused: `${path}: not valid YAML: ${(error as Error).message.split('\n')[0]}` };
  }
  if (!isMap(document.contents) && document.contents !== null) {
    return { ...base, refused: `${path} line 1: must hold settings by name, like "theme: dark"` };
  }
  const lineOf = (where: ContentProblem['path']): number => {
    for (let length = where.length; length > 0; length--) {
      const parent = document.getIn(where.slice(0, length - 1), true) ?? document.contents;
      const pair = isMap(parent)
        ? parent.items.find(
            ({ key }) => String((key as { value?: unknown })?.value ?? key) === String(where[length - 1]),
          )
        : undefined;
      const range = (pair?.key as { range?: [number, number, number] } | undefined)?.range;
      if (range) return lineAt(range[0]);
    }
    return 1;
  };
  const say = ({ path: where, isUnknownName, expected }: ContentProblem): string => {
    const at = `${path} line ${lineOf(where)}: ${where.join('.')}`;
    if (!isUnknownName) return `${at} must be ${wanted(expected)}`;
    const names = where[0] === 'profiles' ? PROFILE_SETTING_NAMES : SETTING_NAMES;
    const near = nearWord(String(where.at(-1)), names);
    return `${at} is not a setting${near ? `; did you mean ${near}?` : ''}`;
  };
  const problems = contentProblems(content);
  for (const { path: where } of problems) drop(content, where);
  return assembled(content as ConfigContent, base, problems, say);
}

function assembled(
  content: ConfigContent,
  base: Omit<ConfigFile, 'refused'>,
  problems: readonly ContentProblem[],
  say: (problem: ContentProblem) => string,
): ConfigFile {
  const { current = null, keys = null, profiles = {}, ...top } = content;
  const ofProfile = ({ path }: ContentProblem) => (path[0] === 'profiles' && path.length > 1 ? String(path[1]) : null);
  const names = new Set([...Object.keys(profiles), ...problems.flatMap((problem) => ofProfile(problem) ?? [])]);
  return {
    ...base,
    current,
    keys,
    top,
    profiles: new Map(
      [...names].map((name) => {
        const own = problems.filter((problem) => ofProfile(problem) === name).map(say);
        return [name, { content: profiles[name] ?? {}, problems: own }];
      }),
    ),
    problems: problems.filter((problem) => ofProfile(problem) === null).map(say),
    refused: null,
  };
}

/** The schema library's own words, where the schema has none. */
const wanted = (expected: string): string =>
  /^Invalid type: Expected Object/.test(expected) ? 'settings by name' : expected;

function drop(content: unknown, where: ContentProblem['path']): void {
  let holder = content as Record<string | number, unknown> | undefined;
  for (const name of where.slice(0, -1)) holder = holder?.[name] as typeof holder;
  const last = where.at(-1);
  if (last === undefined || holder === null || typeof holder !== 'object') return;
  // A mistake here must not mean that the program may write.
  if (last === 'read_only') holder[last] = true;
  else delete holder[last];
}

/** A profile of the config file that a run works with. */
export interface Profile {
  readonly name: string;
  readonly content: ProfileContent;
  /** How it was chosen: `--profile`, NOETL_CONSOLE_PROFILE, or the file's `current`. */
  readonly chosenBy: string;
}

/**
 * A profile by its name, checked: what is wrong in a profile that is used is an error.
 *
 * @throws ConfigurationError that names the line, the near name, or how to make the file private.
 */
export function profileNamed(file: ConfigFile, name: string, chosenBy: string): Profile {
  if (file.refused !== null) throw new ConfigurationError(file.refused);
  const found = file.profiles.get(name);
  if (!found) {
    if (!file.exists) throw new ConfigurationError(`${chosenBy} names profile ${name}, and there is no ${file.path}`);
    const near = nearWord(name, file.profiles.keys());
    const known = [...file.profiles.keys()].join(', ') || 'none';
    const hint = near ? `did you mean ${near}?` : `it has ${known}`;
    throw new ConfigurationError(`${chosenBy} names profile ${name}, which ${file.path} does not have; ${hint}`);
  }
  const [problem] = found.problems;
  if (problem !== undefined) throw new ConfigurationError(problem);
  return { name, content: found.content, chosenBy };
}

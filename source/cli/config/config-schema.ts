import * as v from 'valibot';
import { parseDuration } from '../../text/duration.js';
import { SSL_MODES } from './ssl-mode.js';

/** The views that a console can open with, by name. */
export const VIEWS = ['active', 'stale', 'runaway', 'cancelled', 'all'] as const;
export const THEMES = ['dark', 'light', 'high-contrast', 'none'] as const;
/** Colours that a profile can give the header, so that production cannot be mistaken for anything else. */
export const PROFILE_COLORS = ['red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white', 'gray'] as const;

const duration = v.pipe(
  v.string('a duration such as 10m'),
  v.check((text) => parseDuration(text) !== null, 'a duration such as 10m (90s, 10m, 2h, 1d, 1h30m)'),
  v.description('A duration: 90s, 10m, 2h, 1d, 1h30m.'),
);
const text = v.pipe(v.string('a text'), v.nonEmpty('a text that is not empty'));
const flag = v.boolean('true or false');
const oneOf = <const Names extends readonly string[]>(names: Names) => v.picklist(names, `one of ${names.join(', ')}`);
const key = v.union([text, v.array(text)], 'a key, or a list of keys');

/** Settings that stand at the top of the file or in a profile, which then counts. */
const sharedSettings = {
  theme: v.optional(oneOf(THEMES)),
  mouse: v.optional(v.pipe(flag, v.description('Ask the terminal for mouse events.'))),
  screen_reader: v.optional(v.pipe(flag, v.description('Plain text that a screen reader can follow.'))),
  view: v.optional(v.pipe(oneOf(VIEWS), v.description('The view that the console opens with.'))),
  stale_after: v.optional(v.pipe(duration, v.description('How long an execution must be silent to be stale.'))),
  time: v.optional(v.pipe(oneOf(['local', 'utc'] as const), v.description('How times are shown.'))),
  bell: v.optional(v.pipe(flag, v.description('Ring the bell when a batch settles or more executions become stale.'))),
  title: v.optional(v.pipe(flag, v.description('Show both in the title of the terminal.'))),
  read_only: v.optional(v.pipe(flag, v.description('Refuse everything that writes.'))),
  query_role: v.optional(v.pipe(text, v.description('The database role that `query` runs as.'))),
  require_reason: v.optional(v.pipe(flag, v.description('Refuse a cancel without a reason.'))),
};

const profile = v.strictObject({
  url: v.optional(v.pipe(text, v.description('postgresql://user:password@host:5432/database'))),
  host: v.optional(text),
  port: v.optional(
    v.pipe(
      v.number('a port from 1 to 65535'),
      v.integer('a port from 1 to 65535'),
      v.minValue(1, 'a port from 1 to 65535'),
      v.maxValue(65_535, 'a port from 1 to 65535'),
    ),
  ),
  user: v.optional(text),
  password: v.optional(v.pipe(text, v.description('Better: password_command, ~/.pgpass or PGPASSWORD.'))),
  password_command: v.optional(
    v.pipe(text, v.description('A shell command whose first line of output is the password.')),
  ),
  database: v.optional(text),
  schema: v.optional(v.pipe(text, v.description("The schema of NoETL's tables; noetl unless set."))),
  service: v.optional(v.pipe(text, v.description('A section of pg_service.conf.'))),
  sslmode: v.optional(oneOf(SSL_MODES)),
  sslrootcert: v.optional(text),
  sslcert: v.optional(text),
  sslkey: v.optional(text),
  shards: v.optional(v.pipe(text, v.description('The databases of a sharded NoETL, in the grammar of NOETL_SHARDS.'))),
  cluster: v.optional(
    v.pipe(text, v.description('Where catalog and runtime are, in the grammar of NOETL_CLUSTER_DSN.')),
  ),
  server: v.optional(v.pipe(text, v.description("The NoETL server's URL, for cancelling through it."))),
  token_command: v.optional(v.pipe(text, v.description('A shell command that prints the bearer token of the server.'))),
  via: v.optional(v.pipe(oneOf(['auto', 'api', 'table'] as const), v.description('How a cancel is written.'))),
  color: v.optional(v.pipe(oneOf(PROFILE_COLORS), v.description("The colour of the profile's name in the header."))),
  ...sharedSettings,
});

/** `config.yaml` as a whole. A schema for editors is made from it (`npm run config-schema`). */
export const configSchema = v.strictObject({
  current: v.optional(v.pipe(text, v.description('The profile that is used without --profile.'))),
  keys: v.optional(v.pipe(v.record(v.string(), key), v.description('Keys by action; docs/keys.md lists the actions.'))),
  profiles: v.optional(v.pipe(v.record(v.string(), profile), v.description('Connections by name.'))),
  ...sharedSettings,
});

export type ConfigContent = v.InferOutput<typeof configSchema>;
export type ProfileContent = v.InferOutput<typeof profile>;
export type SharedSettings = Pick<ProfileContent, keyof typeof sharedSettings>;

export const SETTING_NAMES = Object.keys(configSchema.entries);
export const PROFILE_SETTING_NAMES = Object.keys(profile.entries);

/** One thing that is wrong with a file's content: where it stands, and what should be there. */
export interface ContentProblem {
  readonly path: readonly (string | number)[];
  /** True for a name that the schema does not have. */
  readonly isUnknownName: boolean;
  readonly expected: string;
}

/** Everything that is wrong with the content; empty for a good one. */
export function contentProblems(content: unknown): ContentProblem[] {
  const result = v.safeParse(configSchema, content);
  return (result.issues ?? []).map((issue) => ({
    path: (issue.path ?? []).map((item) => item.key as string | number),
    isUnknownName: issue.type === 'strict_object' && issue.expected === 'never',
    expected: issue.message,
  }));
}

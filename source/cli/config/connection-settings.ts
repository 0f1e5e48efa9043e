import type { ConnectionSettings } from '../../store/connection/settings.js';
import { keepSecret } from '../../store/secrets.js';
import type { ShardedSettings } from '../../store/shards/sharded-event-store.js';
import { plural } from '../../text/words.js';
import { ConfigurationError } from '../args/usage-error.js';
import { firstLineOf } from './command-output.js';
import { type ConfigFile, type Profile, profileNamed } from './config-file.js';
import { type ConnectionParts, parseConnectionUrl } from './connection-url.js';
import { completedByLibpq, type Environment, environmentForm, osUser as ownUser, schemaFrom } from './environment.js';
import { serviceParts } from './pg-service.js';
import { shardsOf, shardsOfEnvironment, shardsOfProfile } from './shard-connections.js';
import { parseSslMode, tlsSettings } from './ssl-mode.js';

/** What the command line says about the connection. */
export interface ConnectionFlags {
  readonly databaseUrl?: string | undefined;
  readonly profile?: string | undefined;
  readonly schema?: string | undefined;
}

/** A connection, and what named it. */
export interface FoundConnection {
  /** Of the one database, or of the first shard. */
  readonly settings: ConnectionSettings;
  /** All databases of a sharded installation; null where there is one database. */
  readonly shards: ShardedSettings | null;
  /** As `doctor` shows it: `--database-url`, `DATABASE_URL`, `profile prod (--profile)`. */
  readonly source: string;
  /** The profile whose settings hold for this run; null where none was chosen. */
  readonly profile: Profile | null;
}

const DEFAULT_PORT = 5432;
const LOCAL = { host: 'localhost' };

/** No connection is configured; the message of exit 2 says what to set. */
export class NoConnectionError extends ConfigurationError {
  constructor() {
    super(
      'no database is configured: set DATABASE_URL (or PGHOST, PGUSER, …), give --database-url URL or --profile NAME, or try it with --demo',
    );
  }
}

/**
 * The connection of this run: `--database-url`, else `--profile` (or NOETL_CONSOLE_PROFILE), else the environment, else
 * the config file's current profile; null when none of them names one. Of the environment NOETL_SHARDS counts first: any
 * other form would show one shard as if it were the whole.
 *
 * @param osUser the operating system's user, libpq's default for the user.
 * @throws ConfigurationError, one line that never holds the password.
 */
export async function findConnection(
  env: Environment,
  flags: ConnectionFlags,
  osUser: string,
  readFile: () => Promise<ConfigFile>,
): Promise<FoundConnection | null> {
  const [named, chosenBy] =
    flags.profile !== undefined
      ? [flags.profile, '--profile']
      : [env.NOETL_CONSOLE_PROFILE || undefined, 'NOETL_CONSOLE_PROFILE'];
  const profile = named === undefined ? null : profileNamed(await readFile(), named, chosenBy);
  if (flags.databaseUrl !== undefined) {
    const url = parseConnectionUrl(flags.databaseUrl, '--database-url');
    const parts = completedByLibpq(url, env);
    return {
      settings: complete(parts, LOCAL, env, flags, osUser, profile),
      source: '--database-url',
      shards: null,
      profile,
    };
  }
  if (profile) return ofProfile(profile, env, flags, osUser);
  const shards = shardsOfEnvironment(env, (parts) => complete(parts, LOCAL, env, flags, osUser, null));
  // No list is without a shard: it is refused where it is read. So it is below.
  if (shards) return { settings: shards.shards[0]!, shards, source: sourceOf('NOETL_SHARDS', shards), profile: null };
  const form = environmentForm(env);
  if (form) {
    return {
      settings: complete(form.parts, form.defaults, env, flags, osUser, null),
      source: form.source,
      shards: null,
      profile: null,
    };
  }
  const file = await readFile();
  if (file.refused !== null) throw new ConfigurationError(file.refused);
  if (file.current === null) return null;
  return ofProfile(profileNamed(file, file.current, `current in ${file.path}`), env, flags, osUser);
}

/** The connection of a database that this program started itself. */
export function settingsOfUrl(url: string, schema: string, osUser: string): ConnectionSettings {
  return complete(parseConnectionUrl(url, "the demo's URL"), LOCAL, {}, { schema }, osUser, null);
}

/**
 * The connection that a program names in its own code. As with libpq, what its URL leaves open is taken from PG*.
 *
 * @throws ConfigurationError, one line that never holds the password.
 */
export function settingsOfProgram(url: string, schema: string | undefined, env: Environment): ConnectionSettings {
  const parts = completedByLibpq(parseConnectionUrl(url, 'databaseUrl'), env);
  return complete(parts, { host: 'localhost' }, env, { schema }, ownUser(), null);
}

/** The shards that a program names: each by a URL, or all in one text as in NOETL_SHARDS. @throws ConfigurationError */
export function shardsOfProgram(
  shards: string | readonly string[],
  cluster: string | undefined,
  schema: string | undefined,
  env: Environment,
): ShardedSettings {
  const finish = (parts: ConnectionParts) => complete(parts, LOCAL, env, { schema }, ownUser(), null);
  return shardsOf({ shards, cluster: cluster || null }, { shards: 'shards', cluster: 'cluster' }, env, finish);
}

async function ofProfile(
  profile: Profile,
  env: Environment,
  flags: ConnectionFlags,
  osUser: string,
): Promise<FoundConnection> {
  const { content, name } = profile;
  const where = `profile ${name}`;
  const passwordOfCommand = async () =>
    content.password_command === undefined
      ? undefined
      : firstLineOf(content.password_command, `password_command of ${where}`);
  const finish = (own: ConnectionParts) => complete(own, LOCAL, env, flags, osUser, profile);
  if (content.shards !== undefined || content.cluster !== undefined) {
    const shards = await shardsOfProfile(profile, finish, passwordOfCommand);
    return { settings: shards.shards[0]!, shards, source: sourceOf(`${where} (${profile.chosenBy})`, shards), profile };
  }
  const url = content.url === undefined ? {} : parseConnectionUrl(content.url, `the url of ${where}`);
  const service = content.service === undefined ? {} : serviceParts(content.service, env, where);
  const own: ConnectionParts = {
    host: content.host,
    port: content.port,
    user: content.user,
    password: content.password,
    database: content.database,
    sslMode: content.sslmode === undefined ? undefined : parseSslMode(content.sslmode, `sslmode of ${where}`),
    tls: { sslRootCert: content.sslrootcert, sslCert: content.sslcert, sslKey: content.sslkey },
  };
  const parts = layered(own, url, service);
  if (parts.host === undefined && parts.database === undefined && parts.user === undefined) {
    throw new ConfigurationError(`${where} names no database: give it a url, or host, user and database`);
  }
  const settings = finish({ ...parts, password: parts.password ?? (await passwordOfCommand()) });
  return { settings, shards: null, source: `${where} (${profile.chosenBy})`, profile };
}

const sourceOf = (named: string, { shards, cluster }: ShardedSettings): string =>
  `${named}: ${plural(shards.length, 'shard')}${cluster === null ? '' : ' and a cluster database'}`;

/** What the first layer leaves open is taken from the next. */
function layered(...layers: readonly ConnectionParts[]): ConnectionParts {
  const first = <Name extends keyof ConnectionParts>(name: Name) =>
    layers.find((layer) => layer[name] !== undefined)?.[name];
  const file = (name: keyof NonNullable<ConnectionParts['tls']>) =>
    layers.find((layer) => layer.tls?.[name] !== undefined)?.tls?.[name];
  return {
    host: first('host'),
    port: first('port'),
    user: first('user'),
    password: first('password'),
    database: first('database'),
    sslMode: first('sslMode'),
    tls: { sslRootCert: file('sslRootCert'), sslCert: file('sslCert'), sslKey: file('sslKey') },
  };
}

function complete(
  parts: ConnectionParts,
  defaults: { readonly host: string; readonly user?: string; readonly database?: string },
  env: Environment,
  flags: ConnectionFlags,
  osUser: string,
  profile: Profile | null,
): ConnectionSettings {
  const host = parts.host ?? defaults.host;
  const user = parts.user ?? defaults.user ?? osUser;
  keepSecret(parts.password, user);
  for (const part of [parts.host, parts.user, parts.database]) keepCredentialsIn(part);
  return {
    host,
    port: parts.port ?? DEFAULT_PORT,
    user,
    password: parts.password,
    // libpq's default: the database is called like the user.
    database: parts.database ?? defaults.database ?? user,
    schema: schemaFrom(flags.schema, profile?.content.schema, env),
    ...tlsSettings(parts.sslMode, host, parts.tls),
  };
}

/** Credentials whose `:` or `@` was encoded, or which stand in PGHOST or PGDATABASE, are part of a name then. */
function keepCredentialsIn(part: string | undefined): void {
  if (part === undefined || !/@|password *=/i.test(part)) {
    // An IPv6 address has several colons; `user:password` has one.
    if (part && part.split(':').length === 2) keepSecret(part.slice(part.indexOf(':') + 1));
    return;
  }
  const credentials = part.slice(0, part.lastIndexOf('@')).replace(/^.*:\/\//, '');
  if (part.includes('@')) keepSecret(credentials.slice(credentials.indexOf(':') + 1));
  keepSecret(/password *= *'?([^' ]+)/i.exec(part)?.[1]);
}

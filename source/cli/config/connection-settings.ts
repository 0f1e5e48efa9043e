import type { ConnectionSettings } from '../../store/connection/settings.js';
import { keepSecret } from '../../store/secrets.js';
import { ConfigurationError } from '../args/usage-error.js';
import { type ConnectionParts, parseConnectionUrl } from './connection-url.js';
import { completedByLibpq, type Environment, environmentForm } from './environment.js';
import { tlsSettings } from './ssl-mode.js';

/** What the command line says about the connection. */
export interface ConnectionFlags {
  readonly databaseUrl?: string | undefined;
  readonly schema?: string | undefined;
}

const DEFAULT_PORT = 5432;
const DEFAULT_SCHEMA = 'noetl';
/** PostgreSQL cuts longer names, and would then look for another schema than the one named. */
const MAX_NAME_BYTES = 63;

/** What to set when no connection is configured; the message of exit 2. */
export const NO_CONNECTION =
  'no database is configured: set DATABASE_URL (or PGHOST, PGUSER, …), give --database-url URL, or try it with --demo';

/**
 * The connection of this run: `--database-url`, else the environment; null when neither names one. Profiles of a config
 * file come after the environment once there are any; shards (NOETL_SHARDS) will make a list of this.
 *
 * @param osUser the operating system's user, libpq's default for the user.
 * @throws ConfigurationError, one line that never holds the password.
 */
export function connectionSettings(
  env: Environment,
  flags: ConnectionFlags,
  osUser: string,
): ConnectionSettings | null {
  if (flags.databaseUrl !== undefined) {
    const url = parseConnectionUrl(flags.databaseUrl, '--database-url');
    return complete(completedByLibpq(url, env), { host: 'localhost' }, env, flags, osUser);
  }
  const form = environmentForm(env);
  return form ? complete(form.parts, form.defaults, env, flags, osUser) : null;
}

function complete(
  parts: ConnectionParts,
  defaults: { readonly host: string; readonly user?: string; readonly database?: string },
  env: Environment,
  flags: ConnectionFlags,
  osUser: string,
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
    schema: schemaName(env, flags),
    ...tlsSettings(parts.sslMode, host),
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

/** The schema of NoETL's tables: `--schema`, else NOETL_SCHEMA, else `noetl`. */
export function schemaName(env: Environment, flags: ConnectionFlags): string {
  const [name, where] =
    flags.schema !== undefined ? [flags.schema, '--schema'] : [env.NOETL_SCHEMA || DEFAULT_SCHEMA, 'NOETL_SCHEMA'];
  if (name === '' || name.includes('\0') || Buffer.byteLength(name) > MAX_NAME_BYTES) {
    throw new ConfigurationError(`${where} is not the name of a schema (1 to ${MAX_NAME_BYTES} bytes)`);
  }
  return name;
}

import { userInfo } from 'node:os';
import { ConfigurationError } from '../args/usage-error.js';
import { type ConnectionParts, parseConnectionUrl, parsePort } from './connection-url.js';
import { serviceParts } from './pg-service.js';
import { parseSslMode, type TlsFiles } from './ssl-mode.js';

/** The operating system's user; an id without an entry in the user table still is somebody. */
export function osUser(): string {
  try {
    return userInfo().username;
  } catch {
    return process.env.USER || 'unknown';
  }
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** What one form of the environment says, and how to call it in messages. */
export interface EnvironmentForm {
  readonly source: string;
  readonly parts: ConnectionParts;
  /** What the parts that it leaves open mean in that form. */
  readonly defaults: { readonly host: string; readonly user?: string; readonly database?: string };
}

const LOCAL = 'localhost';
const NOETL = 'noetl';

/**
 * The connection that the environment names, in the forms that operators have (event-store.md, "Connections that
 * operators already have"); the first that is there counts: DATABASE_URL, PG*, then NoETL's servers' own variables.
 * Null when none is there. An empty variable counts as absent.
 *
 * @throws ConfigurationError
 */
export function environmentForm(env: Environment): EnvironmentForm | null {
  if (env.DATABASE_URL) {
    const url = parseConnectionUrl(env.DATABASE_URL, 'DATABASE_URL');
    return { source: 'DATABASE_URL', parts: completedByLibpq(url, env), defaults: { host: LOCAL } };
  }
  return libpqForm(env) ?? pythonForm(env) ?? rustForm(env);
}

/** As libpq does: what a URL leaves open is taken from PG*. */
export function completedByLibpq(url: ConnectionParts, env: Environment): ConnectionParts {
  const rest = libpqParts(env);
  return {
    host: url.host ?? rest.host,
    port: url.port ?? rest.port,
    user: url.user ?? rest.user,
    // A password belongs to its user: another user's is not offered to the server.
    password:
      url.password ?? (url.user === undefined || url.user === rest.user || !rest.user ? rest.password : undefined),
    database: url.database ?? rest.database,
    sslMode: url.sslMode ?? rest.sslMode,
    tls: {
      sslRootCert: url.tls?.sslRootCert ?? rest.tls?.sslRootCert,
      sslCert: url.tls?.sslCert ?? rest.tls?.sslCert,
      sslKey: url.tls?.sslKey ?? rest.tls?.sslKey,
    },
  };
}

function libpqForm(env: Environment): EnvironmentForm | null {
  // PGPASSWORD or PGSSLMODE alone name no place to go to.
  if (!(env.PGHOST || env.PGPORT || env.PGUSER || env.PGDATABASE || env.PGSERVICE)) return null;
  if (env.PGSERVICE) {
    return {
      source: `PGSERVICE=${env.PGSERVICE}`,
      parts: serviceOverLibpq(env.PGSERVICE, env),
      defaults: { host: LOCAL },
    };
  }
  return { source: 'PGHOST, PGPORT, PGUSER, PGDATABASE', parts: libpqParts(env), defaults: { host: LOCAL } };
}

/** As libpq does: what the service's section names counts before PG*. */
function serviceOverLibpq(service: string, env: Environment): ConnectionParts {
  return completedByLibpq(serviceParts(service, env, 'PGSERVICE'), env);
}

function libpqParts(env: Environment): ConnectionParts {
  return {
    host: env.PGHOST || undefined,
    port: env.PGPORT ? parsePort(env.PGPORT, 'PGPORT') : undefined,
    user: env.PGUSER || undefined,
    password: env.PGPASSWORD || undefined,
    database: env.PGDATABASE || undefined,
    sslMode: env.PGSSLMODE ? parseSslMode(env.PGSSLMODE, 'PGSSLMODE') : undefined,
    tls: tlsFiles(env),
  };
}

const tlsFiles = (env: Environment): TlsFiles => ({
  sslRootCert: env.PGSSLROOTCERT || undefined,
  sslCert: env.PGSSLCERT || undefined,
  sslKey: env.PGSSLKEY || undefined,
});

/** NOETL_* names mean a Python server's environment; POSTGRES_USER and its password are the administrator's there. */
function pythonForm(env: Environment): EnvironmentForm | null {
  if (!(env.NOETL_USER || env.NOETL_PASSWORD || env.NOETL_POSTGRES_DB)) return null;
  return {
    source: 'NOETL_USER and POSTGRES_HOST',
    parts: {
      ...place(env),
      user: env.NOETL_USER || undefined,
      password: env.NOETL_PASSWORD || undefined,
      database: env.NOETL_POSTGRES_DB || env.POSTGRES_DB || env.POSTGRES_DATABASE || undefined,
    },
    defaults: { host: LOCAL, user: NOETL, database: NOETL },
  };
}

function rustForm(env: Environment): EnvironmentForm | null {
  const database = env.POSTGRES_DATABASE || env.POSTGRES_DB;
  if (!(env.POSTGRES_HOST || env.POSTGRES_PORT || env.POSTGRES_USER || database)) return null;
  return {
    source: 'POSTGRES_HOST, POSTGRES_USER, POSTGRES_DATABASE',
    parts: {
      ...place(env),
      user: env.POSTGRES_USER || undefined,
      password: env.POSTGRES_PASSWORD || undefined,
      database: database || undefined,
    },
    defaults: { host: LOCAL, user: NOETL, database: NOETL },
  };
}

/** Where NoETL's servers find PostgreSQL; PGSSLMODE is the one word that all of them leave to libpq. */
function place(env: Environment): ConnectionParts {
  return {
    host: env.POSTGRES_HOST || undefined,
    port: env.POSTGRES_PORT ? parsePort(env.POSTGRES_PORT, 'POSTGRES_PORT') : undefined,
    sslMode: env.PGSSLMODE ? parseSslMode(env.PGSSLMODE, 'PGSSLMODE') : undefined,
    tls: tlsFiles(env),
  };
}

const DEFAULT_SCHEMA = 'noetl';
/** PostgreSQL cuts longer names, and would then look for another schema than the one named. */
const MAX_NAME_BYTES = 63;

/**
 * The schema of NoETL's tables: `--schema`, else NOETL_SCHEMA, else the profile's, else `noetl`.
 *
 * @throws ConfigurationError
 */
export function schemaFrom(
  flag: string | undefined,
  ofProfile: string | undefined,
  env: Environment,
  flagName = '--schema',
): string {
  const [name, where] =
    flag !== undefined
      ? [flag, flagName]
      : env.NOETL_SCHEMA
        ? [env.NOETL_SCHEMA, 'NOETL_SCHEMA']
        : [ofProfile ?? DEFAULT_SCHEMA, 'schema of the profile'];
  if (name === '' || name.includes('\0') || Buffer.byteLength(name) > MAX_NAME_BYTES) {
    throw new ConfigurationError(`${where} is not the name of a schema (1 to ${MAX_NAME_BYTES} bytes)`);
  }
  return name;
}

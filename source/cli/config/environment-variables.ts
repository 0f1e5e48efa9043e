import { SETTINGS } from './layers.js';

/** An environment variable that the program reads. */
export interface EnvironmentVariable {
  readonly name: string;
  readonly does: string;
}

const variable = (name: string, does: string): EnvironmentVariable => ({ name, does });

/** How the program finds its database; the first form that is complete counts. */
const CONNECTION: readonly EnvironmentVariable[] = [
  variable('DATABASE_URL', 'the connection as a URL'),
  variable('PGHOST', "libpq's host, or the folder of a Unix socket"),
  variable('PGPORT', "libpq's port"),
  variable('PGUSER', "libpq's user"),
  variable('PGPASSWORD', "libpq's password"),
  variable('PGDATABASE', "libpq's database"),
  variable('PGSSLMODE', 'disable, allow, prefer, require, verify-ca or verify-full'),
  variable('PGSSLROOTCERT', 'the file of the certificates to trust'),
  variable('PGSSLCERT', 'the file of the client certificate'),
  variable('PGSSLKEY', "the file of the client certificate's key"),
  variable('PGSERVICE', 'a section of the connection service file'),
  variable('PGSERVICEFILE', 'the connection service file; else ~/.pg_service.conf'),
  variable('PGSYSCONFDIR', 'the folder of the system-wide pg_service.conf'),
  variable('PGPASSFILE', 'the password file; else ~/.pgpass'),
  variable('POSTGRES_HOST', "the host, as NoETL's servers read it"),
  variable('POSTGRES_PORT', "the port, as NoETL's servers read it"),
  variable('POSTGRES_USER', "the user, as NoETL's Rust server reads it"),
  variable('POSTGRES_PASSWORD', 'the password of that user'),
  variable('POSTGRES_DATABASE', "the database, as NoETL's Rust server reads it"),
  variable('POSTGRES_DB', "the database, as NoETL's Python server reads it"),
  variable('NOETL_USER', "the user, as NoETL's Python server reads it"),
  variable('NOETL_PASSWORD', 'the password of that user'),
  variable('NOETL_POSTGRES_DB', 'the database; counts before POSTGRES_DB'),
  variable('NOETL_SHARDS', 'the databases of a sharded NoETL, in its own grammar; counts before all of these'),
  variable('NOETL_CLUSTER_DSN', 'the database of catalog and runtime of a sharded NoETL; else shard 0'),
  variable('NOETL_SCHEMA', "the schema of NoETL's tables; else noetl"),
];

const PROGRAM: readonly EnvironmentVariable[] = [
  variable('NOETL_CONSOLE_PROFILE', 'the profile of the config file; --profile counts before it'),
  variable('NOETL_CONSOLE_READ_ONLY', '1 refuses every write'),
  variable(
    'NOETL_CONSOLE_FIRST_RUN',
    'demo: the console opens the demo where no connection is configured, and does not ask; `npm start` sets it',
  ),
  variable('NOETL_CONSOLE_TOKEN', 'the bearer token that `serve` asks for'),
  variable(
    'NOETL_SESSION_TOKEN',
    'the bearer token for the NoETL server; a token_command of the profile counts before it',
  ),
  variable('XDG_CONFIG_HOME', 'the folder above noetl-console/config.yaml; else ~/.config'),
  variable('NO_COLOR', 'no colours'),
  variable('FORCE_COLOR', 'colours where the output is not a terminal too'),
  variable('INK_SCREEN_READER', 'true: plain text that a screen reader can follow'),
  variable('TMPDIR', 'where the demo keeps its files'),
];

/** Every variable that the program reads, in the order of the reference: docs/configuration.md and what `doctor` says is set are made from this. */
export const ENVIRONMENT_VARIABLES: readonly EnvironmentVariable[] = [
  ...CONNECTION,
  ...PROGRAM,
  ...Object.values(SETTINGS).map((setting) => variable(setting.variable, `${setting.does}: ${setting.expects}`)),
];

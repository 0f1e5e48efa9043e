import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../../source/cli/args/usage-error.js';
import type { ConfigFile } from '../../../source/cli/config/config-file.js';
import { findConnection } from '../../../source/cli/config/connection-settings.js';
import { schemaFrom } from '../../../source/cli/config/environment.js';

const OS_USER = 'op';
type Env = Record<string, string>;
const NO_FILE: ConfigFile = {
  path: 'config.yaml',
  exists: false,
  current: null,
  top: {},
  keys: null,
  profiles: new Map(),
  problems: [],
  refused: null,
};
const settings = async (env: Env, flags: { databaseUrl?: string; schema?: string } = {}) =>
  (await findConnection(env, flags, OS_USER, async () => NO_FILE))?.settings ?? null;
const brief = async (env: Env, flags: { databaseUrl?: string; schema?: string } = {}) => {
  const { host, port, user, password, database, schema } = (await settings(env, flags))!;
  return `${user}:${password ?? ''}@${host}:${port}/${database}#${schema}`;
};

describe('forms', () => {
  it.each<[string, Env, string]>([
    ['DATABASE_URL', { DATABASE_URL: 'postgresql://u:p@h:6543/d' }, 'u:p@h:6543/d#noetl'],
    ['postgres://', { DATABASE_URL: 'postgres://u:p@h/d' }, 'u:p@h:5432/d#noetl'],
    ["SQLAlchemy's scheme", { DATABASE_URL: 'postgresql+psycopg://u:p@h/d' }, 'u:p@h:5432/d#noetl'],
    ['encoded password', { DATABASE_URL: 'postgresql://u:p%40%2F%3A%25@h/d' }, 'u:p@/:%@h:5432/d#noetl'],
    ['an @ in the password', { DATABASE_URL: 'postgresql://u:p@x@h/d' }, 'u:p@x@h:5432/d#noetl'],
    ['IPv6', { DATABASE_URL: 'postgresql://u@[::1]:7/d' }, 'u:@::1:7/d#noetl'],
    [
      'socket in the query',
      { DATABASE_URL: 'postgresql:///d?host=/run/postgresql&user=u' },
      'u:@/run/postgresql:5432/d#noetl',
    ],
    ['host alone: libpq defaults', { DATABASE_URL: 'postgresql://h' }, 'op:@h:5432/op#noetl'],
    ['database defaults to the user', { DATABASE_URL: 'postgresql://u@h' }, 'u:@h:5432/u#noetl'],
    ['PG* in full', { PGHOST: 'h', PGPORT: '6', PGUSER: 'u', PGPASSWORD: 'p', PGDATABASE: 'd' }, 'u:p@h:6/d#noetl'],
    ['PGHOST alone', { PGHOST: 'h' }, 'op:@h:5432/op#noetl'],
    ['PGDATABASE alone', { PGDATABASE: 'd' }, 'op:@localhost:5432/d#noetl'],
    [
      'Rust server',
      {
        POSTGRES_HOST: 'h',
        POSTGRES_PORT: '6',
        POSTGRES_USER: 'u',
        POSTGRES_PASSWORD: 'p',
        POSTGRES_DATABASE: 'd',
      },
      'u:p@h:6/d#noetl',
    ],
    ['Rust server, host alone', { POSTGRES_HOST: 'h' }, 'noetl:@h:5432/noetl#noetl'],
    [
      'Python server: POSTGRES_USER is the administrator',
      {
        POSTGRES_HOST: 'h',
        POSTGRES_PORT: '6',
        POSTGRES_USER: 'admin',
        POSTGRES_PASSWORD: 'adminpw',
        POSTGRES_DB: 'd',
        NOETL_USER: 'u',
        NOETL_PASSWORD: 'p',
      },
      'u:p@h:6/d#noetl',
    ],
    [
      "NOETL_POSTGRES_DB outranks POSTGRES_DB, and the administrator's password is never used",
      { POSTGRES_DB: 'x', POSTGRES_PASSWORD: 'adminpw', NOETL_POSTGRES_DB: 'd', NOETL_USER: 'u' },
      'u:@localhost:5432/d#noetl',
    ],
    ['NOETL_PASSWORD alone', { NOETL_PASSWORD: 'p' }, 'noetl:p@localhost:5432/noetl#noetl'],
    ['NOETL_SCHEMA', { DATABASE_URL: 'postgresql://u@h/d', NOETL_SCHEMA: 'Odd "x"' }, 'u:@h:5432/d#Odd "x"'],
  ])('%s', async (_, env, expected) => expect(await brief(env)).toBe(expected));

  it.each<[string, Env]>([
    ['nothing', {}],
    ['empty variables', { DATABASE_URL: '', PGHOST: '', POSTGRES_HOST: '', NOETL_USER: '' }],
    ['a password without a place', { PGPASSWORD: 'p', POSTGRES_PASSWORD: 'p', PGSSLMODE: 'require' }],
    ['a schema without a place', { NOETL_SCHEMA: 'noetl' }],
  ])('no connection in %s', async (_, env) => expect(await settings(env)).toBeNull());
});

describe('precedence', () => {
  const all: Env = {
    DATABASE_URL: 'postgresql://url@url/url',
    PGHOST: 'pg',
    PGUSER: 'pg',
    PGPASSWORD: 'pgpw',
    POSTGRES_HOST: 'rust',
    NOETL_USER: 'python',
  };
  it('the flag, then DATABASE_URL, then PG*, then the servers’ own', async () => {
    expect((await settings(all, { databaseUrl: 'postgresql://flag@flag/flag' }))!.host).toBe('flag');
    expect((await settings(all))!.host).toBe('url');
    expect((await settings({ ...all, DATABASE_URL: '' }))!.host).toBe('pg');
    expect((await settings({ POSTGRES_HOST: 'rust', NOETL_USER: 'python' }))!.user).toBe('python');
    expect((await settings({ POSTGRES_HOST: 'rust', POSTGRES_USER: 'r' }))!.user).toBe('r');
  });
  it('a URL is completed from PG*, as libpq does', async () => {
    expect(await brief({ PGUSER: 'u', PGPASSWORD: 'p', PGPORT: '6' }, { databaseUrl: 'postgresql://h/d' })).toBe(
      'u:p@h:6/d#noetl',
    );
    expect(await brief({ PGPASSWORD: 'p' }, { databaseUrl: 'postgresql://u@h/d' })).toBe('u:p@h:5432/d#noetl');
  });
  it("but another user's password is not offered", async () => {
    expect(await brief(all, { databaseUrl: 'postgresql://u@h/d' })).toBe('u:@h:5432/d#noetl');
  });
  it('--schema outranks NOETL_SCHEMA', async () => {
    expect(schemaFrom('b', 'c', { NOETL_SCHEMA: 'a' })).toBe('b');
    expect(schemaFrom(undefined, 'c', { NOETL_SCHEMA: 'a' })).toBe('a');
    expect(schemaFrom(undefined, 'c', {})).toBe('c');
    expect(schemaFrom(undefined, undefined, {})).toBe('noetl');
  });
});

describe('sslmode as libpq means it', () => {
  const tls = async (query: string, env: Env = {}, host = 'db.example') => {
    const { ssl, sslOptional } = (await settings(env, { databaseUrl: `postgresql://u@${host}/d${query}` }))!;
    return { ssl, sslOptional: sslOptional ?? false };
  };
  it.each<[string, boolean | null, boolean]>([
    ['?sslmode=disable', null, false],
    ['?sslmode=allow', false, true],
    ['?sslmode=prefer', false, true],
    ['?sslmode=require', false, false],
    ['?sslmode=verify-full', true, false],
    ['?ssl=true', false, false],
    ['', false, true],
  ])('%j', async (query, verifies, optional) => {
    const expected = verifies === null ? false : { rejectUnauthorized: verifies };
    expect(await tls(query)).toEqual({ ssl: expected, sslOptional: optional });
  });
  it('verify-ca checks who signed, not whom the certificate names', async () => {
    const { ssl } = await tls('?sslmode=verify-ca');
    expect(ssl).toMatchObject({ rejectUnauthorized: true });
    expect((ssl as { checkServerIdentity?: () => unknown }).checkServerIdentity?.()).toBeUndefined();
  });
  it('PGSSLMODE counts for every form; the URL outranks it', async () => {
    expect((await tls('', { PGSSLMODE: 'verify-full' })).ssl).toEqual({ rejectUnauthorized: true });
    expect((await tls('?sslmode=disable', { PGSSLMODE: 'require' })).ssl).toBe(false);
    expect((await settings({ POSTGRES_HOST: 'db', PGSSLMODE: 'require' }))!.ssl).toEqual({ rejectUnauthorized: false });
  });
  it('asks for none on this machine unless told', async () => {
    expect((await tls('', {}, 'localhost')).ssl).toBe(false);
    expect((await tls('', {}, '127.0.0.1')).ssl).toBe(false);
    expect((await tls('', {}, '[::1]')).ssl).toBe(false);
    expect((await tls('', {}, '127.example.com')).ssl).toEqual({ rejectUnauthorized: false });
    expect((await tls('?sslmode=require', {}, 'localhost')).ssl).toEqual({ rejectUnauthorized: false });
    expect((await settings({ PGHOST: '/run/postgresql', PGSSLMODE: 'require' }))!.ssl).toBe(false);
  });
});

describe('problems are one line, name their source, and never hold the password', () => {
  it.each<[string, Env, string | undefined, RegExp]>([
    ['not a URL', { DATABASE_URL: 'u:hunter2@h/d' }, undefined, /^DATABASE_URL is not a PostgreSQL URL/],
    ['another database', { DATABASE_URL: 'mysql://u:hunter2@h/d' }, undefined, /^DATABASE_URL is not/],
    ['a / in the password', {}, 'postgresql://u:hun/ter2@h/d', /^--database-url.*%2F/],
    ['a / after digits', {}, 'postgresql://u:12/hunter2@h/d', /^--database-url.*%2F/],
    ['a ? after digits', {}, 'postgresql://u:12?hunter2@h/d', /^--database-url.*%2F/],
    ['a # in the password', {}, 'postgresql://u:12#hunter2@h/d', /^--database-url.*%23/],
    ['a % in the password', {}, 'postgresql://u:hunter2%zz@h/d', /%25/],
    ['a bad port', {}, 'postgresql://u:hunter2@h:99999/d', /port/],
    ['a port of letters', {}, 'postgresql://u:hunter2@h:x/d', /a port that is not a number/],
    ['several hosts', {}, 'postgresql://u:hunter2@a,b/d', /several hosts/],
    ['a bad sslmode', {}, 'postgresql://u:hunter2@h/d?sslmode=yes', /sslmode in --database-url.*verify-full/],
    ['a misspelt TLS parameter', {}, 'postgresql://u:hunter2@h/d?sslmod=require', /sslmod.*unknown/],
    [
      'a TLS file that is not there',
      {},
      'postgresql://u:hunter2@h/d?sslmode=verify-full&sslrootcert=/nowhere',
      /sslrootcert \/nowhere.*does not exist/,
    ],
    ['a revocation list', {}, 'postgresql://u:hunter2@h/d?sslcrl=/x', /sslcrl, which is not supported/],
    ['a bad PGPORT', { PGHOST: 'h', PGPORT: '0', PGPASSWORD: 'hunter2' }, undefined, /^PGPORT/],
    ['a bad PGSSLMODE', { PGHOST: 'h', PGSSLMODE: 'x' }, undefined, /^PGSSLMODE/],
    ['a bad POSTGRES_PORT', { POSTGRES_HOST: 'h', POSTGRES_PORT: '1e3' }, undefined, /^POSTGRES_PORT/],
  ])('%s', async (_, env, databaseUrl, message) => {
    let problem: unknown;
    try {
      await settings(env, databaseUrl === undefined ? {} : { databaseUrl });
    } catch (error) {
      problem = error;
    }
    expect(problem).toBeInstanceOf(ConfigurationError);
    const text = (problem as Error).message;
    expect(text).toMatch(message);
    expect(text).not.toMatch(/hunter2|hun\b|ter2|\n/);
  });
  it('a schema that PostgreSQL would cut', async () => {
    await expect(settings({ PGHOST: 'h' }, { schema: 'x'.repeat(64) })).rejects.toThrow(/--schema/);
    await expect(settings({ PGHOST: 'h' }, { schema: '' })).rejects.toThrow(/--schema/);
  });
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { UsageError } from '../../source/cli/args/usage-error.js';
import { configPath, readConfigFile } from '../../source/cli/config/config-file.js';
import { parseConnectionUrl } from '../../source/cli/config/connection-url.js';
import { environmentForm } from '../../source/cli/config/environment.js';
import { type FuzzTarget, textOf } from './target.js';

/** Stands where a password stands, and must never come out. */
const SECRET = 'Geheim7hunter';
const URL_WORDS = [
  ...[
    'postgres://',
    'postgresql://',
    'postgresql+asyncpg://',
    'user',
    ':',
    '@',
    '/',
    '?',
    '&',
    '#',
    '=',
    'host',
    ':5432',
  ],
  ...[
    'localhost',
    '[::1]',
    'noetl',
    'sslmode=',
    'require',
    'verify-full',
    'host=',
    'port=',
    'user=',
    'dbname=',
    '%40',
    'ssl=true',
  ],
];
const NAMES = [
  ...[
    'DATABASE_URL',
    'PGHOST',
    'PGPORT',
    'PGUSER',
    'PGPASSWORD',
    'PGDATABASE',
    'PGSSLMODE',
    'POSTGRES_HOST',
    'POSTGRES_PORT',
  ],
  ...[
    'POSTGRES_USER',
    'POSTGRES_PASSWORD',
    'POSTGRES_DB',
    'NOETL_USER',
    'NOETL_PASSWORD',
    'NOETL_POSTGRES_DB',
    'NOETL_SCHEMA',
  ],
];

/** A URL's password stands between `:` and `@`; an environment's in its own variable. */
const url = fc.oneof(
  textOf(URL_WORDS),
  fc
    .tuple(textOf(['user', 'a.b'], 2), textOf(URL_WORDS))
    .map(([user, rest]) => `postgresql://${user}:${SECRET}@${rest}`),
);
const environment = fc.dictionary(fc.constantFrom(...NAMES), textOf(URL_WORDS, 4), { maxKeys: 6 });

/** Wrong settings end in one line that says where, without the password. */
export const connections: FuzzTarget = {
  name: 'connection strings and environments',
  cases: [15_000, 800],
  open: async () => ({
    property: fc.asyncProperty(fc.tuple(url, environment) as fc.Arbitrary<unknown>, async (given) => {
      const [text, env] = given as [string, Record<string, string>];
      for (const read of [
        () => parseConnectionUrl(text, '--database-url'),
        () => environmentForm({ ...env, PGPASSWORD: SECRET }),
      ])
        lineWithoutSecret(read);
    }),
  }),
};

function lineWithoutSecret(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    if (`${error.message}${error.hint ?? ''}`.includes(SECRET))
      throw new Error(`the message has the password: ${error.message}`);
  }
}

const YAML_WORDS = [
  ...[
    'theme',
    'mouse',
    'screen_reader',
    'view',
    'stale_after',
    'keys',
    'read_only',
    'query_role',
    'profiles',
    'current',
    'url',
  ],
  ...[
    ': ',
    '\n',
    '\n  ',
    '- ',
    '[',
    ']',
    '{',
    '}',
    'dark',
    'true',
    'no',
    '10m',
    '|',
    '>',
    '&a',
    '*a',
    '<<',
    '!!js',
    '#',
    ',',
    '"',
  ],
];

/** A config file that is wrong is told of; it neither crashes the program nor keeps it busy. */
export const configFiles: FuzzTarget = {
  name: 'config files',
  cases: [5_000, 300],
  open: async () => {
    const home = mkdtempSync(join(tmpdir(), 'noetl-torture-config-'));
    const env = { XDG_CONFIG_HOME: home };
    const path = configPath(env);
    mkdirSync(join(path, '..'), { recursive: true });
    // What a library has to say about the file would be printed raw, into the screen too.
    let warned = '';
    const onWarning = ({ name, message }: Error) => {
      if (name.startsWith('YAML')) warned = message;
    };
    process.on('warning', onWarning);
    return {
      property: fc.asyncProperty(textOf(YAML_WORDS, 14) as fc.Arbitrary<unknown>, async (text) => {
        writeFileSync(path, text as string, { mode: 0o600 });
        try {
          await readConfigFile(env);
        } catch (error) {
          if (!(error instanceof UsageError)) throw error;
        }
      }),
      finish: async (tally) => {
        tally.expect(warned === '', 'broken', () => `a config file made the process print a warning: ${warned}`);
      },
      close: async () => {
        process.off('warning', onWarning);
        rmSync(home, { recursive: true, force: true });
      },
    };
  },
};

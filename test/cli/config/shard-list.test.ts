import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../../source/cli/args/usage-error.js';
import type { ConfigFile } from '../../../source/cli/config/config-file.js';
import { findConnection } from '../../../source/cli/config/connection-settings.js';
import { parseShardList } from '../../../source/cli/config/shard-connections.js';

const TWO = 'host=a;port=5433;user=u;password=p;database=d,host=b;database=d';
const file = (profile: object): ConfigFile => ({
  path: 'config.yaml',
  exists: true,
  current: null,
  top: {},
  keys: null,
  profiles: new Map([['sharded', { content: profile, problems: [] }]]),
  problems: [],
  refused: null,
});
const find = (env: Record<string, string>, profile?: object) =>
  findConnection(env, profile ? { profile: 'sharded' } : {}, 'op', async () => file(profile ?? {}));

describe('the list of shards', () => {
  it('is read as the server reads it', () => {
    expect(parseShardList(TWO, 'X')).toEqual([
      { host: 'a', port: 5433, user: 'u', password: 'p', database: 'd' },
      { host: 'b', port: 5432, user: 'noetl', password: undefined, database: 'd' },
    ]);
    expect(parseShardList(' host = a ; dbname=d; password=x=y ; ', 'X')).toMatchObject([
      { host: 'a', database: 'd', password: 'x=y' },
    ]);
  });

  it.each([
    ['host=a;database=d,hots=b;database=d', 'X, shard 1, character 19: unknown key hots; did you mean host?'],
    ['host=a;database=d;colour=red', 'X, shard 0, character 19: unknown key; a shard has host, port'],
    ['host=a;database=d,', 'X, shard 1, character 19: there is no shard between two commas'],
    ['host=a;;database=d', 'X, shard 0, character 8: there is no key here'],
    ['host=a;port=x;database=d', 'X, shard 0, character 13: the port must be a number from 1 to 65535'],
    ['host=a;port=70000;database=d', 'X, shard 0, character 13: the port'],
    ['host=a;database=d;dbname=e', 'X, shard 0, character 19: dbname is given twice'],
    ['host=;database=d', 'X, shard 0, character 6: host has no value'],
    ['host=a;database=d, user=u', 'X, shard 1, character 20: it names no host'],
    ['host=a', 'X, shard 0, character 1: it names no database'],
    [`${TWO},host=b;database=d`, 'X: shards 1 and 2 are the same database'],
    ['', 'X, shard 0, character 1: there is no shard'],
  ])('%j is an error with its position', (list, message) => {
    expect(() => parseShardList(list, 'X')).toThrow(ConfigurationError);
    expect(() => parseShardList(list, 'X')).toThrow(message);
  });

  it.each(['host=a;database=d;password=one;se,cret', 'host=a;database=d;password=one;secret=x'])(
    'never shows what may be a part of a password: %s',
    (list) => {
      expect(() => parseShardList(list, 'X')).toThrow(
        /^X, shard \d, character \d+: (expected|unknown)(?!.*(cret|one))/,
      );
    },
  );
});

describe('a sharded connection', () => {
  it('comes from NOETL_SHARDS before any other form, since any other would show one shard as the whole', async () => {
    const cluster = 'host=c;database=meta';
    const found = await find({ NOETL_SHARDS: TWO, NOETL_CLUSTER_DSN: cluster, PGHOST: 'h', NOETL_SCHEMA: 'n' });
    expect(found!.shards!.shards.map(({ host, port, schema }) => `${host}:${port}#${schema}`)).toEqual([
      'a:5433#n',
      'b:5432#n',
    ]);
    expect(found!.shards!.cluster).toMatchObject({ host: 'c', database: 'meta', user: 'noetl' });
    expect(found!.source).toBe('NOETL_SHARDS: 2 shards and a cluster database');
    expect(found!.settings.host).toBe('a');
  });

  it('comes from a profile, whose password_command and TLS settings hold for all', async () => {
    const found = await find({}, { shards: TWO, password_command: 'echo hidden', sslmode: 'require' });
    expect(found!.shards!.shards.map(({ password, ssl }) => [password, ssl !== false])).toEqual([
      ['p', true],
      ['hidden', true],
    ]);
    expect(found!.shards!.cluster).toBeNull();
  });

  it('is one connection and not two', async () => {
    await expect(find({}, { shards: TWO, url: 'postgres://h/d' })).rejects.toThrow(
      'profile sharded has both shards and url',
    );
    await expect(find({}, { cluster: 'host=c;database=d' })).rejects.toThrow('cluster of profile sharded needs shards');
    await expect(find({ NOETL_SHARDS: TWO, NOETL_CLUSTER_DSN: TWO })).rejects.toThrow(
      /NOETL_CLUSTER_DSN names more than one/,
    );
    await expect(find({ NOETL_SHARDS: 'host=a;nope' })).rejects.toThrow(/^NOETL_SHARDS, shard 0, character 8/);
  });
});

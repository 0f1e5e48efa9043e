import type { ConnectionSettings } from '../../store/connection/settings.js';
import type { ShardedSettings } from '../../store/shards/sharded-event-store.js';
import { nearWord } from '../../text/words.js';
import { ConfigurationError } from '../args/usage-error.js';
import type { Profile } from './config-file.js';
import { type ConnectionParts, parseConnectionUrl } from './connection-url.js';
import { completedByLibpq, type Environment } from './environment.js';
import { parseSslMode, type TlsFiles } from './ssl-mode.js';

/** The keys of a shard, and how each is written into a connection; any other is an error (event-store.md). */
const KEYS = {
  host: 'host',
  port: 'port',
  user: 'user',
  password: 'password',
  database: 'database',
  dbname: 'database',
} as const;
type Key = keyof typeof KEYS;

/** What a shard that names no user or port means, as the NoETL server takes it. */
const DEFAULTS = { port: 5432, user: 'noetl' } as const;

interface Piece {
  readonly text: string;
  /** Of its first character in the whole list, from 1. */
  readonly at: number;
}

/**
 * The databases of `host=a;port=5432;user=u;password=p;database=d,host=b;…`, in their order: commas between shards,
 * semicolons within one. Blanks around a key, a value and a separator do not count.
 *
 * @param where the source, for messages. They name the position and never quote what may be a password: one with a comma
 *   or a semicolon in it falls apart into what looks like keys.
 * @throws ConfigurationError with the character's position, from 1, and the shard's number, from 0.
 */
export function parseShardList(list: string, where: string): ConnectionParts[] {
  const shards = split({ text: list, at: 1 }, ',').map((piece, shard) => parseShard(piece, `${where}, shard ${shard}`));
  shards.forEach((own, shard) => {
    const first = shards.findIndex((other) => placeOf(other) === placeOf(own));
    if (first === shard) return;
    throw new ConfigurationError(`${where}: shards ${first} and ${shard} are the same database`);
  });
  return shards;
}

const placeOf = ({ host, port, database }: ConnectionParts): string => JSON.stringify([host, port, database]);

function parseShard(shard: Piece, where: string): ConnectionParts {
  const wrong = (at: number, problem: string): never => {
    throw new ConfigurationError(`${where}, character ${at}: ${problem}`);
  };
  const found = new Map<(typeof KEYS)[Key], string>();
  const pieces = split(shard, ';').map(trimmed);
  // A separator after the last one is harmless; two in a row may be a value that was lost.
  if (pieces.length > 1 && pieces.at(-1)?.text === '') pieces.pop();
  for (const { text, at } of pieces) {
    if (text === '') wrong(at, pieces.length === 1 ? 'there is no shard between two commas' : 'there is no key here');
    const equals = text.indexOf('=');
    if (equals < 0) wrong(at, 'expected key=value; no value can hold a comma or a semicolon');
    const key = text.slice(0, equals).trim();
    if (!Object.hasOwn(KEYS, key)) wrong(at, unknownKey(key));
    const name = KEYS[key as Key];
    const value = trimmed({ text: text.slice(equals + 1), at: at + equals + 1 });
    if (found.has(name)) wrong(at, `${key} is given twice`);
    if (value.text === '' && name !== 'password') wrong(value.at, `${key} has no value`);
    if (name === 'port' && !isPort(value.text)) wrong(value.at, 'the port must be a number from 1 to 65535');
    found.set(name, value.text);
  }
  for (const name of ['host', 'database'] as const)
    if (!found.has(name)) wrong(trimmed(shard).at, `it names no ${name}`);
  return {
    host: found.get('host'),
    port: Number(found.get('port') ?? DEFAULTS.port),
    user: found.get('user') ?? DEFAULTS.user,
    password: found.get('password') || undefined,
    database: found.get('database'),
  };
}

const isPort = (text: string): boolean => /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;

function unknownKey(key: string): string {
  const names = Object.keys(KEYS);
  const near = nearWord(key, names);
  return near ? `unknown key ${key}; did you mean ${near}?` : `unknown key; a shard has ${names.join(', ')}`;
}

function split({ text, at }: Piece, separator: string): Piece[] {
  let from = at;
  return text.split(separator).map((part) => {
    const piece = { text: part, at: from };
    from += part.length + separator.length;
    return piece;
  });
}

const trimmed = ({ text, at }: Piece): Piece => ({
  text: text.trim(),
  at: at + text.length - text.trimStart().length,
});

type Complete = (parts: ConnectionParts) => ConnectionSettings;

/** How many shards hold an id is a number modulo theirs: more than this is a slip of the hand. */
const MOST_SHARDS = 1024;

/** The databases that NOETL_SHARDS and NOETL_CLUSTER_DSN name; null where the first is not set. @throws ConfigurationError */
export function shardsOfEnvironment(env: Environment, complete: Complete): ShardedSettings | null {
  const { NOETL_SHARDS: shards, NOETL_CLUSTER_DSN: cluster } = env;
  if (!shards) return null;
  return shardsOf(
    { shards, cluster: cluster || null },
    { shards: 'NOETL_SHARDS', cluster: 'NOETL_CLUSTER_DSN' },
    env,
    complete,
  );
}

/**
 * Shards in the grammar of NOETL_SHARDS, or a URL for each, and the cluster's database in either form. TLS comes from a
 * URL, else from PGSSLMODE and the like, and is then the same for all.
 *
 * @param named what each is called in messages
 * @throws ConfigurationError
 */
export function shardsOf(
  { shards, cluster }: { readonly shards: string | readonly string[]; readonly cluster: string | null },
  named: { readonly shards: string; readonly cluster: string },
  env: Environment,
  complete: Complete,
): ShardedSettings {
  const tls: TlsFiles = {
    sslRootCert: env.PGSSLROOTCERT || undefined,
    sslCert: env.PGSSLCERT || undefined,
    sslKey: env.PGSSLKEY || undefined,
  };
  const sslMode = env.PGSSLMODE ? parseSslMode(env.PGSSLMODE, 'PGSSLMODE') : undefined;
  const finish = (parts: ConnectionParts) => complete({ ...parts, sslMode, tls });
  const ofUrl = (url: string, where: string) => complete(completedByLibpq(parseConnectionUrl(url, where), env));
  return {
    shards:
      typeof shards === 'string'
        ? shardsIn(shards, named.shards).map(finish)
        : shardUrls(shards, named.shards).map((url, shard) => ofUrl(url, `${named.shards}, shard ${shard}`)),
    cluster:
      cluster === null
        ? null
        : cluster.includes('://')
          ? ofUrl(cluster, named.cluster)
          : finish(clusterIn(cluster, named.cluster)),
  };
}

/** As many URLs as there may be shards, and none twice. */
function shardUrls(urls: readonly string[], where: string): readonly string[] {
  if (urls.length === 0) throw new ConfigurationError(`${where} names no database`);
  if (urls.length > MOST_SHARDS) throw new ConfigurationError(`${where} names more than ${MOST_SHARDS} shards`);
  urls.forEach((url, shard) => {
    const first = urls.indexOf(url);
    if (first !== shard) {
      throw new ConfigurationError(`${where}: shards ${first} and ${shard} are the same database`);
    }
  });
  return urls;
}

/**
 * The databases of a profile with `shards`. Its `password_command` and TLS settings hold for each of them; what names one
 * database does not go with it.
 *
 * @param password the password of shards that name none
 * @throws ConfigurationError
 */
export async function shardsOfProfile(
  { name, content }: Profile,
  complete: Complete,
  password: () => Promise<string | undefined>,
): Promise<ShardedSettings> {
  const where = `profile ${name}`;
  if (content.shards === undefined) throw new ConfigurationError(`cluster of ${where} needs shards`);
  for (const other of ['url', 'host', 'port', 'user', 'password', 'database', 'service'] as const) {
    if (content[other] !== undefined)
      throw new ConfigurationError(`${where} has both shards and ${other}: leave one out`);
  }
  const shards = shardsIn(content.shards, `shards of ${where}`);
  const cluster = content.cluster === undefined ? null : clusterIn(content.cluster, `cluster of ${where}`);
  const isOpen = [...shards, ...(cluster ? [cluster] : [])].some((parts) => parts.password === undefined);
  const shared = isOpen ? await password() : undefined;
  const sslMode = content.sslmode === undefined ? undefined : parseSslMode(content.sslmode, `sslmode of ${where}`);
  const tls: TlsFiles = { sslRootCert: content.sslrootcert, sslCert: content.sslcert, sslKey: content.sslkey };
  const finish = (parts: ConnectionParts) => complete({ ...parts, password: parts.password ?? shared, sslMode, tls });
  return { shards: shards.map(finish), cluster: cluster === null ? null : finish(cluster) };
}

function shardsIn(list: string, where: string): ConnectionParts[] {
  const shards = parseShardList(list, where);
  if (shards.length > MOST_SHARDS) throw new ConfigurationError(`${where} names more than ${MOST_SHARDS} shards`);
  return shards;
}

function clusterIn(text: string, where: string): ConnectionParts {
  const [cluster, ...others] = parseShardList(text, where);
  if (!cluster || others.length > 0) throw new ConfigurationError(`${where} names more than one database`);
  return cluster;
}

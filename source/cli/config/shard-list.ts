import { nearWord } from '../../text/near-word.js';
import { ConfigurationError } from '../args/usage-error.js';
import type { ConnectionParts } from './connection-url.js';

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

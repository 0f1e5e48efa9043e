import { nearWord } from '../../text/words.js';
import { ConfigurationError } from '../args/usage-error.js';
import { parseSslMode, type SslMode, type TlsFiles } from './ssl-mode.js';

/** The parts of a connection that one source names; what it leaves open is undefined. */
export interface ConnectionParts {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly database?: string | undefined;
  readonly sslMode?: SslMode | undefined;
  readonly tls?: TlsFiles | undefined;
}

const SCHEME = /^postgres(?:ql)?(?:\+\w+)?:\/\//i;
/**
 * user:password@host:port/database?parameters; the last `@` before the path ends the credentials. No `@` may come later:
 * it would mean that a `/` or `?` stood in a password, whose rest would then be shown as the database's name.
 */
const SHAPE =
  /^(?:(?<credentials>[^/?#]*)@)?(?<place>\[[^\]]*\](?::\d*)?|[^/?#@]*)(?:\/(?<database>[^?#/@]*))?(?:\?(?<query>[^@]*))?$/s;
const ENCODING = 'in a user or password, / ? # @ are written %2F %3F %23 %40';
/** Parameters that ask for TLS in a way that this program cannot do. */
const UNSUPPORTED_TLS = new Set(['sslcrl', 'sslcrldir', 'sslpassword']);
const KNOWN_TLS = new Set([
  ...['sslmode', 'ssl', 'ssl-mode', 'sslnegotiation', 'sslcompression'],
  ...['sslrootcert', 'ssl-root-cert', 'sslcert', 'sslkey'],
]);

/**
 * A PostgreSQL URL in its parts. `where` names its source in messages, which never quote the URL: it may hold a password.
 * Parameters of other drivers are passed over; those that ask for TLS in a way this program cannot do are refused.
 *
 * @throws ConfigurationError
 */
export function parseConnectionUrl(text: string, where: string): ConnectionParts {
  const url = text.trim();
  const scheme = SCHEME.exec(url);
  if (!scheme) {
    throw new ConfigurationError(`${where} is not a PostgreSQL URL: postgresql://user:password@host:5432/database`);
  }
  const groups = SHAPE.exec(url.slice(scheme[0].length))?.groups;
  if (!groups) {
    throw new ConfigurationError(`${where} cannot be read as a PostgreSQL URL; ${ENCODING}`);
  }
  const decode = (part: string | undefined, what: string) => decoded(part, what, where);
  const [user, password] = splitOnce(groups.credentials ?? '', ':');
  const { host, port } = place(groups.place ?? '', where);
  const query = parameters(groups.query ?? '', where);
  const queryPort = query.get('port');
  return {
    host: query.get('host') || decode(host, 'its host'),
    port: queryPort === undefined ? port : parsePort(queryPort, where),
    user: query.get('user') || decode(user, 'its user'),
    password: query.get('password') ?? decode(password, 'its password'),
    database: query.get('dbname') || decode(groups.database, 'its database'),
    sslMode: sslMode(query, where),
    tls: {
      sslRootCert: query.get('sslrootcert') ?? query.get('ssl-root-cert'),
      sslCert: query.get('sslcert'),
      sslKey: query.get('sslkey'),
    },
  };
}

/** @throws ConfigurationError */
export function parsePort(text: string, where: string): number {
  const port = /^\d{1,5}$/.test(text.trim()) ? Number(text) : 0;
  if (port >= 1 && port <= 65_535) return port;
  throw new ConfigurationError(`${where} names a port that is not a number from 1 to 65535`);
}

function place(text: string, where: string): { host: string | undefined; port: number | undefined } {
  if (text.includes(',')) {
    throw new ConfigurationError(`${where} names several hosts; name the one to connect to`);
  }
  const bracketed = /^\[([^\]]*)\](?::(\d*))?$/.exec(text);
  const [host, port] = bracketed ? [bracketed[1], bracketed[2]] : splitOnce(text, ':');
  if (port && !/^\d+$/.test(port)) {
    throw new ConfigurationError(`${where} has a port that is not a number; ${ENCODING}`);
  }
  return { host: host || undefined, port: port ? parsePort(port, where) : undefined };
}

function parameters(query: string, where: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const pair of query.split('&').filter((each) => each !== '')) {
    const [key, value] = splitOnce(pair, '=');
    const name = (decoded(key, 'a parameter', where) ?? '').toLowerCase();
    if (UNSUPPORTED_TLS.has(name)) throw new ConfigurationError(`${where} sets ${name}, which is not supported`);
    if (name.startsWith('ssl') && !KNOWN_TLS.has(name)) {
      throw new ConfigurationError(`${where} sets ${shownName(name)}, which is unknown`);
    }
    found.set(name, decoded(value, shownName(name), where) ?? '');
  }
  return found;
}

/** A name that is none of these, nor nearly one, may be a part of a password that was cut at its `?` or `&`. */
const NAMES = [
  'sslmode',
  'ssl',
  'ssl-mode',
  'host',
  'port',
  'user',
  'password',
  'dbname',
  'connect_timeout',
  'options',
];
const shownName = (name: string): string =>
  NAMES.includes(name) || nearWord(name, NAMES) ? `the parameter ${name}` : 'a parameter';

function sslMode(query: ReadonlyMap<string, string>, where: string): SslMode | undefined {
  const mode = query.get('sslmode') ?? query.get('ssl-mode');
  if (mode !== undefined) return parseSslMode(mode, `sslmode in ${where}`);
  const ssl = query.get('ssl');
  if (ssl === 'true' || ssl === '1') return 'require';
  return ssl === 'false' || ssl === '0' ? 'disable' : undefined;
}

function decoded(part: string | undefined, what: string, where: string): string | undefined {
  if (part === undefined || part === '') return undefined;
  try {
    return decodeURIComponent(part);
  } catch {
    throw new ConfigurationError(`${where}: a % in ${what} is not followed by two hexadecimal digits (write %25)`);
  }
}

function splitOnce(text: string, mark: string): [string, string | undefined] {
  const at = text.indexOf(mark);
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

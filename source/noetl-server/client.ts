import { StoreError } from '../store/errors.js';
import type { ServerAddress } from './address.js';

type JsonObject = Readonly<Record<string, unknown>>;

/** A string, or a number of 16 digits or more outside of strings: beyond 2^53, so JSON.parse would change it. */
const STRING_OR_LONG_NUMBER = /"(?:\\.|[^"\\])*"|-?\d{16,}(?![\d.eE])/g;

/**
 * The object that a JSON text holds, long integers as strings so that ids keep their digits; null for anything else.
 * NoETL's Rust server writes ids as numbers.
 */
export function parseObject(text: string): JsonObject | null {
  try {
    const exact = text.replace(STRING_OR_LONG_NUMBER, (found) => (found.startsWith('"') ? found : `"${found}"`));
    const value: unknown = JSON.parse(exact);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null;
  } catch {
    return null;
  }
}

/** An id as an answer states it, as a number or a string; null where there is none. */
export function idOf(value: unknown): string | null {
  if (typeof value === 'string' && /^\d+$/.test(value)) return value;
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? String(value) : null;
}

/** What an error answer says: NoETL's Rust server in `error`, its Python server in `detail`. */
export function saidOf(body: JsonObject | null): string {
  for (const said of [body?.error, body?.detail, body?.message]) {
    if (typeof said === 'string' && said.trim() !== '')
      return said
        .replace(/[\p{Cc}\s]+/gu, ' ')
        .trim()
        .slice(0, 300);
  }
  return '';
}

/** Status and words of an answer that refuses: `503: shard 1 (db:5432/noetl) does not answer`, `503` where it says nothing. */
export function refusalOf({ status, body }: Answer): string {
  const said = saidOf(body);
  return said === '' ? String(status) : `${status}: ${said}`;
}

/**
 * A failure of a NoETL server, in one line with what to do. Never worth another try by the caller: the calls have been
 * repeated already, as far as repeating is harmless.
 */
export class ServerError extends StoreError {
  override get retryable(): boolean {
    return false;
  }
}

/** An answer, whatever its status. */
export interface Answer {
  readonly status: number;
  /** Null where the body is not a JSON object. */
  readonly body: JsonObject | null;
  /** What the body is, for messages: `HTML`, `no body`, `something that is not JSON`. */
  readonly form: string;
}

/** No answer came. `sent` is false where the server cannot have seen the call. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  constructor(
    readonly sent: boolean,
    message: string,
    options: { cause?: unknown },
  ) {
    super(message, options);
  }
}

export interface ClientOptions {
  readonly address: ServerAddress;
  /** Asked once, at the first call: it may start a password manager. Null for a server that asks for none. */
  readonly token: () => Promise<string | null>;
  /** How long one call may take, in milliseconds. */
  readonly timeoutMs: number;
}

export interface ServerClient {
  readonly address: ServerAddress;
  /** One call. Throws NoAnswer, or ServerError for what no further call would get past: a refused token, a certificate. */
  call(method: 'GET' | 'POST', path: string, body?: object): Promise<Answer>;
}

/** An answer is a few hundred bytes; a page of HTML that is longer need not be read to its end. */
const MOST_TEXT = 256 * 1024;

export function createServerClient({ address, token, timeoutMs }: ClientOptions): ServerClient {
  let asked: Promise<string | null> | null = null;
  return {
    address,
    async call(method, path, body) {
      asked ??= token();
      const bearer = await asked;
      const headers: Record<string, string> = { accept: 'application/json' };
      if (bearer !== null) headers.authorization = `Bearer ${bearer}`;
      if (body !== undefined) headers['content-type'] = 'application/json';
      let response: Response;
      let text: string;
      try {
        response = await fetch(`${address.api}${path}`, {
          method,
          headers,
          // A redirect leads to a login page or to another server, which must not get the token.
          redirect: 'manual',
          signal: AbortSignal.timeout(timeoutMs),
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        text = (await response.text()).slice(0, MOST_TEXT);
      } catch (error) {
        throw unanswered(error, address.url, timeoutMs);
      }
      const answer = { status: response.status, body: parseObject(text), form: formOf(text) };
      refuseForGood(answer, response.headers.get('location'), address.url, bearer !== null);
      return answer;
    },
  };
}

const formOf = (text: string): string =>
  text.trim() === '' ? 'no body' : /^\s*</.test(text) ? 'HTML' : 'something that is not JSON of NoETL';

/** @throws ServerError where no call with these settings would do better. */
function refuseForGood({ status }: Answer, location: string | null, url: string, hadToken: boolean): void {
  if (status === 401 || status === 403) {
    const remedy = hadToken
      ? `refuses the token (${status}); check the profile's token_command, NOETL_SESSION_TOKEN, or log in again with the noetl CLI`
      : `asks for a token (${status}); set token_command in the profile, or NOETL_SESSION_TOKEN`;
    throw new ServerError('authentication', `the NoETL server at ${url} ${remedy}`);
  }
  if (status >= 300 && status < 400) {
    const to = location === null ? 'elsewhere' : `to ${originOf(location, url)}`;
    throw new ServerError('no-database', `${url} redirects ${to} (${status}); set --server to the NoETL server itself`);
  }
}

function originOf(location: string, base: string): string {
  try {
    return new URL(location, base).origin;
  } catch {
    return 'elsewhere';
  }
}

/** What undici and Node report before a byte of the call has left. */
const NOT_SENT = new Set([
  ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT'],
]);

function unanswered(error: unknown, url: string, timeoutMs: number): Error {
  const code = codeOf(error);
  if (/CERT|SIGNATURE|_TLS_|^ERR_SSL|SELF_SIGNED/.test(code)) {
    const why = /ALTNAME/.test(code) ? 'is for another host' : /EXPIRED/.test(code) ? 'has expired' : 'is not trusted';
    const remedy = /ALTNAME/.test(code)
      ? 'set --server to the name that it is for'
      : /EXPIRED/.test(code)
        ? 'it has to be renewed'
        : 'put its CA into a file and set NODE_EXTRA_CA_CERTS to that, or check that --server is right';
    return new ServerError('unreachable', `the certificate of ${url} ${why} (${code}); ${remedy}`, { cause: error });
  }
  if (code === 'TimeoutError') {
    return new NoAnswer(true, `no answer within ${timeoutMs / 1000}s`, { cause: error });
  }
  return new NoAnswer(!NOT_SENT.has(code), code || 'the connection broke off', { cause: error });
}

/** The code of an error or of the innermost cause that has one; Node joins what all addresses of a host said. */
function codeOf(error: unknown): string {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 8; depth++) {
    const { code, errors } = cause as { code?: unknown; errors?: readonly unknown[] };
    if (cause.name === 'TimeoutError') return cause.name;
    if (typeof code === 'string' && code !== 'ERR_INVALID_ARG_TYPE') return code;
    cause = errors?.[0] ?? cause.cause;
  }
  return '';
}

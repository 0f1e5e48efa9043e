import { StoreError, type StoreErrorKind } from '../errors.js';
import { withoutSecrets } from '../secrets.js';
import type { ConnectionSettings } from './settings.js';

interface PostgresError {
  readonly code?: string;
  readonly message?: string;
  readonly errors?: readonly unknown[];
}

type Where = Pick<ConnectionSettings, 'host' | 'port' | 'user' | 'database' | 'schema'>;

const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
]);

/**
 * Any failure of the driver as a StoreError. The one place that knows PostgreSQL's error codes; what is retryable is
 * decided here and nowhere else.
 */
export function storeError(error: unknown, where: Where): StoreError {
  if (error instanceof StoreError) return error;
  const failure = firstCause(error);
  const [kind, message] = describe(failure, where);
  return new StoreError(kind, withoutSecrets(message), { cause: error });
}

/** Node tries each address of a host and reports all failures in one AggregateError; the first is enough. */
function firstCause(error: unknown): PostgresError {
  const failure = (error ?? {}) as PostgresError;
  return failure.errors?.length ? (failure.errors[0] as PostgresError) : failure;
}

function describe(failure: PostgresError, where: Where): [StoreErrorKind, string] {
  const code = failure.code ?? '';
  const at = `${where.host}:${where.port}`;
  const said = oneLine(failure.message ?? 'unknown failure');
  if (NETWORK_CODES.has(code) || /connection (terminated|ended|timeout)|timeout exceeded when trying/i.test(said)) {
    return [
      'unreachable',
      `cannot reach PostgreSQL at ${at} (${code || said}); check that it is running, and the host and port`,
    ];
  }
  if (code === '28P01' || code === '28000') {
    return ['authentication', `PostgreSQL at ${at} refuses user "${where.user}" (${said}); check user and password`];
  }
  if (/SASL|password must be a string/i.test(said)) {
    return [
      'authentication',
      `PostgreSQL at ${at} requires a password for user "${where.user}"; set it in the URL or PGPASSWORD`,
    ];
  }
  if (code === '3D000') {
    return ['no-database', `database "${where.database}" does not exist at ${at}; check the database name`];
  }
  if (code === '42P01' || code === '3F000' || code === '42883') {
    return [
      'no-schema',
      `"${where.schema}" in database "${where.database}" is not a NoETL schema (${said}); check --database-url and NOETL_SCHEMA`,
    ];
  }
  if (code === '42501') {
    return [
      'no-privilege',
      `user "${where.user}" lacks a privilege (${said}); noetl-console doctor prints the GRANTs that are missing`,
    ];
  }
  if (code === '25006') return ['read-only', `the server at ${at} is read-only; connect to the primary to cancel`];
  if (code === '57014')
    return ['timeout', 'the database took too long and the statement was ended; try again or narrow the query'];
  if (/query read timeout/i.test(said))
    return ['timeout', `PostgreSQL at ${at} stopped answering; check the server and the network`];
  if (code === '53300' || code === '53400' || /too many clients|no more connections/i.test(said)) {
    return ['busy', `PostgreSQL at ${at} has no free connection (${said}); try again, or raise the limit`];
  }
  // 23505: a server gave the same event id in the same instant; the next try goes above it.
  if (code === '40001' || code === '40P01' || code === '55P03' || code === '23505')
    return ['busy', `another transaction was in the way (${said}); try again`];
  if (code.startsWith('57P') || code.startsWith('08')) {
    return ['unreachable', `the connection to PostgreSQL at ${at} was ended (${said}); it may be restarting`];
  }
  if (/does not support SSL/i.test(said))
    return ['unreachable', `PostgreSQL at ${at} offers no TLS; set sslmode=disable or enable TLS on the server`];
  return ['other', `the database failed: ${said}${code ? ` (${code})` : ''}`];
}

const oneLine = (text: string): string => text.replace(/[\p{Cc}\s]+/gu, ' ').trim();

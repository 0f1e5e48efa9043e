import { NoAnswer, type ServerClient } from './client.js';
import { ServerError } from './errors.js';

/** Which of NoETL's servers answers; both take a cancel, each in its own way. */
export type ServerKind = 'rust' | 'python';

export interface ServerFacts {
  readonly kind: ServerKind;
  /** The Rust server says its version; the Python server does not. */
  readonly version: string | null;
}

/**
 * Asks a server what it is. Writes nothing.
 * @throws ServerError, in one line with what to do, where it cannot be used.
 */
export async function probeServer(client: ServerClient): Promise<ServerFacts> {
  const { url } = client.address;
  const answer = await client.call('GET', '/health').catch((error: unknown) => {
    if (!(error instanceof NoAnswer)) throw error;
    throw unreachable(url, error);
  });
  if (answer.status >= 500) {
    throw new ServerError('busy', `the NoETL server at ${url} is unhealthy (${answer.status}); ${OTHERWISE}`);
  }
  const { body } = answer;
  if (answer.status !== 200 || body === null || typeof body.status !== 'string') {
    const got = body === null ? `answers ${answer.form}` : 'answers something else than NoETL does';
    throw new ServerError('no-database', `${url} ${got} (${answer.status}); is it a NoETL server? Check --server`);
  }
  const version = typeof body.version === 'string' ? body.version : null;
  // Only the Rust server tells how long it has been up; noetl-console's own API takes what the Python server takes.
  return { kind: 'uptime_seconds' in body || 'database' in body ? 'rust' : 'python', version };
}

/** What an operator can do instead. */
export const OTHERWISE = 'try again, or write to the table with --via table';

export const unreachable = (url: string, { message }: NoAnswer): ServerError =>
  new ServerError(
    'unreachable',
    `cannot reach the NoETL server at ${url} (${message}); check that it is running and --server, or write to the table with --via table`,
  );

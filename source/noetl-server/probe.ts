import { NoAnswer, refusalOf, type ServerClient, ServerError, saidOf } from './client.js';

/** What answers: one of NoETL's servers, or noetl-console's own API. All take a cancel, each in its own way. */
export type ServerKind = 'rust' | 'python' | 'console';

export interface ServerFacts {
  readonly kind: ServerKind;
  /** Null from the Python server, which does not say it. */
  readonly version: string | null;
}

/** What the health answer of `noetl-console serve` names itself; http/ says it. */
const CONSOLE_SERVICE = 'noetl-console';

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
    throw new ServerError('busy', `the NoETL server at ${url} is unhealthy (${refusalOf(answer)}); ${OTHERWISE}`);
  }
  const { body } = answer;
  if (answer.status !== 200 || body === null || typeof body.status !== 'string') {
    const got = body === null ? `answers ${answer.form}` : 'answers something else than NoETL does';
    throw new ServerError('no-database', `${url} ${got} (${answer.status}); is it a NoETL server? Check --server`);
  }
  const version = typeof body.version === 'string' ? body.version : null;
  if (body.service === CONSOLE_SERVICE) return { kind: 'console', version };
  // Only the Rust server reports how long it has been up.
  return { kind: 'uptime_seconds' in body || 'database' in body ? 'rust' : 'python', version };
}

/** What an operator can do instead. */
export const OTHERWISE = 'try again, or write to the table with --via table';

export const unreachable = (url: string, { message }: NoAnswer): ServerError =>
  new ServerError(
    'unreachable',
    `cannot reach the NoETL server at ${url} (${message}); check that it is running and --server, or write to the table with --via table`,
  );

/** What a server is, and what it says of one execution that the table has; facts only, for `doctor`. */
export interface ServerInspection {
  readonly url: string;
  readonly server: ServerFacts;
  /** Null where there was no execution to ask for. */
  readonly sight: { readonly executionId: string; readonly says: ServerSays } | null;
}

/** Its status of the execution; `unknown` where it has none of that id, `no-answer` where it did not say. */
export type ServerSays =
  | { readonly kind: 'status'; readonly status: string }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'no-answer'; readonly why: string };

/** Asks a server what it is and what it knows of an execution. Writes nothing. Throws ServerError. */
export async function inspectServer(client: ServerClient, executionId: string | null): Promise<ServerInspection> {
  const server = await probeServer(client);
  const { url } = client.address;
  if (executionId === null) return { url, server, sight: null };
  try {
    const answer = await client.call('GET', `/executions/${executionId}/status`);
    return { url, server, sight: { executionId, says: sightOf(answer.status, answer.body) } };
  } catch (error) {
    if (error instanceof NoAnswer) throw unreachable(url, error);
    throw error;
  }
}

function sightOf(status: number, body: Readonly<Record<string, unknown>> | null): ServerSays {
  if (status === 404) return { kind: 'unknown' };
  if (status !== 200 || body === null) return { kind: 'no-answer', why: `${status} ${saidOf(body)}`.trim() };
  if (typeof body.status === 'string') return { kind: 'status', status: body.status.toUpperCase() };
  // The Python server says it in flags.
  if (typeof body.completed !== 'boolean') return { kind: 'no-answer', why: 'no status in its answer' };
  return { kind: 'status', status: body.failed === true ? 'FAILED' : body.completed ? 'COMPLETED' : 'RUNNING' };
}

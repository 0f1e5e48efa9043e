import { NoAnswer, type ServerClient } from './client.js';
import { saidOf } from './json.js';
import { probeServer, type ServerFacts, unreachable } from './probe.js';

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

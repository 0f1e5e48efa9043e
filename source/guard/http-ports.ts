import type { ExecutionStatus } from '../domain/execution-status.js';
import type { CancellationCheck, WorkerEventEmitter } from '../domain/worker-protocol.js';

/** The server that the ports talk to. */
export interface HttpPortOptions {
  /** Where `noetl-console serve` or a NoETL server listens, such as `http://127.0.0.1:8082`. */
  readonly baseUrl: string;
  /** Sent as `Authorization: Bearer`. */
  readonly token?: string;
  readonly fetch?: typeof fetch;
}

const STATUSES: readonly string[] = ['RUNNING', 'COMPLETED', 'FAILED', 'CANCELLED'] satisfies ExecutionStatus[];

type JsonObject = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function client({ baseUrl, token, fetch: send = fetch }: HttpPortOptions) {
  const base = baseUrl.replace(/\/+$/, '');
  const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
  return async (
    method: 'GET' | 'POST',
    path: string,
    signal: AbortSignal | undefined,
    body?: unknown,
  ): Promise<{ status: number; body: JsonObject }> => {
    const response = await send(`${base}${path}`, {
      method,
      ...(signal ? { signal } : {}),
      headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const parsed: unknown = await response.json().catch(() => null);
    return { status: response.status, body: isObject(parsed) ? parsed : {} };
  };
}

/** The check by `GET /api/executions/{id}/cancellation-check`. Rejects on anything but the seed's body or a 404. */
export function httpCancellationCheck(options: HttpPortOptions): CancellationCheck {
  const request = client(options);
  return async (executionId, { signal } = {}) => {
    const path = `/api/executions/${encodeURIComponent(executionId)}/cancellation-check`;
    const { status, body } = await request('GET', path, signal);
    if (status === 404) return null;
    if (status !== 200) throw new Error(`the cancellation check answered ${status}`);
    if (typeof body.cancelled !== 'boolean') throw new Error('the cancellation check answered without "cancelled"');
    return {
      executionId,
      status: STATUSES.includes(String(body.status))
        ? (body.status as ExecutionStatus)
        : body.cancelled
          ? 'CANCELLED'
          : 'RUNNING',
      eventType: typeof body.event_type === 'string' ? body.event_type : null,
      cancelled: body.cancelled,
      completed: body.completed === true,
      failed: body.failed === true,
    };
  };
}

/** The emitter by `POST /api/events`. Rejects on anything but a 2xx, a 404 or a 409. */
export function httpCommandEmitter(options: HttpPortOptions): WorkerEventEmitter {
  const request = client(options);
  return async (event, { signal } = {}) => {
    const { status, body } = await request('POST', '/api/events', signal, {
      execution_id: event.executionId,
      event_type: event.eventType,
      step: event.step,
      command_id: event.commandId,
      worker_id: event.workerId ?? undefined,
      status: event.status,
      meta: event.meta,
      context: event.context ?? undefined,
    });
    if (status === 404) return { kind: 'unknown-execution' };
    if (status === 409) return { kind: 'refused', because: String(body.error ?? 'conflict') };
    if (status < 200 || status > 299) throw new Error(`POST /api/events answered ${status}`);
    return { kind: body.duplicate === true ? 'duplicate' : 'appended', eventId: String(body.event_id ?? '') };
  };
}

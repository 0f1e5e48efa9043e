import { describe, expect, it } from 'vitest';
import { workerEvent } from '../../source/domain/worker-protocol.js';
import { httpCancellationCheck, httpCommandEmitter } from '../../source/guard/http-ports.js';
import { command } from './fakes.js';

/** A fetch that answers once, and what it was asked. */
function answering(status: number, body: unknown) {
  const asked: { url: string; init: RequestInit }[] = [];
  const send: typeof fetch = async (url, init = {}) => {
    asked.push({ url: String(url), init });
    return new Response(typeof body === 'string' ? body : JSON.stringify(body), { status });
  };
  return { asked, fetch: send };
}

const SEED = {
  execution_id: '543857931469455628',
  status: 'CANCELLED',
  event_type: 'execution.cancelled',
  cancelled: true,
  completed: false,
  failed: false,
};

describe('httpCancellationCheck', () => {
  it('reads the seed’s body and sends the token', async () => {
    const { asked, fetch } = answering(200, SEED);
    const check = httpCancellationCheck({ baseUrl: 'http://noetl:8082/', token: 'secret', fetch });
    expect(await check('543857931469455628')).toEqual({
      executionId: '543857931469455628',
      status: 'CANCELLED',
      eventType: 'execution.cancelled',
      cancelled: true,
      completed: false,
      failed: false,
    });
    expect(asked[0]).toMatchObject({
      url: 'http://noetl:8082/api/executions/543857931469455628/cancellation-check',
      init: { method: 'GET', headers: { authorization: 'Bearer secret' } },
    });
  });

  it('takes a status that it does not know for what `cancelled` says', async () => {
    const { fetch } = answering(200, { ...SEED, status: 'ODD' });
    expect((await httpCancellationCheck({ baseUrl: 'http://x', fetch })('1'))?.status).toBe('CANCELLED');
  });

  it('is null for 404, and rejects on everything else that is not the body', async () => {
    const check = (status: number, body: unknown) =>
      httpCancellationCheck({ baseUrl: 'http://x', ...answering(status, body) })('1');
    expect(await check(404, { error: 'Execution 1 not found' })).toBeNull();
    for (const [status, body] of [
      [503, { error: 'away' }],
      [401, {}],
      [200, {}],
      [200, []],
      [200, '<html>'],
      [302, ''],
    ] as const) {
      await expect(check(status, body)).rejects.toThrow('the cancellation check answered');
    }
  });
});

describe('httpCommandEmitter', () => {
  it.each([
    [201, { status: 'ok', event_id: '7', duplicate: false }, { kind: 'appended', eventId: '7' }],
    [200, { status: 'ok', event_id: '7', duplicate: true }, { kind: 'duplicate', eventId: '7' }],
    [404, { error: 'not found' }, { kind: 'unknown-execution' }],
    [409, { error: 'worker w2 holds the command' }, { kind: 'refused', because: 'worker w2 holds the command' }],
  ])('%i is %j', async (status, body, expected) => {
    const { asked, fetch } = answering(status, body);
    const emit = httpCommandEmitter({ baseUrl: 'http://x', fetch });
    expect(await emit(workerEvent(command, 'command.completed', { status: 'success' }))).toEqual(expected);
    expect(JSON.parse(String(asked[0]?.init.body))).toEqual({
      execution_id: '10',
      event_type: 'command.completed',
      step: 'load',
      command_id: '10:load:1',
      worker_id: 'worker-1',
      status: 'success',
      meta: { command_id: '10:load:1', worker_id: 'worker-1', actionable: true, informative: true },
    });
  });

  it('rejects when it is not known to be written', async () => {
    const emit = httpCommandEmitter({ baseUrl: 'http://x', ...answering(503, { error: 'away' }) });
    await expect(emit(workerEvent(command, 'command.failed'))).rejects.toThrow('POST /api/events answered 503');
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nextIdAt, writeEvents } from '../helpers/database.js';
import { type ApiFixture, openApi } from './api-fixture.js';

let api: ApiFixture;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

async function execution(type = 'playbook_started', more: object = {}): Promise<string> {
  const id = nextIdAt(Date.now(), 'rust');
  await writeEvents(api.db.pool, [{ execution_id: id, event_type: type, ...more }]);
  return id;
}

const cancel = (id: string, body?: unknown) =>
  api.app.inject({
    method: 'POST',
    url: `/api/executions/${id}/cancel`,
    ...(body === undefined ? {} : { payload: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });

const eventsOf = async (id: string, type: string) =>
  (await api.db.pool.query('SELECT * FROM noetl.event WHERE execution_id = $1 AND event_type = $2', [id, type])).rows;

describe('POST /api/executions/{id}/cancel', () => {
  it('answers as the seed shows, to the letter', async () => {
    const id = await execution();
    const first = await cancel(id, { reason: 'Optional cancellation reason', cascade: true });
    expect(first.statusCode).toBe(200);
    expect(first.body).toBe(
      `{"status":"cancelled","execution_id":"${id}","cancelled_executions":["${id}"],"message":"Cancelled 1 execution(s)"}`,
    );
    const second = await cancel(id, { reason: 'again' });
    expect(second.statusCode).toBe(409);
    expect(second.body).toBe(
      `{"status":"error","execution_id":"${id}","cancelled_executions":[],"message":"Execution ${id} is already CANCELLED"}`,
    );
    const [row] = await eventsOf(id, 'execution.cancelled');
    expect(row.meta).toMatchObject({
      reason: 'Optional cancellation reason',
      cascade: true,
      cancelled_by: 'api@127.0.0.1',
      source: 'noetl-console/9.9.9',
      actionable: true,
    });
  });

  it('refuses a finished execution with what it is', async () => {
    const id = await execution();
    await writeEvents(api.db.pool, [{ execution_id: id, event_type: 'playbook.completed', layout: 'rust' }]);
    const response = await cancel(id, {});
    expect(response.statusCode).toBe(409);
    expect(response.json().message).toBe(`Execution ${id} is already COMPLETED`);
  });

  it('cascades unless told otherwise, and needs no body', async () => {
    const root = await execution();
    const child = await execution('playbook_started', { parent_execution_id: root });
    const alone = await cancel(root, { cascade: false });
    expect(alone.json().cancelled_executions).toEqual([root]);
    const orphans = await cancel(root);
    expect(orphans.statusCode).toBe(200);
    expect(orphans.json().cancelled_executions).toEqual([child]);
    expect((await cancel(root)).statusCode).toBe(409);
    const empty = await api.app.inject({
      method: 'POST',
      url: `/api/executions/${await execution()}/cancel`,
      headers: { 'content-type': 'application/json' },
      payload: '',
    });
    expect(empty.statusCode).toBe(200);
  });

  it('does not know an execution that no event names', async () => {
    const response = await cancel('12345');
    expect(response.statusCode).toBe(404);
    expect(response.json()).toEqual({ error: 'Execution 12345 not found' });
  });

  it('is done once, however many ask for it at once', async () => {
    const id = await execution();
    const responses = await Promise.all(Array.from({ length: 1000 }, () => cancel(id, { reason: 'all at once' })));
    const codes = responses.map((response) => response.statusCode);
    expect(codes.filter((code) => code === 200)).toHaveLength(1);
    expect(codes.filter((code) => code === 409)).toHaveLength(999);
    expect(await eventsOf(id, 'execution.cancelled')).toHaveLength(1);
    const loser = responses.find((response) => response.statusCode === 409);
    expect(loser?.json().message).toBe(`Execution ${id} is already CANCELLED`);
  });

  it('cancels many different executions at once', async () => {
    const ids = await Promise.all(Array.from({ length: 60 }, () => execution()));
    const responses = await Promise.all(ids.map((id) => cancel(id)));
    expect(responses.every((response) => response.statusCode === 200)).toBe(true);
  });

  it.each<[string, unknown, string]>([
    ['an unknown field', { because: 'x' }, 'the body has an unknown field "because"'],
    ['a wrong type of cascade', { cascade: 'yes' }, 'cascade must be boolean'],
    ['a wrong type of reason', { reason: 7 }, 'reason must be string,null'],
    ['a list for a body', [], 'the body must be object'],
    ['null for a body', null, 'the body must be object'],
    ['a reason with control characters', { reason: 'a\u001b[2Jb' }, 'control characters'],
    ['a reason of two lines', { reason: 'a\nb' }, 'control characters'],
    ['a reason that is too long', { reason: 'x'.repeat(1001) }, 'is 1 character too long'],
    ['a prototype', JSON.parse('{"__proto__": {"cascade": false}}'), 'not valid JSON'],
  ])('refuses %s', async (_what, body, problem) => {
    const id = await execution();
    const response = await cancel(id, body);
    expect(response.statusCode).toBe(400);
    expect(Object.keys(response.json())).toEqual(['error']);
    expect(response.json().error).toContain(problem);
    expect(await eventsOf(id, 'execution.cancelled')).toEqual([]);
  });

  it.each([
    ['broken JSON', '{"reason": ', 400],
    ['text that is not JSON', 'reason=x', 400],
    ['a megabyte', JSON.stringify({ reason: 'x'.repeat(1_048_576) }), 413],
  ])('refuses %s', async (_what, payload, code) => {
    const response = await api.app.inject({
      method: 'POST',
      url: '/api/executions/5/cancel',
      headers: { 'content-type': 'application/json' },
      payload,
    });
    expect(response.statusCode).toBe(code);
    expect(Object.keys(response.json())).toEqual(['error']);
    expect(response.body).not.toMatch(/\.[jt]s:\d|FST_|at /);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'])(
    'refuses a body as %s',
    async (type) => {
      const response = await api.app.inject({
        method: 'POST',
        url: '/api/executions/5/cancel',
        headers: { 'content-type': type },
        payload: '{}',
      });
      expect(response.statusCode).toBe(415);
      expect(response.json()).toEqual({ error: 'a body must be sent as application/json' });
    },
  );

  it.each(['0', '-1', 'abc', '0x10', '9223372036854775808', '1e3', '1.5', "1'--", '%201', '1'.repeat(90)])(
    'refuses the id %s',
    async (id) => {
      for (const [method, path] of [
        ['POST', 'cancel'],
        ['GET', 'cancellation-check'],
        ['GET', 'status'],
        ['GET', 'tree'],
        ['GET', 'events'],
      ] as const) {
        const response = await api.app.inject({ method, url: `/api/executions/${id}/${path}` });
        expect(response.statusCode).toBe(400);
        expect(response.json().error).toContain('is not a valid execution id');
      }
    },
  );
});

describe('a server that requires a reason', () => {
  it('answers 400 to a cancel without one, and writes nothing', async () => {
    const strict = await openApi({ requireReason: true });
    const id = nextIdAt(Date.now(), 'rust');
    await writeEvents(strict.db.pool, [{ execution_id: id, event_type: 'playbook_started' }]);
    const url = `/api/executions/${id}/cancel`;
    for (const payload of [undefined, {}, { reason: null }, { reason: ' ' }]) {
      const response = await strict.app.inject({ method: 'POST', url, ...(payload ? { payload } : {}) });
      expect([response.statusCode, response.json()]).toEqual([400, { error: 'a reason is required' }]);
    }
    expect((await strict.store.cancellationCheck(id))?.cancelled).toBe(false);
    expect((await strict.app.inject({ method: 'POST', url, payload: { reason: 'why' } })).statusCode).toBe(200);
    await strict.close();
  });
});

describe('GET /api/executions/{id}/cancellation-check', () => {
  it('answers as the seed shows, to the letter', async () => {
    const id = await execution();
    const before = await api.app.inject(`/api/executions/${id}/cancellation-check`);
    expect(before.body).toBe(
      `{"execution_id":"${id}","status":"RUNNING","event_type":"playbook_started","cancelled":false,"completed":false,"failed":false}`,
    );
    await cancel(id);
    const after = await api.app.inject(`/api/executions/${id}/cancellation-check`);
    expect(after.statusCode).toBe(200);
    expect(after.body).toBe(
      `{"execution_id":"${id}","status":"CANCELLED","event_type":"execution.cancelled","cancelled":true,"completed":false,"failed":false}`,
    );
  });

  it('does not know an execution that no event names', async () => {
    const response = await api.app.inject('/api/executions/12345/cancellation-check');
    expect(response.statusCode).toBe(404);
    expect(response.json()).toEqual({ error: 'Execution 12345 not found' });
  });
});

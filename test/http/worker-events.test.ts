import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nextIdAt, writeEvents } from '../helpers/database.js';
import { type ApiFixture, openApi } from './api-fixture.js';

let api: ApiFixture;
let id: string;
beforeAll(async () => {
  api = await openApi();
  id = nextIdAt(Date.now(), 'rust');
  await writeEvents(api.db.pool, [
    { execution_id: id, event_type: 'playbook_started' },
    { execution_id: id, event_type: 'command.issued', node_name: 'load', meta: { command_id: 'c1' } },
  ]);
});
afterAll(() => api.close());

const post = (body: unknown) =>
  api.app.inject({
    method: 'POST',
    url: '/api/events',
    headers: { 'content-type': 'application/json' },
    payload: JSON.stringify(body),
  });

const claim = (worker: string) => ({
  execution_id: id,
  event_type: 'command.claimed',
  step: 'load',
  worker_id: worker,
  meta: { command_id: 'c1' },
});

describe('POST /api/events', () => {
  it('lets one worker claim, start and complete a command', async () => {
    const claimed = await post(claim('w1'));
    expect(claimed.statusCode).toBe(201);
    expect(claimed.json()).toEqual({
      status: 'ok',
      event_id: expect.stringMatching(/^\d+$/),
      commands_generated: 0,
      duplicate: false,
    });
    expect((await post(claim('w1'))).json()).toMatchObject({ duplicate: true, event_id: claimed.json().event_id });
    const other = await post(claim('w2'));
    expect(other.statusCode).toBe(409);
    expect(other.json()).toEqual({ error: 'worker w1 holds the command' });
    for (const event_type of ['command.completed', 'command.failed']) {
      for (const worker_id of ['w2', null, undefined]) {
        const forged = await post({ ...claim('w2'), worker_id, event_type });
        expect([forged.statusCode, forged.json()]).toEqual([409, { error: 'worker w1 holds the command' }]);
      }
      // The command that is judged is the one that the row will name.
      const hidden = await post({ ...claim('w1'), event_type, command_id: 'c-other' });
      expect(hidden.statusCode).toBe(409);
      const unclaimed = await post({ ...claim('w1'), event_type, command_id: 'c5', meta: {} });
      expect(unclaimed.json()).toEqual({ error: 'no worker holds the command' });
    }
    // The names that older workers use for the type and the payload.
    const done = await post({
      execution_id: id,
      name: 'command.completed',
      step: 'load',
      command_id: 'c1',
      worker_id: 'w1',
      status: 'success',
      payload: { rows: 3 },
      actionable: true,
      informative: false,
    });
    expect(done.statusCode).toBe(201);
    const { rows } = await api.db.pool.query(
      'SELECT * FROM noetl.event WHERE execution_id = $1 ORDER BY event_id DESC LIMIT 1',
      [id],
    );
    expect(rows[0]).toMatchObject({
      event_type: 'command.completed',
      status: 'success',
      node_name: 'load',
      worker_id: 'w1',
      context: { rows: 3 },
      meta: { command_id: 'c1', worker_id: 'w1', actionable: true, informative: false },
    });
  });

  it.each<[string, Record<string, unknown>, number, string]>([
    ['an execution that no event names', { execution_id: '4711' }, 404, 'Execution 4711 not found'],
    ['an id as a number', { execution_id: 4711 }, 400, 'execution_id must be string'],
    ['an id that is none', { execution_id: 'x' }, 400, 'is not a valid execution id'],
    ['no type', { event_type: undefined }, 400, 'event_type is missing'],
    ['no step', { step: undefined }, 400, "must have required property 'step'"],
    ['an issue, which is the engine’s', { event_type: 'command.issued' }, 400, 'must be one of'],
    ['the end of an execution', { event_type: 'execution.cancelled' }, 400, 'must be one of'],
    ['an unknown field', { colour: 'red' }, 400, 'unknown field "colour"'],
    ['a list as meta', { meta: [] }, 400, 'meta must be object,null'],
    [
      'a worker’s name that is no text',
      { worker_id: undefined, meta: { command_id: 'c1', worker_id: 5 } },
      400,
      'meta.worker_id must be string',
    ],
    ['a NUL character', { context: { a: 'x\u0000y' } }, 400, 'NUL'],
    ['a NUL in the worker’s name', { worker_id: 'w\u0000', command_id: 'c9' }, 400, 'NUL'],
  ])('refuses %s', async (_what, body, code, problem) => {
    const response = await post({ ...claim('w'), ...body });
    expect(response.json().error).toContain(problem);
    expect(response.statusCode).toBe(code);
  });

  it('takes a text that the database cannot keep in a column for the caller’s mistake', async () => {
    const response = await post({ ...claim('w'), command_id: 'c7', status: 'x'.repeat(51) });
    expect(response.statusCode).toBe(400);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nextIdAt, writeEvents } from '../helpers/database.js';
import { type ApiFixture, openApi } from './api-fixture.js';

const HOUR = 3_600_000;
let api: ApiFixture;
const stuck = nextIdAt(Date.now() - HOUR);
const post = (payload: object, url = '/api/executions/cleanup') => api.app.inject({ method: 'POST', url, payload });
const despite = async () =>
  (
    await api.db.pool.query(
      `SELECT meta->'despite' AS despite FROM noetl.event WHERE event_type = 'execution.cancelled'`,
    )
  ).rows;

beforeAll(async () => {
  api = await openApi();
  await writeEvents(
    api.db.pool,
    ['playbook.initialized', 'command.issued'].map((event_type, index) => ({
      execution_id: stuck,
      event_type,
      node_name: 'a',
      created_at: Date.now() - HOUR + index,
    })),
  );
  await api.db.pool.query('TRUNCATE noetl.runtime');
  await api.db.pool.query(
    `INSERT INTO noetl.runtime (runtime_id, name, kind, status, heartbeat, created_at) VALUES
      (1, 'w', 'worker_pool', 'ready', now() - interval '5 min', now() - interval '1 hour'),
      (2, 's', 'server_api', 'ready', now() + interval '1 min', now() - interval '1 hour')`,
  );
});
afterAll(() => api?.close());

describe('while no worker is alive', () => {
  it('GET /api/conditions says what holds, what shows it, and what is unknown', async () => {
    const response = await api.app.inject('/api/conditions');
    expect(response.statusCode).toBe(200);
    expect(response.json()).toMatchObject({
      safe_to_judge: false,
      worker_liveness: 'known',
      workers: { alive: 0, registered: 1 },
      conditions: [{ condition: 'no-workers', count: 1, names: ['w'], until: null, remaining_seconds: null }],
      unknown: [{ condition: 'log-behind', why: expect.stringContaining('noetl.command') }],
    });
    expect(response.json().conditions[0].since).toMatch(/^20.*Z$/);
  });

  it('nothing is safe in lists and single executions, and a header names why', async () => {
    const list = await api.app.inject('/api/executions?status=stale');
    expect(list.json()).toMatchObject([{ execution_id: stuck, code: 'never-claimed', safe: false }]);
    expect(list.headers['x-noetl-conditions']).toBe('no-workers');
    const one = await api.app.inject(`/api/executions/${stuck}`);
    expect(one.json()).toMatchObject({ code: 'never-claimed', safe: false });
    expect(one.headers['x-noetl-conditions']).toBe('no-workers');
  });

  it('the metrics have a gauge for each that can be decided, and move the counts to not safe', async () => {
    const { body } = await api.app.inject('/metrics');
    expect(body).toContain('noetl_engine_condition{condition="no-workers"} 1');
    expect(body).toContain('noetl_engine_condition{condition="engine-down"} 0');
    expect(body).toContain('noetl_engine_condition{condition="workers-returned"} 0');
    expect(body).not.toContain('condition="log-behind"');
    expect(body).toContain('noetl_stale_executions{code="never-claimed",safe="false"} 1');
    expect(body).toContain('noetl_stale_executions{code="never-claimed",safe="true"} 0');
  });

  it('cleanup is refused with 409 and what to fix; a dry run shows the plan and why', async () => {
    const refused = await post({});
    expect(refused.statusCode).toBe(409);
    expect(Object.keys(refused.json())).toEqual(['error']);
    expect(refused.json().error).toMatch(/^cleanup is refused: .*no-workers: 1 command waits .*start a worker pool/);
    expect((await post({ despite: ['engine-down'] })).statusCode).toBe(409);
    const dry = await post({ dry_run: true });
    expect(dry.statusCode).toBe(200);
    expect(dry.json()).toMatchObject({ executions: [stuck], refused_by: [{ condition: 'no-workers' }] });
    expect(await despite()).toEqual([]);
    for (const wrong of [['nothing'], 'no-workers']) expect((await post({ despite: wrong })).statusCode).toBe(400);
  });

  it('an override cancels and is written', async () => {
    const done = await post({ despite: ['no-workers'] });
    expect(done.json()).toMatchObject({ status: 'ok', executions: [stuck] });
    expect(await despite()).toEqual([{ despite: ['no-workers'] }]);
  });
});

it('a cancel by id is not refused while a condition holds', async () => {
  const chosen = nextIdAt(Date.now() - HOUR);
  await writeEvents(api.db.pool, [
    { execution_id: chosen, event_type: 'playbook.initialized', created_at: Date.now() - HOUR },
    { execution_id: chosen, event_type: 'command.issued', node_name: 'a', created_at: Date.now() - HOUR + 1 },
  ]);
  expect((await post({}, `/api/executions/${chosen}/cancel`)).statusCode).toBe(200);
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nextIdAt, writeEvents } from '../helpers/database.js';
import { type ApiFixture, openApi } from './api-fixture.js';

let api: ApiFixture;
const id = nextIdAt(Date.now() - 600_000, 'rust');

beforeAll(async () => {
  api = await openApi();
  const common = { execution_id: id, path: 'etl/poll' };
  await writeEvents(api.db.pool, [
    { ...common, event_type: 'playbook_started', node_name: 'etl/poll', created_at: Date.now() - 600_000 },
    ...Array.from({ length: 7 }, (_, index) => ({
      ...common,
      event_type: 'command.claimed',
      node_name: 'load',
      worker_id: `worker-${index}`,
      meta: { command_id: 'c1' },
      created_at: Date.now() - 60_000 + index * 1000,
    })),
  ]);
});
afterAll(() => api?.close());

const get = async (url: string) => {
  const response = await api.app.inject({ url });
  return { code: response.statusCode, body: response.json(), headers: response.headers };
};

describe('GET /api/runaway', () => {
  it('answers what runs away, with the evidence', async () => {
    const { code, body, headers } = await get('/api/runaway');
    expect([code, headers['x-noetl-has-more']]).toEqual([200, 'false']);
    expect(body).toMatchObject([
      {
        execution_id: id,
        status: 'RUNNING',
        code: 're-driven',
        evidence: { observed: 7, node: 'load', command_id: 'c1', worker_id: 'worker-6', baseline_runs: 0 },
        rate: { of: 'events' },
      },
    ]);
  });

  it('takes a path and a limit, and refuses what it does not know', async () => {
    expect((await get('/api/runaway?path=none/*')).body).toEqual([]);
    expect((await get('/api/runaway?limit=0')).code).toBe(400);
    expect((await get('/api/runaway?factor=3')).code).toBe(400);
    expect((await get('/api/runaway?path=*a*b*c*d*e*f*g*h*i*')).body).toEqual([]);
  });

  it('is in the OpenAPI document and in the metrics', async () => {
    expect(Object.keys((await get('/api/openapi.json')).body.paths)).toContain('/api/runaway');
    const metrics = await api.app.inject({ url: '/metrics' });
    expect(metrics.body).toContain('noetl_runaway_executions{code="re-driven"} 1');
    expect(metrics.body).toContain('noetl_runaway_executions{code="spawning"} 0');
  });
});

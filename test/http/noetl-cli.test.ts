import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApi } from '../../source/http/api.js';
import { createServices } from '../../source/service/use-cases.js';
import { nextIdAt, writeEvents } from '../helpers/database.js';
import { type ApiFixture, openApi } from './api-fixture.js';

/**
 * What NoETL's own command line sends, and how it reads what comes back (its public source): `cancel` takes texts from
 * cancelled_executions, `cleanup` numbers from execution_ids, `query` arrays from result.
 */
let api: ApiFixture;
let asking: Awaited<ReturnType<typeof createApi>>;
beforeAll(async () => {
  api = await openApi();
  asking = await createApi({
    services: createServices(api.store),
    token: null,
    version: '1',
    logger: false,
    allowQuery: true,
  });
});
afterAll(async () => {
  await asking.close();
  await api.close();
});

const minutesAgo = (minutes: number) => Date.now() - minutes * 60_000;
async function silentRun(): Promise<string> {
  const id = nextIdAt(minutesAgo(90), 'rust');
  await writeEvents(api.db.pool, [
    { execution_id: id, event_type: 'playbook_started', status: 'STARTED', created_at: minutesAgo(90), layout: 'rust' },
    {
      execution_id: id,
      event_type: 'command.issued',
      status: 'PENDING',
      node_name: 'load',
      created_at: minutesAgo(80),
      layout: 'rust',
    },
  ]);
  return id;
}
const query = (payload: object, app = asking) => app.inject({ method: 'POST', url: '/api/postgres/execute', payload });
/** A field as serde_json's as_i64 would see it: the digits of a number literal. */
const numbersIn = (body: string, field: string) =>
  new RegExp(`"${field}":\\[([\\d,]*)\\]`).exec(body)?.[1]?.split(',').filter(Boolean);

describe('noetl cancel, status and execute status', () => {
  it('cancel: {cascade, reason} in, status, cancelled_executions and message out', async () => {
    const id = await silentRun();
    const answer = await api.app.inject({
      method: 'POST',
      url: `/api/executions/${id}/cancel`,
      payload: { cascade: false, reason: 'Detected infinite loop' },
    });
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      { status: 'cancelled', execution_id: id, cancelled_executions: [id], message: 'Cancelled 1 execution(s)' },
    ]);
    const status = (await api.app.inject(`/api/executions/${id}/status`)).json();
    expect(status).toMatchObject({ completed: true, failed: false, completed_steps: [], current_step: 'load' });
    expect(typeof status.duration_human).toBe('string');
    const fallback = await api.app.inject(`/api/executions/${id}?page=1&page_size=10`);
    expect([fallback.statusCode, fallback.json().status]).toEqual([200, 'CANCELLED']);
  });
});

describe('noetl cleanup', () => {
  it('reads the ids as numbers that keep their digits, in a dry run and in a real one', async () => {
    const id = await silentRun();
    expect(BigInt(id)).toBeGreaterThan(2n ** 53n);
    const payload = { older_than_minutes: 60, dry_run: true };
    const dry = await api.app.inject({ method: 'POST', url: '/api/executions/cleanup', payload });
    expect(dry.headers['content-type']).toMatch(/^application\/json/);
    expect(numbersIn(dry.body, 'execution_ids')).toEqual([id]);
    expect(dry.json()).toMatchObject({ cancelled_count: 1, executions: [id], dry_run: true });
    const real = await api.app.inject({
      method: 'POST',
      url: '/api/executions/cleanup',
      payload: { ...payload, dry_run: false },
    });
    expect(numbersIn(real.body, 'execution_ids')).toEqual([id]);
    const none = await api.app.inject({ method: 'POST', url: '/api/executions/cleanup', payload });
    expect(none.json()).toMatchObject({ cancelled_count: 0, execution_ids: [] });
  });
});

describe('noetl query', () => {
  it('is off unless the server was started with it', async () => {
    const answer = await query({ query: 'SELECT 1', schema: 'noetl' }, api.app);
    expect([answer.statusCode, answer.json()]).toEqual([
      403,
      { error: 'queries are switched off here; start serve with --allow-query' },
    ]);
  });

  it('answers arrays of values in the order of the columns, with every digit of a bigint', async () => {
    const id = await silentRun();
    const answer = await query({
      query: `SELECT execution_id, node_name, event_type = 'command.issued' AS issued, meta, 1.50::numeric AS n, 'NaN'::float8 AS nan
        FROM event WHERE execution_id = ${id} ORDER BY event_id`,
      schema: 'noetl',
    });
    expect(answer.statusCode).toBe(200);
    expect(answer.body).toContain(`"result":[[${id},null,false,null,1.50,"NaN"],[${id},"load",true,`);
    expect(answer.json()).toMatchObject({
      status: 'ok',
      columns: ['execution_id', 'node_name', 'issued', 'meta', 'n', 'nan'],
      truncated: false,
    });
  });

  it('takes no rows, quotes and big JSON numbers as they are', async () => {
    expect((await query({ query: 'SELECT 1 WHERE false', schema: 'noetl' })).json().result).toEqual([]);
    const odd = await query({
      query: `SELECT 'a "quoted"\nline' AS t, '{"id": 9223372036854775807}'::jsonb AS j`,
      schema: 'noetl',
    });
    expect(odd.body).toContain(String.raw`"result":[["a \"quoted\"\nline",{"id":9223372036854775807}]]`);
  });

  it.each([
    ['DELETE FROM noetl.event', /query only reads/],
    ['SELECT pg_terminate_backend(1)', /may change something/],
    ['SELECT 1; SELECT 2', /one statement at a time/],
    ['SELECT nonsense', /PostgreSQL refuses the query/],
  ])('refuses %s', async (sql, problem) => {
    const answer = await query({ query: sql, schema: 'noetl' });
    expect(answer.statusCode).toBe(400);
    expect(answer.json().error).toMatch(problem);
  });

  it('refuses a schema that is a statement, and fields that it does not know', async () => {
    const answer = await query({ query: 'SELECT 1 FROM event LIMIT 1', schema: 'noetl; DROP TABLE event' });
    expect([answer.statusCode, answer.json().error]).toEqual([400, expect.stringContaining('does not exist')]);
    expect((await query({ query: 'SELECT 1', connection_string: 'postgres://elsewhere' })).statusCode).toBe(400);
    expect((await query({ schema: 'noetl' })).statusCode).toBe(400);
  });
});

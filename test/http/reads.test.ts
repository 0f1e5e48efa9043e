import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nextIdAt, writeEvents } from '../helpers/database.js';
import { type ApiFixture, openApi } from './api-fixture.js';

let api: ApiFixture;
let root: string;
let child: string;
let stale: string;
const HOUR = 3_600_000;

beforeAll(async () => {
  api = await openApi();
  [root, child, stale] = [nextIdAt(Date.now() - 9000, 'rust'), nextIdAt(Date.now() - 8000, 'rust'), nextIdAt()] as [
    string,
    string,
    string,
  ];
  const at = Date.now() - 9000;
  await writeEvents(api.db.pool, [
    { execution_id: root, event_type: 'playbook_started', path: 'etl/root', created_at: at },
    {
      execution_id: root,
      event_type: 'command.issued',
      node_name: 'load',
      path: 'etl/root',
      created_at: at + 1,
      meta: { command_id: 'c1' },
    },
    {
      execution_id: root,
      event_type: 'command.completed',
      node_name: 'load',
      path: 'etl/root',
      created_at: at + 2,
      meta: { command_id: 'c1' },
      context: { api_key: 'secret' },
    },
    {
      execution_id: child,
      event_type: 'playbook_started',
      parent_execution_id: root,
      path: 'etl/child',
      created_at: at + 3,
    },
    { execution_id: child, event_type: 'playbook.failed', path: 'etl/child', created_at: at + 4, error: 'boom' },
    { execution_id: stale, event_type: 'playbook.initialized', path: 'old/one', created_at: Date.now() - 5 * HOUR },
    {
      execution_id: stale,
      event_type: 'command.issued',
      node_name: 'go',
      path: 'old/one',
      created_at: Date.now() - 5 * HOUR + 1,
    },
  ]);
});
afterAll(() => api.close());

const get = (url: string) => api.app.inject(url);

describe('reading executions', () => {
  it('lists them, newest first, with filters', async () => {
    const all = await get('/api/executions');
    expect(all.statusCode).toBe(200);
    expect(all.json().map((one: { execution_id: string }) => one.execution_id)).toEqual([child, root, stale]);
    expect(all.headers['x-noetl-has-more']).toBe('false');
    const ids = async (query: string) =>
      (await get(`/api/executions?${query}`)).json().map((one: { execution_id: string }) => one.execution_id);
    expect(await ids('status=running')).toEqual([root]);
    expect(await ids('status=failed')).toEqual([child]);
    expect(await ids('path=etl/*')).toEqual([child, root]);
    expect(await ids(`parent=${root}`)).toEqual([child]);
    expect(await ids('since=1h')).toEqual([child, root]);
    expect(await ids(`since=${encodeURIComponent(new Date(Date.now() - HOUR).toISOString())}`)).toEqual([child, root]);
    const one = await get('/api/executions?limit=1');
    expect(one.json()).toHaveLength(1);
    expect(one.headers['x-noetl-has-more']).toBe('true');
  });

  it('says why a stale one is stale', async () => {
    const [listed] = (await get('/api/executions?status=stale')).json();
    expect(listed).toMatchObject({ execution_id: stale, status: 'STALE', code: 'never-claimed', safe: true });
    const single = (await get(`/api/executions/${stale}`)).json();
    expect(single).toMatchObject({ path: 'old/one', code: 'never-claimed', children: { all: 0, live: 0 } });
    expect(single.evidence.sentence).toEqual(expect.any(String));
  });

  it.each([
    ['status=odd', 'status must be one of'],
    ['status=running&status=failed', 'status must be string'],
    ['limit=0', 'limit'],
    ['limit=10001', 'limit'],
    ['limit=ten', 'limit'],
    ['since=yesterday', 'since must be a time'],
    ['since=9999-99-99', 'since must be a time'],
    ['parent=abc', 'is not a valid execution id'],
    ['colour=red', 'unknown field "colour"'],
  ])('refuses the query %s', async (query, problem) => {
    const response = await get(`/api/executions?${query}`);
    expect(response.statusCode).toBe(400);
    expect(response.json().error).toContain(problem);
  });

  it('shows one execution and its children', async () => {
    expect((await get(`/api/executions/${root}`)).json()).toMatchObject({
      execution_id: root,
      path: 'etl/root',
      status: 'RUNNING',
      last_event: { type: 'command.completed', node: 'load' },
      children: { all: 1, live: 0, failed: 1, at_least: false },
      step: 'load',
      parent_status: null,
      first_error: null,
    });
    expect((await get(`/api/executions/${child}`)).json()).toMatchObject({
      parent_status: 'RUNNING',
      first_error: { text: 'boom' },
    });
  });

  it('says whether the work of a cancelled one has stopped, alone and in a list', async () => {
    const id = nextIdAt(Date.now() - HOUR / 2);
    const rows = ['playbook_started', 'command.issued', 'command.claimed', 'execution.cancelled'].map((event_type) => ({
      execution_id: id,
      event_type,
      node_name: 'load',
      path: 'adhoc/cancelled',
      created_at: Date.now() - HOUR / 2,
      meta: { command_id: 'c', reason: 'test', cancelled_by: 'ann@ops', batch_id: 'b-1' },
    }));
    await writeEvents(api.db.pool, rows);
    const one = (await get(`/api/executions/${id}`)).json();
    expect(one).toMatchObject({
      status: 'CANCELLED',
      cancellation: { cancelled_by: 'ann@ops', reason: 'test', batch_id: 'b-1' },
      stop: { phase: 'draining', draining: 1, explanation: expect.stringMatching(/^draining: 1 command in progress/) },
    });
    const [listed] = (await get('/api/executions?status=cancelled')).json();
    expect(listed).toMatchObject({ execution_id: id, stop: one.stop });
    const metrics = await get('/metrics');
    expect(metrics.payload).toContain('noetl_cancellations{phase="draining"} 1');
    expect(metrics.payload).toContain('noetl_cancellations{phase="stopped"} 0');
    await api.db.pool.query('DELETE FROM noetl.event WHERE execution_id = $1', [id]);
  });

  it('shows how far it is, in the fields that noetl status reads', async () => {
    expect((await get(`/api/executions/${root}/status`)).json()).toMatchObject({
      execution_id: root,
      status: 'RUNNING',
      current_step: 'load',
      completed_steps: ['load'],
      completed: false,
      failed: false,
      end_time: null,
      duration_human: expect.stringMatching(/^\d+s$/),
    });
    expect((await get(`/api/executions/${child}/status`)).json()).toMatchObject({
      status: 'FAILED',
      completed: true,
      failed: true,
      error: 'boom',
    });
  });

  it('shows the tree', async () => {
    const tree = (await get(`/api/executions/${root}/tree`)).json();
    expect(tree).toMatchObject({
      root,
      truncated: false,
      cycles: [],
      executions: [
        { execution_id: root, depth: 0, under: null },
        { execution_id: child, depth: 1, under: root, status: 'FAILED' },
      ],
    });
  });

  it('pages through events and never shows payloads unmasked', async () => {
    const first = (await get(`/api/executions/${root}/events?after=0&limit=2`)).json();
    expect(first).toMatchObject({ has_more: true, events: [{ type: 'playbook_started' }, { type: 'command.issued' }] });
    expect(first.events[0]).not.toHaveProperty('context');
    const next = await get(`/api/executions/${root}/events?after=${first.events[1].event_id}&payloads=masked`);
    expect(next.json()).toMatchObject({ has_more: false, events: [{ type: 'command.completed' }] });
    expect(next.body).not.toContain('secret');
    expect(next.body).toContain('api_key');
    const newest = (await get(`/api/executions/${root}/events?limit=1`)).json();
    expect(newest.events[0].type).toBe('command.completed');
    const past = await get(`/api/executions/${root}/events?after=9223372036854775806`);
    expect(past.json()).toEqual({ events: [], has_more: false });
    const [low, inner, high] = (await get(`/api/executions/${root}/events?after=0`)).json().events;
    const between = await get(`/api/executions/${root}/events?after=${low.event_id}&before=${high.event_id}`);
    expect(between.json()).toMatchObject({ events: [{ event_id: inner.event_id }], has_more: false });
    for (const query of ['after=1&before=x', 'payloads=revealed', 'after=x', 'limit=1001']) {
      expect((await get(`/api/executions/${root}/events?${query}`)).statusCode).toBe(400);
    }
  });

  it('does not know what no event names', async () => {
    for (const path of ['', '/status', '/tree', '/events']) {
      const response = await get(`/api/executions/4711${path}`);
      expect(response.statusCode).toBe(404);
      expect(response.json()).toEqual({ error: 'Execution 4711 not found' });
    }
  });
});

describe('cleanup', () => {
  const cleanup = (body?: unknown) =>
    api.app.inject({
      method: 'POST',
      url: '/api/executions/cleanup',
      ...(body === undefined ? {} : { payload: body as object }),
    });

  it('shows what it would do, does it, and finds nothing more', async () => {
    const dry = await cleanup({ older_than_minutes: 60, dry_run: true });
    expect(dry.statusCode).toBe(200);
    expect(dry.json()).toMatchObject({ status: 'ok', cancelled_count: 1, executions: [stale], dry_run: true });
    expect(dry.body).toContain(`"execution_ids":[${stale}]`);
    const wet = await cleanup({ older_than_minutes: 60 });
    expect(wet.json()).toMatchObject({
      cancelled_count: 1,
      executions: [stale],
      message: 'Cancelled 1 execution(s)',
    });
    expect((await cleanup()).json()).toMatchObject({ cancelled_count: 0, executions: [], execution_ids: [] });
    expect((await get(`/api/executions/${stale}/cancellation-check`)).json().cancelled).toBe(true);
  });

  it.each([
    { older_than_minutes: 0 },
    { older_than_minutes: '10' },
    { older_than_minutes: 1.5 },
    { dry_run: 'yes' },
    { all: true },
  ])('refuses %j', async (body) => {
    expect((await cleanup(body)).statusCode).toBe(400);
  });
});

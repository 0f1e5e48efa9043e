import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApi } from '../../source/http/api.js';
import { createServices } from '../../source/service/use-cases.js';
import { StoreError } from '../../source/store/errors.js';
import { type ApiFixture, openApi } from './api-fixture.js';

let api: ApiFixture;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

describe('the surface of the API', () => {
  it.each([
    ['GET', '/api/executions/5/cancel', 'POST'],
    ['DELETE', '/api/executions/5/cancel', 'POST'],
    ['POST', '/api/executions/5/cancellation-check', 'GET, HEAD'],
    ['PUT', '/api/executions', 'GET, HEAD'],
    ['POST', '/api/executions/5', 'GET, HEAD'],
    ['GET', '/api/events', 'POST'],
    ['PATCH', '/api/health', 'GET, HEAD'],
    ['OPTIONS', '/metrics', 'GET, HEAD'],
  ] as const)('%s %s is 405 and names what is allowed', async (method, url, allow) => {
    const response = await api.app.inject({ method, url, payload: method === 'PUT' ? '{broken' : undefined });
    expect(response.statusCode).toBe(405);
    expect(response.headers.allow).toBe(allow);
    expect(response.json()).toEqual({ error: `this address takes ${allow}` });
  });

  it.each(['/', '/api', '/api/executions/5/nothing', '/api/executions/5/cancel/more', '/favicon.ico'])(
    '%s is 404',
    async (url) => {
      const response = await api.app.inject(url);
      expect(response.statusCode).toBe(404);
      expect(response.json()).toEqual({ error: `no route for GET ${url}` });
    },
  );

  it('refuses a URL that cannot be decoded', async () => {
    const response = await api.app.inject('/api/executions/%zz/status');
    expect(response.statusCode).toBe(400);
    expect(response.json()).toEqual({ error: 'the URL is not valid' });
  });

  it('describes itself by its schemas', async () => {
    const document = (await api.app.inject('/api/openapi.json')).json();
    expect(document.openapi).toBe('3.1.0');
    expect(document.info.version).toBe('9.9.9');
    expect(Object.keys(document.paths).sort()).toEqual([
      '/api/conditions',
      '/api/events',
      '/api/executions',
      '/api/executions/cleanup',
      '/api/executions/{id}',
      '/api/executions/{id}/cancel',
      '/api/executions/{id}/cancellation-check',
      '/api/executions/{id}/events',
      '/api/executions/{id}/status',
      '/api/executions/{id}/tree',
      '/api/health',
      '/api/openapi.json',
      '/api/postgres/execute',
      '/api/runaway',
      '/metrics',
    ]);
    const cancel = document.paths['/api/executions/{id}/cancel'];
    expect(Object.keys(cancel)).toEqual(['post']);
    expect(cancel.post.requestBody.content['application/json'].schema.properties.cascade.default).toBe(true);
    expect(Object.keys(cancel.post.responses)).toEqual(['200', '400', '401', '404', '409', '503']);
  });

  it('serves metrics: requests by route, cancels by outcome, executions by status and stale ones by code', async () => {
    await api.app.inject({ method: 'POST', url: '/api/executions/4712/cancel' });
    const response = await api.app.inject('/metrics');
    expect(response.statusCode).toBe(200);
    expect(response.headers['content-type']).toContain('text/plain');
    expect(response.body).toContain('noetl_executions{status="RUNNING"} 0');
    expect(response.body).toContain('noetl_stale_executions{code="never-claimed",safe="true"} 0');
    expect(response.body).toContain('noetl_executions_ended_last_hour{status="CANCELLED"} 0');
    expect(response.body).toContain('noetl_cancels_total{outcome="unknown"} 1');
    expect(response.body).toMatch(
      /request_duration_seconds_count\{method="POST",route="\/api\/executions\/:id\/cancel",status="404"\} 1/,
    );
    expect(response.body).not.toContain('4712');
  });

  it('reads the counts once for many scrapes', async () => {
    let reads = 0;
    const store = {
      ...api.store,
      activeExecutions: (...args: Parameters<typeof api.store.activeExecutions>) => {
        reads++;
        return api.store.activeExecutions(...args);
      },
    };
    const app = await createApi({ services: createServices(store), token: null, version: '1', logger: false });
    await Promise.all(Array.from({ length: 20 }, () => app.inject('/metrics')));
    const once = reads;
    for (let scrape = 0; scrape < 20; scrape++) await app.inject('/metrics');
    expect(once).toBeGreaterThan(0);
    expect(reads).toBe(once);
    await app.close();
  });

  it('tells what the database’s failures mean, and hides what nobody outside should see', async () => {
    const failing = (error: unknown) => ({ ...api.store, cancellationCheck: async () => Promise.reject(error) });
    const answer = async (error: unknown) => {
      const log: string[] = [];
      const app = await createApi({
        services: createServices(failing(error)),
        token: null,
        version: '1',
        logger: { stream: { write: (line) => log.push(line) } },
      });
      const response = await app.inject('/api/executions/5/cancellation-check');
      await app.close();
      return {
        code: response.statusCode,
        body: response.json(),
        retry: response.headers['retry-after'],
        log: log.join(''),
      };
    };
    for (const kind of ['unreachable', 'authentication', 'timeout', 'busy', 'no-schema'] as const) {
      expect(await answer(new StoreError(kind, 'cannot reach it'))).toMatchObject({
        code: 503,
        body: { error: 'cannot reach it' },
        retry: '1',
      });
    }
    const odd = await answer(new StoreError('other', 'syntax error at "secret"'));
    expect(odd).toMatchObject({ code: 500, body: { error: 'the database failed; the log says more' } });
    expect(odd.log).toContain('syntax error');
    const bug = await answer(new TypeError('undefined is not a function'));
    expect(bug).toMatchObject({ code: 500, body: { error: 'internal error; the log says more' } });
    expect(bug.log).toContain('undefined is not a function');
  });
});

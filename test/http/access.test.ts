import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiFixture, openApi } from './api-fixture.js';

const TOKEN = 'correct horse battery staple';

describe('with a token', () => {
  let api: ApiFixture;
  const log: string[] = [];
  beforeAll(async () => {
    api = await openApi({ token: TOKEN, logger: { stream: { write: (line) => log.push(line) } } });
  });
  afterAll(() => api.close());

  it.each<[string, string | undefined, number]>([
    ['none', undefined, 401],
    ['a wrong one', 'Bearer wrong', 401],
    ['a longer one', `Bearer ${TOKEN}x`, 401],
    ['a prefix of it', `Bearer ${TOKEN.slice(0, -1)}`, 401],
    ['another scheme', `Basic ${TOKEN}`, 401],
    ['the right one', `Bearer ${TOKEN}`, 200],
    ['the right one, with the scheme in lower case', `bearer ${TOKEN}`, 200],
  ])('%s is answered rightly', async (_what, authorization, code) => {
    const headers = authorization === undefined ? {} : { authorization };
    const response = await api.app.inject({ url: '/api/executions', headers });
    expect(response.statusCode).toBe(code);
    if (code === 401) {
      expect(Object.keys(response.json())).toEqual(['error']);
      expect(response.headers['www-authenticate']).toBe('Bearer');
    }
  });

  it('guards everything but health: metrics, the document, unknown addresses and other methods', async () => {
    for (const url of ['/metrics', '/api/openapi.json', '/nothing']) {
      expect((await api.app.inject(url)).statusCode).toBe(401);
    }
    expect((await api.app.inject({ method: 'DELETE', url: '/api/executions' })).statusCode).toBe(401);
    expect((await api.app.inject({ method: 'POST', url: '/api/executions/5/cancel' })).statusCode).toBe(401);
    expect((await api.app.inject('/api/health')).statusCode).toBe(200);
  });

  it('writes neither the token nor a body nor a query to the log', async () => {
    await api.app.inject({
      method: 'POST',
      url: '/api/executions/5/cancel?x=private-query',
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      payload: JSON.stringify({ reason: 'private-reason' }),
    });
    const text = log.join('');
    expect(text).toContain('/api/executions/5/cancel');
    expect(text).not.toMatch(/private-|correct horse/);
    for (const line of log) expect(() => JSON.parse(line)).not.toThrow();
  });
});

describe('without a token', () => {
  let api: ApiFixture;
  beforeAll(async () => {
    api = await openApi();
  });
  afterAll(() => api.close());

  it.each(['127.0.0.1:8082', 'localhost:8082', 'localhost', '[::1]:8082', '127.8.9.1'])(
    'serves the host %s',
    async (host) => {
      expect((await api.app.inject({ url: '/api/executions', headers: { host } })).statusCode).toBe(200);
    },
  );

  it.each(['evil.example', 'evil.example:8082', '127.0.0.1.evil.example', 'localhost.evil.example', '10.0.0.5:8082'])(
    'refuses the host %j, which a rebound name would send',
    async (host) => {
      const response = await api.app.inject({ url: '/api/executions', headers: { host } });
      expect(response.statusCode).toBe(403);
      expect(Object.keys(response.json())).toEqual(['error']);
    },
  );

  it('refuses what a page of another origin makes a browser send', async () => {
    const send = (headers: Record<string, string>) =>
      api.app.inject({
        method: 'POST',
        url: '/api/executions/5/cancel',
        headers: { host: 'localhost:8082', ...headers },
      });
    expect((await send({ origin: 'https://evil.example' })).statusCode).toBe(403);
    expect((await send({ origin: 'null' })).statusCode).toBe(403);
    for (const site of ['cross-site', 'same-site', 'nonsense']) {
      expect((await send({ 'sec-fetch-site': site })).statusCode).toBe(403);
      const read = { url: '/api/executions', headers: { host: 'localhost:8082', 'sec-fetch-site': site } };
      expect((await api.app.inject(read)).statusCode).toBe(403);
    }
    expect((await send({ 'sec-fetch-site': 'same-origin' })).statusCode).toBe(404);
    expect((await send({ 'sec-fetch-site': 'none' })).statusCode).toBe(404);
    expect((await send({ origin: 'http://localhost:8082' })).statusCode).toBe(404);
    expect((await send({})).statusCode).toBe(404);
  });
});

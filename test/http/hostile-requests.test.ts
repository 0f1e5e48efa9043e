import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningServer, startServer } from '../../source/http/server.js';
import { createServices } from '../../source/service/use-cases.js';
import { nextIdAt, writeEvents } from '../helpers/database.js';
import { type ApiFixture, openApi } from './api-fixture.js';

let api: ApiFixture;
let server: RunningServer;
let id: string;
beforeAll(async () => {
  api = await openApi();
  server = await startServer({ services: createServices(api.store), port: 0, version: '1', logger: false });
  id = nextIdAt(Date.now(), 'rust');
  await writeEvents(api.db.pool, [{ execution_id: id, event_type: 'playbook_started' }]);
});
afterAll(async () => {
  await server.close();
  await api.close();
});

const rows = async () => Number((await api.db.pool.query('SELECT count(*) FROM noetl.event')).rows[0].count);
const deep = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;

/** Every place of a body that takes a text, with what JSON may hold and PostgreSQL may not. */
const BODIES = [
  ['a lone high surrogate', '"\\ud800"'],
  ['a lone low surrogate', '"x\\udc00y"'],
  ['surrogates the wrong way round', '"\\udc00\\ud800"'],
  ['a NUL', '"a\\u0000b"'],
].flatMap(([what, text]) => [
  [`${what} in a reason`, '/api/executions/ID/cancel', `{"reason":${text}}`],
  ...['step', 'command_id', 'worker_id', 'status'].map((field) => [
    `${what} in ${field}`,
    '/api/events',
    `{"execution_id":"ID","event_type":"command.claimed","step":"s","${field}":${text}}`,
  ]),
  ...['meta', 'context', 'payload'].flatMap((field) =>
    [`{"k":${text}}`, `{${text}:1}`, `{"k":[{"k":${text}}]}`].map((value) => [
      `${what} in ${field} ${value.slice(0, 3)}`,
      '/api/events',
      `{"execution_id":"ID","event_type":"command.claimed","step":"s","${field}":${value}}`,
    ]),
  ),
  [`${what} as an id`, '/api/events', `{"execution_id":${text},"event_type":"command.claimed","step":"s"}`],
  [`${what} as a key`, '/api/executions/cleanup', `{${text}:1}`],
]) as [string, string, string][];

describe('a body that no database can hold', () => {
  it.each([
    ...BODIES,
    ['65 levels', '/api/events', `{"execution_id":"ID","event_type":"command.claimed","step":"s","meta":${deep(65)}}`],
    [
      '10000 levels',
      '/api/events',
      `{"execution_id":"ID","event_type":"command.claimed","step":"s","meta":${deep(10_000)}}`,
    ],
    ['30000 lists', '/api/executions/ID/cancel', `${'['.repeat(30_000)}${']'.repeat(30_000)}`],
    ['10000 levels of a reason', '/api/executions/ID/cancel', `{"reason":${deep(10_000)}}`],
  ])('%s is 400, and nothing is written', async (_what, url, payload) => {
    const before = await rows();
    const response = await api.app.inject({
      method: 'POST',
      url: url.replace('ID', id),
      headers: { 'content-type': 'application/json' },
      payload: payload.replace('ID', id),
    });
    expect([response.statusCode, Object.keys(response.json())]).toEqual([400, ['error']]);
    expect(await rows()).toBe(before);
  });

  it('is 400 where it is not UTF-8', async () => {
    const payload = Buffer.concat([Buffer.from('{"reason":"'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"}')]);
    const headers = { 'content-type': 'application/json' };
    const response = await api.app.inject({ method: 'POST', url: `/api/executions/${id}/cancel`, headers, payload });
    expect([response.statusCode, response.json()]).toEqual([400, { error: 'the body is not valid UTF-8' }]);
  });

  it('takes pairs and depth that are whole', async () => {
    const payload = `{"execution_id":"${id}","event_type":"command.claimed","step":"\\ud83d\\ude00","meta":${deep(60)}}`;
    const headers = { 'content-type': 'application/json' };
    const response = await api.app.inject({ method: 'POST', url: '/api/events', headers, payload });
    expect(response.statusCode).toBe(201);
  });
});

describe('an address that no database can hold', () => {
  it.each([
    '/api/executions?path=%00',
    '/api/executions?path=a%00*',
    '/api/executions?path=%ED%A0%80&since=%00',
    '/api/executions?parent=%00',
    '/api/executions?status=%00',
    '/api/executions?path=a&path=b',
    '/api/executions?%00=1',
    '/api/executions/%00',
    '/api/executions/%00/tree',
    '/api/executions/1%00/cancellation-check',
    '/api/executions/%ED%A0%80/status',
    '/api/executions/5/events?after=%00',
    '/api/executions/5/events?before=1%00',
  ])('%s is 400', async (url) => {
    const response = await api.app.inject(url);
    expect([response.statusCode, Object.keys(response.json())]).toEqual([400, ['error']]);
  });
});

/** What a raw connection answers to a text, until it is closed. */
async function raw(text: string): Promise<string> {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  let answer = '';
  socket.on('data', (data) => {
    answer += data;
  });
  socket.on('error', () => {});
  socket.write(text);
  await once(socket, 'close');
  return answer;
}

describe('a method that no address takes', () => {
  it.each(['TRACE', 'PROPFIND', 'MKCOL', 'LOCK', 'PURGE', 'REPORT', 'SEARCH', 'M-SEARCH', 'DELETE', 'OPTIONS'])(
    '%s is 405 with Allow',
    async (method) => {
      for (const path of ['/api/executions', '/api/executions/5', '/api/events', '/api/health', '/metrics']) {
        const answer = await raw(`${method} ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
        expect(answer).toMatch(/^HTTP\/1\.1 405 /);
        expect(answer).toMatch(/\r\nallow: (GET, HEAD|POST)\r\n/i);
        expect(answer).toContain('{"error":');
      }
      expect(await raw(`${method} /nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)).toMatch(/ 404 /);
    },
  );

  it('CONNECT is 405 too', async () => {
    const answer = await raw('CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 405 [\s\S]*Allow: [\s\S]*"error"/);
  });
});

describe('a body over the limit', () => {
  async function post(count: number, type = 'application/json'): Promise<unknown> {
    const client = fileURLToPath(new URL('eager-client.mjs', import.meta.url));
    const argv = [client, new URL(server.url).port, String(count), type];
    return JSON.parse((await promisify(execFile)(process.execPath, argv)).stdout);
  }

  it('gets its 413 every time: 200 bodies of up to 2 MiB', async () => {
    expect(await post(200)).toEqual({ 'HTTP/1.1 413 Payload Too Large': 200 });
  });

  it('and so does one of another type its 415', async () => {
    expect(await post(40, 'text/plain')).toEqual({ 'HTTP/1.1 415 Unsupported Media Type': 40 });
  });

  it('is cut off where it goes on without an end', async () => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    socket.on('error', () => {});
    socket.resume();
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    const head = 'POST /api/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
    socket.write(`${head}Content-Length: 1000000000000\r\n\r\n`);
    const part = Buffer.alloc(65_536, 'x');
    const more = () => {
      while (!socket.destroyed && socket.write(part));
    };
    socket.on('drain', more);
    more();
    await closed;
    expect(socket.bytesWritten).toBeLessThan(64 * 1024 * 1024);
  });
});

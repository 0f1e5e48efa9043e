import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { readAddress, readToken } from '../../source/noetl-server/address.js';
import { idOf, parseObject } from '../../source/noetl-server/client.js';
import { cancelResults } from '../../source/service/cancel/cancel-results.js';
import type { EventStore } from '../../source/store/event-store.js';
import type { TestDatabase } from '../helpers/database.js';
import { type DoubleOptions, type Fault, type NoetlServerDouble, startNoetlServer } from '../helpers/noetl-server.js';
import { withStore } from '../helpers/with-store.js';
import { cancelThrough, rustRun, typesOf } from './stage.js';

let db: TestDatabase;
let store: EventStore;
let server: NoetlServerDouble | null = null;

withStore((opened) => {
  ({ db, store } = opened);
});
afterEach(async () => {
  await server?.close();
  server = null;
});

const start = async (options: Partial<DoubleOptions> = {}): Promise<string> => {
  server = await startNoetlServer({ kind: 'rust', pool: db.pool, ...options });
  return server.url;
};
const HTML: Fault = { status: 200, body: '<!doctype html><title>Login</title>', type: 'text/html' };

async function failureOf(url: string, token: string | null = null, timeoutMs = 10_000) {
  const id = await rustRun(db);
  const failure = await cancelThrough(url, store, [id], { token, timeoutMs }).then(
    () => null,
    (error: Error) => error,
  );
  expect(await typesOf(db, id)).toEqual([]);
  return failure?.message ?? '';
}

describe('a server that cannot be used fails the whole run in one line, before anything is written', () => {
  it.each<[string, Fault, RegExp]>([
    ['HTML', HTML, /answers HTML \(200\); is it a NoETL server\? Check --server$/],
    ['nonsense', { status: 200, body: '[1, 2]' }, /answers something that is not JSON of NoETL \(200\)/],
    ['another program’s JSON', { status: 200, body: '{"pong":true}' }, /answers something else than NoETL does/],
    [
      '503',
      { status: 503, body: '{"status":"unhealthy"}' },
      /is unhealthy \(503\); try again, or write to the table with --via table$/,
    ],
    [
      'a redirect',
      { status: 302, body: '', headers: { location: 'https://login.example/x?t=1' } },
      /redirects to https:\/\/login\.example \(302\)/,
    ],
    ['no answer', 'hang', /cannot reach the NoETL server at .* \(no answer within 0\.4s\); check that it is running/],
    ['a cut connection', 'cut', /cannot reach the NoETL server at /],
  ])('%s at the health check', async (_name, fault, line) => {
    const message = await failureOf(await start({ fault: () => fault }), null, fault === 'hang' ? 400 : undefined);
    expect(message).toMatch(line);
    expect(message).not.toContain('\n');
  });

  it('nothing listening', async () => {
    const probe = createServer();
    await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
    const { port } = probe.address() as { port: number };
    await new Promise((resolve) => probe.close(resolve));
    expect(await failureOf(`http://127.0.0.1:${port}`)).toMatch(
      /cannot reach .* \(ECONNREFUSED\); check that it is running/,
    );
  });

  it('a certificate that nobody vouches for', async () => {
    const message = await failureOf(await start({ tls: true }));
    expect(message).toMatch(
      /^the certificate of https:.* is not trusted \(.*SELF_SIGNED.*\); put its CA into a file and set NODE_EXTRA_CA_CERTS/,
    );
  });

  it('no token, and a wrong one', async () => {
    const url = await start({ token: 'right' });
    expect(await failureOf(url)).toMatch(
      /asks for a token \(401\); set token_command in the profile, or NOETL_SESSION_TOKEN$/,
    );
    expect(await failureOf(url, 'wrong')).toMatch(/refuses the token \(401\)/);
    const id = await rustRun(db);
    expect((await cancelThrough(url, store, [id], { token: 'right' })).outcomes[0]?.kind).toBe('cancelled');
  });

  it('a server whose API has no cancel', async () => {
    const message = await failureOf(
      await start({
        fault: (call) => (call.method === 'POST' ? { status: 404, body: 'Not Found', type: 'text/plain' } : null),
      }),
    );
    expect(message).toMatch(/has no cancel endpoint \(404\); is it a NoETL server\?/);
  });

  it('503 at every cancel', async () => {
    const message = await failureOf(
      await start({ fault: (call) => (call.method === 'POST' ? { status: 503, body: '{}' } : null) }),
    );
    expect(message).toMatch(/cannot serve it now \(503\); try again/);
  });

  it('503 with its reason, such as which shard is away', async () => {
    const body = '{"error":"shard 1 (db-1:5432/noetl) does not answer"}';
    const away = await failureOf(
      await start({ fault: (call) => (call.method === 'POST' ? { status: 503, body } : null) }),
    );
    expect(away).toMatch(/cannot serve it now \(503: shard 1 \(db-1:5432\/noetl\) does not answer\); try again/);
    await server?.close();
    expect(await failureOf(await start({ fault: () => ({ status: 503, body }) }))).toMatch(
      /is unhealthy \(503: shard 1 /,
    );
  });
});

describe('a fault on the way costs what it hits, and is said', () => {
  it('a page instead of an answer to the cancel: unknown, and no second call', async () => {
    const url = await start({ fault: (call) => (call.path.endsWith('/cancel') ? HTML : null) });
    const id = await rustRun(db);
    const [result] = cancelResults(await cancelThrough(url, store, [id]));
    expect(result).toMatchObject({ kind: 'outcome-unknown' });
    expect(result?.message).toMatch(/answered HTML \(200\); check --server; run 'noetl-console status/);
    expect(server?.calls()).toEqual([`POST /api/executions/${id}/cancel`]);
  });

  it('another execution’s id in the answer: unknown, and no second call', async () => {
    const url = await start({
      fault: (call) =>
        call.path.endsWith('/cancel')
          ? { status: 200, body: '{"execution_id":383123123123123121,"status":"cancelled"}' }
          : null,
    });
    const [result] = cancelResults(await cancelThrough(url, store, [await rustRun(db)]));
    expect(result?.kind).toBe('outcome-unknown');
  });

  it('a cancel that is never answered: unknown, and the rest is not tried', async () => {
    const url = await start({ fault: (call) => (call.path.endsWith('/cancel') ? 'hang' : null) });
    const root = await rustRun(db);
    const child = await rustRun(db, { parent: root });
    const report = await cancelThrough(url, store, [root], { cascade: true, timeoutMs: 400 });
    expect(report.outcomes.map((outcome) => outcome.kind)).toEqual(['outcome-unknown', 'failed']);
    expect(report.outcomes[1]).toMatchObject({ message: expect.stringMatching(/^not tried: cannot reach/) });
    expect(server?.calls().filter((call) => call.includes(child))).toEqual([]);
  });

  it('a server that goes away after some: those are cancelled, the rest says why not', async () => {
    let cancels = 0;
    const url = await start({
      fault: (call) => {
        if (call.path.endsWith('/cancel')) cancels += 1;
        return cancels > 1 ? 'cut' : null;
      },
    });
    const root = await rustRun(db);
    const child = await rustRun(db, { parent: root });
    const report = await cancelThrough(url, store, [root], { cascade: true });
    const [first, second] = report.outcomes;
    expect(first).toMatchObject({ kind: 'cancelled', executionId: root });
    expect(second).toMatchObject({ kind: 'outcome-unknown', executionId: child });
    expect(await typesOf(db, child)).toEqual([]);
  });

  it('500 for one execution: its own failure, the others are cancelled', async () => {
    const bad = await rustRun(db);
    const url = await start({
      fault: (call) =>
        call.path.includes(bad) ? { status: 500, body: '{"error":"Database error: x","status":500}' } : null,
    });
    const report = await cancelThrough(url, store, [bad, await rustRun(db)]);
    expect(report.outcomes.map((outcome) => outcome.kind)).toEqual(['failed', 'cancelled']);
  });
});

describe('addresses, tokens and ids', () => {
  it.each([
    ['localhost:8082', /http/],
    ['noetl', /is not a URL/],
    ['ftp://noetl', /must begin with http/],
    ['http://secret@noetl:8082', /a token goes into .*token_command or NOETL_SESSION_TOKEN/],
    ['http://noetl:8082/?token=secret', /a token goes into/],
  ])('%s is refused', (text, problem) => {
    const read = readAddress(text);
    expect(read.ok ? '' : read.problem).toMatch(problem);
    expect(read.ok ? '' : read.problem).not.toContain('secret');
  });

  it.each([
    ['http://noetl:8082/', 'http://noetl:8082/api'],
    ['http://noetl:8082/api', 'http://noetl:8082/api'],
    ['https://host/prefix/', 'https://host/prefix/api'],
    ['https://gateway.example', 'https://gateway.example/noetl'],
  ])('%s has its API at %s', (text, api) => {
    expect(readAddress(text)).toMatchObject({ ok: true, address: { api } });
  });

  it.each(['', 'Bearer abc', 'http://noetl:8082', 'two words', 'naïve'])('the token %j is refused', (text) => {
    expect(readToken(text).ok).toBe(false);
  });

  it('keep the digits of a 64-bit number, and leave texts alone', () => {
    const body = parseObject(
      '{"execution_id":383123123123123123,"error":"id 383123123123123123 \\" 9223372036854775807","n":1.5e20}',
    );
    expect(idOf(body?.execution_id)).toBe('383123123123123123');
    expect(body?.error).toBe('id 383123123123123123 " 9223372036854775807');
    expect(body?.n).toBe(1.5e20);
    expect(idOf(42)).toBe('42');
    expect(idOf(2 ** 60)).toBeNull();
  });
});

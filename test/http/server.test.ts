import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ServeRefused, startServer } from '../../source/http/server.js';
import { createServices, type Services } from '../../source/service/use-cases.js';
import { createTestDatabase, nextIdAt, type TestDatabase, writeEvents } from '../helpers/database.js';
import { FaultProxy } from '../helpers/fault-proxy.js';
import { openStore } from '../helpers/store.js';

let db: TestDatabase;
let services: Services;
let id: string;
beforeAll(async () => {
  db = await createTestDatabase();
  services = createServices(openStore(db.url));
  id = nextIdAt(Date.now(), 'rust');
  await writeEvents(db.pool, [{ execution_id: id, event_type: 'playbook_started' }]);
});
afterAll(async () => {
  await services.store.close();
  await db.close();
});

const quiet = { version: '1', logger: false } as const;
const check = (url: string) => fetch(`${url}/api/executions/${id}/cancellation-check`);

/** Everything that a raw connection answers until it is closed. */
async function raw(url: string, ...texts: string[]): Promise<string> {
  const { port } = new URL(url);
  const socket = connect(Number(port), '127.0.0.1');
  let answer = '';
  socket.on('data', (data) => {
    answer += data;
  });
  socket.on('error', () => {});
  await once(socket, 'connect');
  for (const text of texts) socket.write(text);
  await once(socket, 'close');
  return answer;
}

describe('startServer', () => {
  it('listens on loopback, answers, and says where', async () => {
    const server = await startServer({ services, port: 0, ...quiet });
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await (await fetch(`${server.url}/api/health`)).json()).toEqual({
      ...{ service: 'noetl-console', status: 'ok', version: '1' },
    });
    expect((await check(server.url)).status).toBe(200);
    await server.close();
    await server.closed;
    await expect(fetch(`${server.url}/api/health`)).rejects.toThrow();
  });

  it('refuses an address that others can reach without a token, and serves it with one', async () => {
    for (const host of ['0.0.0.0', '::', '10.1.2.3']) {
      await expect(startServer({ services, host, port: 0, ...quiet })).rejects.toThrow(ServeRefused);
    }
    await expect(startServer({ services, host: '0.0.0.0', port: 0, token: '  ', ...quiet })).rejects.toThrow(
      'needs a token',
    );
    const server = await startServer({ services, host: '0.0.0.0', port: 0, token: 'secret', ...quiet });
    const url = server.url.replace('0.0.0.0', '127.0.0.1');
    expect((await check(url)).status).toBe(401);
    const response = await fetch(`${url}/api/executions`, { headers: { authorization: 'Bearer secret' } });
    expect(response.status).toBe(200);
    await server.close();
  });

  it('says in one sentence that the port is taken', async () => {
    const first = await startServer({ services, port: 0, ...quiet });
    const port = Number(new URL(first.url).port);
    await expect(startServer({ services, port, ...quiet })).rejects.toThrow(`port ${port} on 127.0.0.1 is taken`);
    await first.close();
  });

  it('finishes requests under way when its signal aborts, and takes no new ones', async () => {
    const stop = new AbortController();
    let release = () => {};
    const begun = new Promise<void>((resolve) => {
      const held = new Promise<void>((go) => {
        release = go;
      });
      services = createServices({
        ...services.store,
        cancellationCheck: async (asked) => {
          resolve();
          await held;
          return openStoreOnce.cancellationCheck(asked);
        },
      });
    });
    const openStoreOnce = openStore(db.url);
    const server = await startServer({ services, port: 0, signal: stop.signal, ...quiet });
    const underWay = check(server.url);
    await begun;
    stop.abort();
    await expect(fetch(`${server.url}/api/health`)).rejects.toThrow();
    release();
    expect((await underWay).status).toBe(200);
    await server.closed;
    await openStoreOnce.close();
    services = createServices(openStore(db.url));
  });
});

describe('clients that misbehave', () => {
  it('are answered with {"error"} where what they send is no HTTP', async () => {
    const server = await startServer({ services, port: 0, ...quiet });
    expect(await raw(server.url, 'nonsense\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 400 [\s\S]*\{"error":"the request is not valid HTTP"\}$/,
    );
    const huge = `GET /api/health HTTP/1.1\r\nHost: localhost\r\nX: ${'a'.repeat(40_000)}\r\n\r\n`;
    expect(await raw(server.url, huge)).toMatch(/^HTTP\/1\.1 431 [\s\S]*"error"/);
    const noHost = await raw(server.url, 'GET /api/executions HTTP/1.1\r\nConnection: close\r\n\r\n');
    expect(noHost).toMatch(/^HTTP\/1\.1 400/);
    await server.close();
  });

  it('are cut off when they send too slowly, while others are served', async () => {
    const server = await startServer({ services, port: 0, slowClientMs: 1000, ...quiet });
    const half = 'POST /api/executions/5/cancel HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
    const slow = [
      raw(server.url, half),
      raw(server.url, `${half}Content-Length: 100\r\n\r\n{"reason"`),
      raw(server.url, ''),
    ];
    expect((await check(server.url)).status).toBe(200);
    const answers = await Promise.all(slow);
    expect(answers[0]).toMatch(/^HTTP\/1\.1 408 [\s\S]*"error"/);
    expect(answers[1]).toMatch(/^HTTP\/1\.1 408 [\s\S]*"error"/);
    await server.close();
  });

  it('hang up in the middle of a request without harm', async () => {
    const server = await startServer({ services, port: 0, ...quiet });
    const { port } = new URL(server.url);
    for (let client = 0; client < 50; client++) {
      const socket = connect(Number(port), '127.0.0.1');
      socket.on('error', () => {});
      await once(socket, 'connect');
      socket.write(`GET /api/executions/${id}/cancellation-check HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      socket.resetAndDestroy();
    }
    expect((await check(server.url)).status).toBe(200);
    await server.close();
  });
});

describe('a database that goes away under load', () => {
  it('is told as 503 with {"error"}, never as 500, and recovers by itself', async () => {
    const proxy = await FaultProxy.before(db.url);
    const store = openStore(proxy.url);
    const server = await startServer({ services: createServices(store), port: 0, ...quiet });
    const counts = new Map<number, number>();
    let on = true;
    const client = async (path: string, method: string) => {
      while (on) {
        const response = await fetch(`${server.url}${path}`, { method });
        const body = (await response.json()) as { error?: unknown };
        counts.set(response.status, (counts.get(response.status) ?? 0) + 1);
        if (response.status >= 400 && response.status !== 409) expect(typeof body.error).toBe('string');
      }
    };
    const clients = [
      ...Array.from({ length: 6 }, () => client(`/api/executions/${id}/cancellation-check`, 'GET')),
      client('/api/executions?limit=5', 'GET'),
      client(`/api/executions/${id}/tree`, 'GET'),
      client(`/api/executions/${id}/cancel`, 'POST'),
      client('/api/health', 'GET'),
    ];
    const until = async (condition: () => boolean) => {
      const deadline = Date.now() + 30_000;
      while (!condition() && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
      expect(condition()).toBe(true);
    };
    await until(() => (counts.get(200) ?? 0) > 20);
    proxy.cut();
    await until(() => (counts.get(503) ?? 0) > 20);
    const before = counts.get(200) ?? 0;
    proxy.restore();
    await until(() => (counts.get(200) ?? 0) > before + 20);
    on = false;
    await Promise.all(clients);
    expect([...counts.keys()].filter((code) => ![200, 409, 503].includes(code))).toEqual([]);
    expect((await check(server.url)).status).toBe(200);
    await server.close();
    await store.close();
    await proxy.close();
  });

  it('that hangs does not hang the health answer', async () => {
    const proxy = await FaultProxy.before(db.url);
    proxy.cut('hang');
    const store = openStore(proxy.url);
    const server = await startServer({ services: createServices(store), port: 0, ...quiet });
    const response = await fetch(`${server.url}/api/health`);
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({
      ...{ service: 'noetl-console', error: 'the database does not answer (timeout)', version: '1' },
    });
    proxy.restore();
    await server.close();
    await store.close();
    await proxy.close();
  });
});

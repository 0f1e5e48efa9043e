import { readFileSync } from 'node:fs';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type pg from 'pg';
import { pythonAnswer } from './noetl-server-python.js';
import { rustAnswer } from './noetl-server-rust.js';

/** A call as the double received it. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | null;
  /** As it was sent; empty for none. */
  readonly body: string;
}

/** What the double answers; the body is written as it stands, so that a number keeps its digits. */
export interface DoubleAnswer {
  readonly status: number;
  readonly body: string;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** How a call goes wrong: `cut` ends the connection before anything is done, `cut-after` once all is done. */
export type Fault = 'hang' | 'cut' | 'cut-after' | DoubleAnswer;

export interface DoubleOptions {
  readonly kind: 'rust' | 'python';
  readonly pool: pg.Pool;
  /** Asked for as `Authorization: Bearer` of everything but the health check. */
  readonly token?: string;
  readonly tls?: boolean;
  /** What is to go wrong with a call; null for nothing. */
  fault?(call: Received, count: number): Fault | null;
}

/** What a double's answers are made of. */
export interface DoubleContext {
  readonly pool: pg.Pool;
  /** True while the Rust server only publishes: its rows wait until `materialise`. */
  publishOnly: boolean;
  readonly waiting: (() => Promise<void>)[];
}

export interface NoetlServerDouble {
  readonly url: string;
  readonly received: Received[];
  readonly context: DoubleContext;
  /** The paths called, with their methods, without the health check. */
  calls(): string[];
  /** Writes what was published. */
  materialise(): Promise<void>;
  close(): Promise<void>;
}

const certificate = (name: string) => readFileSync(join(import.meta.dirname, 'certificates', name));

/** A double of one of NoETL's servers on a test database, written from event-store.md and the servers' public sources. */
export async function startNoetlServer(options: DoubleOptions): Promise<NoetlServerDouble> {
  const received: Received[] = [];
  const context: DoubleContext = { pool: options.pool, publishOnly: false, waiting: [] };
  const answerOf = options.kind === 'rust' ? rustAnswer : pythonAnswer;

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const call: Received = {
      method: request.method ?? '',
      path: request.url ?? '',
      authorization: request.headers.authorization ?? null,
      body,
    };
    received.push(call);
    const count = received.filter((each) => each.path === call.path && each.method === call.method).length;
    const fault = options.fault?.(call, count) ?? null;
    if (fault === 'hang') return;
    if (fault === 'cut') return void request.socket.destroy();
    if (fault !== null && fault !== 'cut-after') return send(response, fault);
    const refused = options.token !== undefined && call.authorization !== `Bearer ${options.token}`;
    if (refused && call.path !== '/api/health')
      return send(response, { status: 401, body: '{"error":"Unauthorized","status":401}' });
    const answer = await answerOf(call, context);
    if (fault === 'cut-after') return void request.socket.destroy();
    send(response, answer);
  };
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    handle(request, response).catch((error: unknown) =>
      send(response, { status: 500, body: JSON.stringify({ error: String(error) }) }),
    );
  };
  const server = options.tls
    ? https.createServer(
        { key: certificate('self-signed.key.pem'), cert: certificate('self-signed.cert.pem') },
        listener,
      )
    : http.createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    received,
    context,
    calls: () => received.filter((call) => call.path !== '/api/health').map((call) => `${call.method} ${call.path}`),
    materialise: async () => {
      for (const write of context.waiting.splice(0)) await write();
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function send(response: ServerResponse, { status, body, type = 'application/json', headers = {} }: DoubleAnswer): void {
  response.writeHead(status, { 'content-type': type, ...headers });
  response.end(body);
}

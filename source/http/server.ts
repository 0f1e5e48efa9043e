import type { FastifyInstance } from 'fastify';
import { isLoopback } from '../domain/loopback.js';
import type { Services } from '../service/use-cases.js';
import { type ApiLogging, createApi } from './api.js';

export interface ServeOptions {
  readonly services: Services;
  /** Default: 127.0.0.1. */
  readonly host?: string | undefined;
  /** Default: 8082; 0 takes a free one. */
  readonly port?: number | undefined;
  /** Asked for as `Authorization: Bearer`; needed for any address that others can reach. */
  readonly token?: string | null | undefined;
  /** Default: structured lines on stderr. */
  readonly logger?: ApiLogging | undefined;
  readonly version: string;
  /** Answers read-only SQL; default: off. */
  readonly allowQuery?: boolean | undefined;
  /** A cancel without a reason is refused. */
  readonly requireReason?: boolean | undefined;
  /** The database role that such queries run as. */
  readonly queryRole?: string | null | undefined;
  /** How long a client may take to send a request, in milliseconds; default: 20 s. */
  readonly slowClientMs?: number | undefined;
  /** Aborting shuts the server down. */
  readonly signal?: AbortSignal | undefined;
}

export interface RunningServer {
  readonly url: string;
  /** Resolves once the server is closed, by whichever way. */
  readonly closed: Promise<void>;
  /** Lets requests under way finish, for ten seconds at most. Leaves the services open: they are the caller's. */
  close(): Promise<void>;
}

/** A server that must not be started, in one sentence for the operator. */
export class ServeRefused extends Error {
  override readonly name = 'ServeRefused';
}

export const DEFAULT_HOST = '127.0.0.1';
export const DEFAULT_PORT = 8082;

/** How long requests under way may take once the server closes, in milliseconds. */
const DRAIN_MS = 10_000;
const IDLE_SWEEP_MS = 50;

/**
 * Starts the API and resolves once it listens.
 * @throws ServeRefused without a token on an address that others can reach, and where the address is taken or not ours.
 */
export async function startServer(options: ServeOptions): Promise<RunningServer> {
  const {
    host = DEFAULT_HOST,
    port = DEFAULT_PORT,
    signal,
    services,
    version,
    logger,
    slowClientMs,
    allowQuery,
    requireReason,
    queryRole,
  } = options;
  const token = options.token?.trim() || null;
  if (token === null && !isLoopback(host)) {
    throw new ServeRefused(`serving on ${host} needs a token: others can reach it (--token or NOETL_CONSOLE_TOKEN)`);
  }
  const app = await createApi({ services, token, version, logger, slowClientMs, allowQuery, requireReason, queryRole });
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    throw refusal(error, host, port);
  }
  let closing: Promise<void> | null = null;
  const close = () => {
    closing ??= shutDown(app);
    return closing;
  };
  const closed = new Promise<void>((resolve) => app.server.once('close', resolve));
  if (signal?.aborted) void close();
  signal?.addEventListener('abort', () => void close(), { once: true });
  return { url: urlOf(app, host), closed, close };
}

async function shutDown(app: FastifyInstance): Promise<void> {
  const cut = setTimeout(() => app.server.closeAllConnections(), DRAIN_MS);
  // A connection whose request was under way is kept alive once it is answered, and nothing would close it.
  const sweep = setInterval(() => app.server.closeIdleConnections(), IDLE_SWEEP_MS);
  try {
    await app.close();
  } finally {
    clearTimeout(cut);
    clearInterval(sweep);
  }
}

function urlOf(app: FastifyInstance, host: string): string {
  const address = app.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : DEFAULT_PORT;
  return `http://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${port}`;
}

function refusal(error: unknown, host: string, port: number): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') return new ServeRefused(`port ${port} on ${host} is taken; choose another with --port`);
  if (code === 'EACCES') return new ServeRefused(`port ${port} needs more rights; choose one above 1023 with --port`);
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return new ServeRefused(`${host} is not an address of this machine`);
  return error;
}

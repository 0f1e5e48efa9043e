import { createHash, timingSafeEqual } from 'node:crypto';
import swagger from '@fastify/swagger';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { isLoopback } from '../domain/loopback.js';
import type { Services } from '../service/use-cases.js';
import { CancelCoalescer } from './cancel-coalescer.js';
import { answerError, HttpProblem, knowEveryMethod, refuseOtherMethods, refuseTunnels } from './errors.js';
import { lingerOverRest } from './linger.js';
import { ApiMetrics } from './metrics.js';
import { exactDocument } from './openapi-exact.js';
import { bodyText, checkTexts } from './request-text.js';
import { cancellationRoutes } from './routes/cancellation.js';
import { cleanupRoutes } from './routes/cleanup.js';
import type { ApiContext } from './routes/context.js';
import { executionRoutes } from './routes/executions.js';
import { conditionRoutes, operationRoutes, runawayRoutes } from './routes/operations.js';
import { queryRoutes } from './routes/query.js';
import { timelineRoutes } from './routes/timeline.js';
import { workerEventRoutes } from './routes/worker-events.js';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/**
 * The check that every request but /api/health passes. With a token: the bearer token, compared in constant time (as
 * digests, which have one length). Without one, on loopback: no one from outside reaches the port, but a browser on this
 * machine does, with any page's script in it. So the Host must be a loopback name (a rebound DNS name is not), and
 * a request that a browser made for another origin is refused.
 */
function accessCheck(token: string | null): (request: FastifyRequest) => void {
  if (token !== null) {
    const expected = digest(token);
    return ({ headers }) => {
      const [, given] = /^Bearer +(.+)$/i.exec(headers.authorization ?? '') ?? [];
      if (given === undefined) throw new HttpProblem(401, 'a bearer token is needed');
      if (!timingSafeEqual(digest(given.trim()), expected)) throw new HttpProblem(401, 'the bearer token is wrong');
    };
  }
  return ({ headers }) => {
    const host = headers.host ?? '';
    if (!isLoopback(host.replace(/:\d+$/, ''))) {
      throw new HttpProblem(403, 'without a token only requests to a loopback address are served');
    }
    const { origin } = headers;
    const site = headers['sec-fetch-site'];
    // Another port of this machine is the same site, and another's program all the same.
    const isForeign = site !== undefined && site !== 'same-origin' && site !== 'none';
    if ((origin !== undefined && origin !== `http://${host}`) || isForeign) {
      throw new HttpProblem(403, 'requests from other origins are refused');
    }
  };
}

/** Where the structured log goes; `level` in pino's words. False for none. */
export type ApiLogging = false | { readonly level?: string; readonly stream?: { write(line: string): void } };

export interface ApiOptions {
  readonly services: Services;
  readonly token: string | null;
  readonly version: string;
  readonly logger?: ApiLogging | undefined;
  /** Answers `POST /api/postgres/execute`; default: off. */
  readonly allowQuery?: boolean | undefined;
  /** A cancel without a reason is refused. */
  readonly requireReason?: boolean | undefined;
  /** The database role that such queries run as. */
  readonly queryRole?: string | null | undefined;
  /** A client has so long to send a request, headers and body, in milliseconds; slower ones are cut off. */
  readonly slowClientMs?: number | undefined;
}

const BODY_LIMIT = 64 * 1024;
const SLOW_CLIENT_MS = 20_000;
const KEEP_ALIVE_MS = 30_000;
/** Longer than any call takes: for connections whose other end is gone. */
const SILENT_CONNECTION_MS = 10 * 60_000;

const OPEN_PATH = '/api/health';

/** The API, not yet listening. */
export async function createApi(options: ApiOptions): Promise<FastifyInstance> {
  const { services, token, version, logger, slowClientMs = SLOW_CLIENT_MS } = options;
  const app = fastify({
    logger: logging(logger),
    bodyLimit: BODY_LIMIT,
    requestTimeout: slowClientMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionTimeout: SILENT_CONNECTION_MS,
    forceCloseConnections: 'idle',
    // Node looks for slow clients only every so often: every 30 s by default.
    http: { headersTimeout: slowClientMs, connectionsCheckingInterval: Math.ceil(slowClientMs / 4) },
    // Refuse what is unknown instead of dropping it, and never turn one type into another.
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false, allowUnionTypes: true } },
    frameworkErrors: (_error, _request, reply: FastifyReply) => {
      void reply.code(400).send({ error: 'the URL is not valid' });
    },
    clientErrorHandler: (error, socket) => {
      if (error.code === 'ECONNRESET' || !socket.writable) return socket.destroy();
      const [status, words] = CLIENT_ERRORS[error.code] ?? ['400 Bad Request', 'the request is not valid HTTP'];
      const body = JSON.stringify({ error: words });
      socket.end(
        `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      );
    },
  });

  const source = `noetl-console/${version}`;
  const { conditions, diagnose, cleanup } = services;
  const context: ApiContext = {
    services,
    diagnose,
    describe: services.describe,
    conditions,
    cleanup,
    cancels: new CancelCoalescer(services.cancel, source),
    metrics: new ApiMetrics(services.store, diagnose, conditions, services.runaway, services.follow),
    version,
    source,
    allowQuery: options.allowQuery === true,
    requireReason: options.requireReason === true,
    queryRole: options.queryRole ?? null,
  };

  app.setErrorHandler(answerError);
  app.setNotFoundHandler((request, reply) => {
    void reply.code(404).send({ error: `no route for ${request.method} ${pathOf(request.url)}` });
  });
  const check = accessCheck(token);
  app.addHook('onRequest', async (request, reply) => {
    if (pathOf(request.url) === OPEN_PATH) return;
    try {
      check(request);
    } catch (error) {
      if (error instanceof HttpProblem && error.statusCode === 401) void reply.header('www-authenticate', 'Bearer');
      throw error;
    }
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown';
    context.metrics.observe(request.method, route, reply.statusCode, reply.elapsedTime / 1000);
  });
  app.addHook('onSend', async (request, reply) => {
    const gaps = services.store.shards?.gaps() ?? [];
    if (gaps.length > 0) void reply.header('x-noetl-missing-shards', gaps.map(({ shard }) => shard).join(', '));
    return lingerOverRest(request, reply);
  });
  knowEveryMethod(app);
  refuseTunnels(app);
  acceptJson(app);

  await app.register(swagger, {
    openapi: openapi(version, token !== null),
    transformObject: (documents) =>
      ('openapiObject' in documents
        ? exactDocument(structuredClone(documents.openapiObject) as Record<string, unknown>)
        : documents.swaggerObject) as never,
  });
  const refuse = refuseOtherMethods(app);
  app.register(async (api) => {
    const subjects = [
      cancellationRoutes,
      cleanupRoutes,
      conditionRoutes,
      executionRoutes,
      runawayRoutes,
      timelineRoutes,
      workerEventRoutes,
      operationRoutes,
      queryRoutes,
    ];
    for (const routes of subjects) routes(api, context);
    refuse(api);
  });
  await app.ready();
  return app;
}

const CLIENT_ERRORS: Readonly<Record<string, readonly [string, string]>> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'the headers are too large'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'the request took too long to arrive'],
};

const pathOf = (url: string): string => url.split('?', 1)[0] ?? url;

/** JSON and nothing else, so that no HTML form can post here; no body at all means the defaults. */
function acceptJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    if (body.length === 0) done(null, undefined);
    else parse(request, bodyText(body as Buffer), done);
  });
  app.addHook('preValidation', async (request) => {
    checkTexts('the query', request.query);
    checkTexts('the body', request.body);
    if (request.method === 'POST' && request.body === undefined) request.body = {};
  });
}

function logging(logger: ApiLogging | undefined) {
  if (logger === false) return false;
  return {
    level: logger?.level ?? 'info',
    stream: logger?.stream ?? process.stderr,
    serializers: {
      // The path alone: no headers (tokens), no query, no body.
      req: (request: { method: string; url: string; ip?: string }) => ({
        method: request.method,
        path: pathOf(request.url),
        from: request.ip,
      }),
    },
  };
}

const openapi = (version: string, hasToken: boolean) => ({
  openapi: '3.1.0' as const,
  info: { title: 'noetl-console', version, description: 'See, cancel and follow NoETL executions.' },
  components: { securitySchemes: { token: { type: 'http' as const, scheme: 'bearer' } } },
  ...(hasToken ? { security: [{ token: [] }] } : {}),
});

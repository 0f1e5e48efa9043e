import { METHODS } from 'node:http';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import { CleanupBlocked, CleanupRefused } from '../service/cleanup/rules.js';
import { StoreError, type StoreErrorKind } from '../store/errors.js';

/** A refusal with its status code; the message is for the caller. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';
  constructor(
    readonly statusCode: 400 | 401 | 403 | 404 | 405 | 409,
    message: string,
  ) {
    super(message);
  }
}

/** What a failure of the database means to a caller: that it may try again, except where only an operator can help. */
const STATUS_OF: Readonly<Record<StoreErrorKind, number>> = {
  unreachable: 503,
  authentication: 503,
  'no-database': 503,
  'no-schema': 503,
  'no-privilege': 503,
  'read-only': 503,
  timeout: 503,
  busy: 503,
  aborted: 503,
  'refused-sql': 400,
  'writes-disabled': 403,
  'outcome-unknown': 503,
  other: 500,
};

/** How soon a caller may try again, in seconds. */
const RETRY_AFTER_S = 1;

/** Answers every failure with {"error"}: what the caller did wrong in its words, and never a stack or an internal name. */
export function answerError(error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply): void {
  if (error instanceof StoreError) {
    const status = STATUS_OF[error.kind];
    request.log.warn({ kind: error.kind, problem: error.message }, 'the database failed');
    if (status === 503) void reply.header('retry-after', RETRY_AFTER_S);
    void reply.code(status).send({ error: status === 500 ? 'the database failed; the log says more' : error.message });
    return;
  }
  if (error instanceof CleanupRefused) {
    void reply.code(400).send({ error: error.message });
    return;
  }
  if (error instanceof CleanupBlocked) {
    void reply.code(409).send({ error: `cleanup is refused: ${error.message}` });
    return;
  }
  const status = 'statusCode' in error ? (error.statusCode ?? 500) : 500;
  if (status < 500) {
    void reply.code(status).send({ error: describe(error, status) });
    return;
  }
  request.log.error({ err: error }, 'unexpected failure');
  void reply.code(500).send({ error: 'internal error; the log says more' });
}

function describe(error: FastifyError | Error, status: number): string {
  if (error instanceof HttpProblem) return error.message;
  if ('validation' in error && error.validation) return validationProblem(error);
  if (status === 413) return 'the body is larger than 64 KiB';
  if (status === 415) return 'a body must be sent as application/json';
  if (status === 400 && /JSON|Body/i.test(error.message)) return 'the body is not valid JSON';
  return error.message;
}

/** The first thing that a schema found, naming the field. */
function validationProblem(error: FastifyError): string {
  const where = error.validationContext === 'querystring' ? 'the query' : `the ${error.validationContext ?? 'request'}`;
  const [first] = error.validation ?? [];
  if (!first) return `${where} is not valid`;
  const field = first.instancePath.replace(/^\//, '').replaceAll('/', '.');
  if (first.keyword === 'additionalProperties') {
    return `${where} has an unknown field ${JSON.stringify(first.params.additionalProperty)}`;
  }
  if (first.keyword === 'enum' && Array.isArray(first.params.allowedValues)) {
    return `${field} must be one of ${first.params.allowedValues.join(', ')}`;
  }
  return `${field || where} ${first.message ?? 'is not valid'}`;
}

/** Fastify routes a few of the methods that Node reads; the others (TRACE, PROPFIND) would be 404. Before any route. */
export function knowEveryMethod(app: FastifyInstance): void {
  for (const method of METHODS) {
    if (method !== 'CONNECT' && !app.supportedMethods.includes(method)) app.addHttpMethod(method);
  }
}

/** CONNECT has no path to route; Node would hang up without a word. */
export function refuseTunnels(app: FastifyInstance): void {
  const body = JSON.stringify({ error: 'this is not a proxy' });
  const head = [
    'HTTP/1.1 405 Method Not Allowed',
    'Allow: GET, HEAD, POST',
    'Connection: close',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  app.server.on('connect', (_request, socket) => {
    socket.on('error', () => {});
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  });
}

/**
 * Answers 405 with Allow for a path that exists under other methods; Fastify alone says 404. Collects the routes from
 * now on; the function that it returns adds the refusals once all are there.
 */
export function refuseOtherMethods(app: FastifyInstance): (api: FastifyInstance) => void {
  const methodsOf = new Map<string, Set<HTTPMethods>>();
  app.addHook('onRoute', ({ url, method }) => {
    const known = methodsOf.get(url) ?? new Set();
    for (const one of [method].flat()) known.add(one as HTTPMethods);
    methodsOf.set(url, known);
  });
  return (api) => {
    for (const [url, known] of [...methodsOf]) {
      const allow = [...known].sort().join(', ');
      api.route({
        method: app.supportedMethods.filter((method) => !known.has(method as HTTPMethods)) as HTTPMethods[],
        url,
        schema: { hide: true },
        // Before the body is read: what is wrong with it does not matter.
        onRequest: async (_request, reply) => {
          void reply.header('allow', allow);
          throw new HttpProblem(405, `this address takes ${allow}`);
        },
        handler: async () => {},
      });
    }
  };
}

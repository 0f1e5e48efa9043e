import { METHODS } from 'node:http';
import type { FastifyInstance, HTTPMethods } from 'fastify';
import { HttpProblem } from './errors.js';

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

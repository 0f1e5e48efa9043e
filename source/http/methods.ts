import type { FastifyInstance, HTTPMethods } from 'fastify';
import { HttpProblem } from './errors.js';

const ALL: readonly HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

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
        method: ALL.filter((method) => !known.has(method)),
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

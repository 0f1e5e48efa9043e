import { engineJson } from '../../service/json/engine-json.js';
import { StoreError } from '../../store/errors.js';
import { withTimeLimit } from '../../time/time-limit.js';
import { engineReply, failures } from '../schemas.js';
import type { Routes } from './context.js';

/** A health answer must come even where the database does not. */
const HEALTH_TIMEOUT_MS = 2000;

/** Health, metrics and the OpenAPI document. */
export const operationRoutes: Routes = (app, { services: { store }, metrics, version }) => {
  app.get(
    '/api/health',
    {
      logLevel: 'warn',
      schema: {
        summary: 'Whether the API and its database answer',
        tags: ['operations'],
        security: [],
        response: {
          '2xx': { type: 'object', properties: { status: { type: 'string' }, version: { type: 'string' } } },
          503: { type: 'object', properties: { error: { type: 'string' }, version: { type: 'string' } } },
        },
      },
    },
    async (_request, reply) => {
      try {
        await withTimeLimit(
          'the database',
          HEALTH_TIMEOUT_MS,
          (signal) => store.clock({ timeoutMs: HEALTH_TIMEOUT_MS, polling: true, signal }),
          (message) => new StoreError('timeout', message),
        );
        return { status: 'ok', version };
      } catch (error) {
        // Open to everybody, so it says that the database is away and not where it is.
        if (!(error instanceof StoreError)) throw error;
        return reply.code(503).send({ error: `the database does not answer (${error.kind})`, version });
      }
    },
  );

  app.get(
    '/metrics',
    { logLevel: 'warn', schema: { summary: 'Prometheus metrics', tags: ['operations'], produces: ['text/plain'] } },
    async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()),
  );

  app.get('/api/openapi.json', { schema: { summary: 'This document', tags: ['operations'] } }, async () =>
    app.swagger(),
  );
};

/** However many ask, the engine is read at most this often. */
export const CONDITIONS_MAX_AGE_MS = 5_000;

/** Whether anything may be called stuck now. */
export const conditionRoutes: Routes = (app, { conditions }) => {
  app.get(
    '/api/conditions',
    {
      schema: {
        summary: 'Conditions of the engine in which nothing is safe to clean up',
        tags: ['operations'],
        response: { 200: engineReply, ...failures },
      },
    },
    async () => engineJson(await conditions.read({ maxAgeMs: CONDITIONS_MAX_AGE_MS })),
  );
};

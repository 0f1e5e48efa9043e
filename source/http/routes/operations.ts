import { DEFAULT_STALE_AFTER_MS } from '../../domain/execution-status.js';
import { engineJson, executionJson, isoTime, runawayJson } from '../../service/json.js';
import { StoreError } from '../../store/errors.js';
import { compileGlob } from '../../text/glob.js';
import { withTimeLimit } from '../../time/time-limit.js';
import { engineReply, failures, runawayQuery, runawayReply } from '../schemas.js';
import type { Routes } from './context.js';

/** A health answer must come even where the database does not. */
const HEALTH_TIMEOUT_MS = 2000;

/** Shards that do not answer. */
const gaps = {
  type: 'array',
  items: {
    type: 'object',
    properties: { shard: { type: 'string' }, since: { type: 'string' }, kind: { type: 'string' } },
  },
} as const;

/** Health, metrics and the OpenAPI document. */
export const operationRoutes: Routes = (app, { services: { store }, metrics, version }) => {
  // NoETL's own servers have no such name: clients know this API by it.
  const who = { service: 'noetl-console', version };
  app.get(
    '/api/health',
    {
      logLevel: 'warn',
      schema: {
        summary: 'Whether the API and its database answer',
        tags: ['operations'],
        security: [],
        response: {
          '2xx': {
            type: 'object',
            properties: { service: { type: 'string' }, status: { type: 'string' }, version: { type: 'string' }, gaps },
          },
          503: {
            type: 'object',
            properties: { service: { type: 'string' }, error: { type: 'string' }, version: { type: 'string' } },
          },
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
        const away = store.shards?.gaps() ?? [];
        if (away.length === 0) return { ...who, status: 'ok' };
        // The rest is still served. Open to everybody, so it says which shard is away and not where it is.
        const said = away.map(({ shard, since, kind }) => ({ shard: String(shard), since: isoTime(since), kind }));
        return { ...who, status: 'degraded', gaps: said };
      } catch (error) {
        // Open to everybody, so it says that the database is away and not where it is.
        if (!(error instanceof StoreError)) throw error;
        return reply.code(503).send({ ...who, error: `the database does not answer (${error.kind})` });
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

/** Running executions that behave unlike their playbook. */
export const runawayRoutes: Routes = (app, { services }) => {
  app.get<{ Querystring: { path?: string; limit: string } }>(
    '/api/runaway',
    {
      schema: {
        summary: 'Running executions that behave unlike their playbook',
        tags: ['executions'],
        querystring: runawayQuery,
        response: { 200: { type: 'array', items: runawayReply }, ...failures },
      },
    },
    async (request, reply) => {
      const { path, limit } = request.query;
      const pattern = path === undefined ? null : compileGlob(path);
      const { found, asOf } = await services.runaway.find({
        signal: AbortSignal.timeout(60_000),
        ...(pattern ? { wanted: (execution) => execution.path !== null && pattern(execution.path) } : {}),
      });
      const page = found.slice(0, Number(limit));
      void reply.header('x-noetl-has-more', String(found.length > page.length));
      const clock = { now: asOf, staleAfterMs: DEFAULT_STALE_AFTER_MS };
      return page.map(({ execution, runaway }) => ({ ...executionJson(execution, clock), ...runawayJson(runaway) }));
    },
  );
};

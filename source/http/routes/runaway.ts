import { DEFAULT_STALE_AFTER_MS } from '../../domain/execution-status.js';
import { executionJson, runawayJson } from '../../service/json/execution-json.js';
import { compileGlob } from '../../text/glob.js';
import { failures, runawayQuery, runawayReply } from '../schemas.js';
import type { Routes } from './context.js';

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

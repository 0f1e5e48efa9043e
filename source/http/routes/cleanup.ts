import { CONDITION_CODES, type ConditionCode } from '../../domain/conditions/conditions.js';
import { newCancelRequest } from '../../service/cancel/cancel-plan.js';
import { cancelledMessage } from '../../service/cancel/cancel-results.js';
import { CleanupBlocked } from '../../service/cleanup/rules.js';
import { conditionJson } from '../../service/json.js';
import { jsonWithIds } from '../openapi-exact.js';
import { conditionReply, errorReply, failures, id } from '../schemas.js';
import type { Routes } from './context.js';

const MINUTE_MS = 60_000;

/** Cancels what is stale and safe to cancel. */
export const cleanupRoutes: Routes = (app, { cleanup, source, metrics }) => {
  app.post<{ Body: { older_than_minutes: number; dry_run: boolean; despite: ConditionCode[] } }>(
    '/api/executions/cleanup',
    {
      schema: {
        summary: 'Cancel stale executions that are safe to cancel',
        tags: ['cancellation'],
        body: cleanupBody,
        response: {
          200: cleanupReply,
          409: { description: 'A condition of the engine holds: nothing may be called stuck now', ...errorReply },
          ...failures,
        },
      },
    },
    async (request, reply) => {
      // NoETL's command line reads these ids as numbers, and drops texts.
      const answer = (fields: object, ids: readonly string[]) =>
        reply
          .type('application/json; charset=utf-8')
          .send(jsonWithIds({ ...fields, executions: ids }, 'execution_ids', ids));
      const { older_than_minutes: minutes, dry_run: dryRun, despite } = request.body;
      const plan = await cleanup.plan({ olderThanMs: minutes * MINUTE_MS, despite });
      if (dryRun) {
        const ids = plan.targets.map(({ execution }) => execution.executionId);
        const fields = {
          status: 'ok',
          cancelled_count: ids.length,
          message: `Would cancel ${ids.length} execution(s)`,
          dry_run: true,
          refused_by: plan.refusedBy.map((condition) => conditionJson(condition, plan.engine.asOf)),
          skipped: plan.skipped.map(skipJson),
        };
        return answer(fields, ids);
      }
      if (plan.refusedBy.length > 0) throw new CleanupBlocked(plan.refusedBy);
      const report = await cleanup.run(
        plan,
        newCancelRequest({
          reason: `Cleanup: silent for more than ${minutes} minutes`,
          cancelledBy: `api@${request.ip}`,
          cascade: false,
          source,
        }),
      );
      metrics.cancels.inc({ outcome: 'cancelled' }, report.cancelled.length);
      const ids = report.cancelled.map((one) => one.executionId);
      const fields = {
        status: report.failure === null ? 'ok' : 'partial',
        cancelled_count: ids.length,
        message: report.failure ?? cancelledMessage(ids.length),
        dry_run: false,
        skipped: report.skipped.map(skipJson),
      };
      return answer(fields, ids);
    },
  );
};

const skipJson = (skip: { executionId: string; code: string; why: string; detail: string }) => ({
  execution_id: skip.executionId,
  code: skip.code,
  why: skip.why,
  detail: skip.detail,
});

export const cleanupBody = {
  type: 'object',
  additionalProperties: false,
  properties: {
    older_than_minutes: { type: 'integer', minimum: 1, maximum: 525_600, default: 10 },
    dry_run: { type: 'boolean', default: false },
    despite: {
      type: 'array',
      items: { type: 'string', enum: CONDITION_CODES },
      default: [],
      description: 'Conditions of the engine to override where they hold; written into each cancel.',
    },
  },
} as const;

export const cleanupReply = {
  type: 'object',
  properties: {
    status: { type: 'string', enum: ['ok', 'partial'] },
    cancelled_count: { type: 'integer', description: 'In a dry run: how many would be.' },
    executions: { type: 'array', items: id },
    execution_ids: {
      type: 'array',
      items: { type: 'integer', format: 'int64' },
      description: 'The same as numbers, which is what NoETL’s own command line reads; they are beyond 2^53.',
    },
    message: { type: 'string' },
    dry_run: { type: 'boolean' },
    refused_by: {
      type: 'array',
      description: 'Dry runs only: conditions because of which the cleanup itself would be refused (409).',
      items: conditionReply,
    },
    skipped: {
      type: 'array',
      items: {
        type: 'object',
        properties: { execution_id: id, code: { type: 'string' }, why: { type: 'string' }, detail: { type: 'string' } },
      },
    },
  },
} as const;

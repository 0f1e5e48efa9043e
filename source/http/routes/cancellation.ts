import { checkReason, notFound } from '../../domain/cancellation.js';
import { StoreError } from '../../store/errors.js';
import { HttpProblem } from '../errors.js';
import { readId } from '../request-text.js';
import { cancelBody, cancelReply, checkReply, failures, idParams, notFoundReply } from '../schemas.js';
import type { Routes } from './context.js';

/** Cancelling, and what workers ask before and after every claim. */
export const cancellationRoutes: Routes = (app, { services, cancels, metrics, requireReason }) => {
  app.post<{ Params: { id: string }; Body: { reason?: string | null; cascade: boolean } }>(
    '/api/executions/:id/cancel',
    {
      schema: {
        summary: 'Cancel an execution',
        tags: ['cancellation'],
        params: idParams,
        body: cancelBody,
        response: { 200: cancelReply, 409: cancelReply, ...notFoundReply, ...failures },
      },
    },
    async (request, reply) => {
      const executionId = readId(request.params.id);
      const reason = checkReason(request.body.reason, { isRequired: requireReason });
      if (!reason.ok) throw new HttpProblem(400, reason.problem);
      const answer = await cancels.cancel({
        executionId,
        reason: reason.reason,
        cascade: request.body.cascade,
        cancelledBy: `api@${request.ip}`,
      });
      metrics.cancels.inc({ outcome: answer.kind });
      if (answer.kind === 'unknown') throw new HttpProblem(404, notFound(executionId));
      if (answer.kind === 'outcome-unknown') throw new StoreError('outcome-unknown', answer.message);
      const cancelled = answer.kind === 'cancelled';
      return reply.code(cancelled ? 200 : 409).send({
        status: cancelled ? 'cancelled' : 'error',
        execution_id: executionId,
        cancelled_executions: answer.cancelled,
        message: answer.message,
        ...(cancelled && answer.failures.length > 0
          ? { failed: answer.failures.map((one) => ({ execution_id: one.executionId, message: one.message })) }
          : {}),
      });
    },
  );

  app.get<{ Params: { id: string } }>(
    '/api/executions/:id/cancellation-check',
    {
      // A line for every command of every worker would drown the rest.
      logLevel: 'warn',
      schema: {
        summary: 'Whether an execution was cancelled',
        tags: ['workers'],
        params: idParams,
        response: { 200: checkReply, ...notFoundReply, ...failures },
      },
    },
    async (request) => {
      const executionId = readId(request.params.id);
      const verdict = await services.store.cancellationCheck(executionId);
      if (!verdict) throw new HttpProblem(404, notFound(executionId));
      return {
        execution_id: executionId,
        status: verdict.status,
        event_type: verdict.eventType,
        cancelled: verdict.cancelled,
        completed: verdict.completed,
        failed: verdict.failed,
      };
    },
  );
};

import { notFound } from '../../domain/cancellation.js';
import { COMMAND_ISSUED } from '../../domain/event-types.js';
import { defaultWorkerEventStatus, isCommandEventType, type WorkerEvent } from '../../domain/worker-protocol.js';
import { HttpProblem } from '../errors.js';
import { readId } from '../request-text.js';
import { errorReply, failures, notFoundReply, workerEventBody, workerEventReply } from '../schemas.js';
import type { Routes } from './context.js';

interface Body {
  readonly execution_id: string;
  readonly event_type?: string;
  readonly name?: string;
  readonly step: string;
  readonly command_id?: string;
  readonly worker_id?: string | null;
  readonly status?: string | null;
  readonly meta?: Readonly<Record<string, unknown>> | null;
  readonly context?: Readonly<Record<string, unknown>> | null;
  readonly payload?: Readonly<Record<string, unknown>> | null;
  readonly actionable?: boolean;
  readonly informative?: boolean;
}

/** Where workers report their commands; NoETL's own field names, of which the console takes what it writes. */
export const workerEventRoutes: Routes = (app, { services: { store } }) => {
  app.post<{ Body: Body }>(
    '/api/events',
    {
      logLevel: 'warn',
      schema: {
        summary: 'Write a worker’s event of a command',
        description:
          'A claim is refused (409) once the execution is cancelled or another worker holds the command; ' +
          'command.cancelled is written once and refused while another worker holds the command.',
        tags: ['workers'],
        body: workerEventBody,
        response: {
          200: workerEventReply,
          201: workerEventReply,
          409: { description: 'The event would not be true', ...errorReply },
          ...notFoundReply,
          ...failures,
        },
      },
    },
    async (request, reply) => {
      const event = readEvent(request.body);
      const result = await store.appendCommandEvent(event);
      if (result.kind === 'unknown-execution') throw new HttpProblem(404, notFound(event.executionId));
      if (result.kind === 'refused') throw new HttpProblem(409, result.because);
      const duplicate = result.kind === 'duplicate';
      return reply
        .code(duplicate ? 200 : 201)
        .send({ status: 'ok', event_id: result.eventId, commands_generated: 0, duplicate });
    },
  );
};

/** @throws HttpProblem 400 */
function readEvent(body: Body): WorkerEvent {
  const executionId = readId(body.execution_id);
  const eventType = body.event_type ?? body.name;
  if (eventType === undefined) throw new HttpProblem(400, 'event_type is missing');
  if (!isCommandEventType(eventType) || eventType === COMMAND_ISSUED) {
    throw new HttpProblem(
      400,
      'event_type must be one of the events that a worker reports for a command, such as command.claimed',
    );
  }
  const named = body.command_id ?? body.meta?.command_id;
  const workerId = body.worker_id ?? body.meta?.worker_id;
  const { actionable, informative } = body;
  return {
    executionId,
    eventType,
    step: body.step,
    commandId: typeof named === 'string' && named !== '' ? named : body.step,
    workerId: typeof workerId === 'string' ? workerId : null,
    status: body.status ?? defaultWorkerEventStatus(eventType),
    meta: {
      ...body.meta,
      ...(typeof workerId === 'string' ? { worker_id: workerId } : {}),
      actionable,
      informative,
    },
    context: body.context ?? body.payload ?? null,
  };
}

import { notFound } from '../../domain/cancellation.js';
import type { Execution } from '../../domain/execution.js';
import { compareIds } from '../../domain/execution-id.js';
import { eventJson, isoTime } from '../../service/json.js';
import type { EventDetail } from '../../store/event-store.js';
import { formatDuration } from '../../text/duration.js';
import { HttpProblem } from '../errors.js';
import { readId } from '../request-text.js';
import { eventsQuery, failures, idParams, notFoundReply } from '../schemas.js';
import type { Routes } from './context.js';

/** How many of the newest events are searched for finished steps and the error. */
const STATUS_EVENTS = 1000;
const FINISHED = new Set(['step.exit', 'command.completed']);

/** One execution's events, and the summary of them that `noetl status` prints. */
export const timelineRoutes: Routes = (app, { services: { store } }) => {
  app.get<{ Params: { id: string } }>(
    '/api/executions/:id/status',
    {
      schema: {
        summary: 'How far an execution is, as `noetl status` reads it',
        tags: ['executions'],
        params: idParams,
        response: { 200: { type: 'object', additionalProperties: true }, ...notFoundReply, ...failures },
      },
    },
    async (request) => {
      const executionId = readId(request.params.id);
      const { executions, asOf } = await store.executionsById([executionId]);
      const [execution] = executions;
      if (!execution) throw new HttpProblem(404, notFound(executionId));
      const { events } = await store.eventsOf(executionId, { limit: STATUS_EVENTS });
      return statusJson(execution, events, asOf);
    },
  );

  app.get<{
    Params: { id: string };
    Querystring: { after?: string; before?: string; limit: string; payloads: 'none' | 'masked' };
  }>(
    '/api/executions/:id/events',
    {
      schema: {
        summary: 'One execution’s events, a page at a time',
        tags: ['executions'],
        params: idParams,
        querystring: eventsQuery,
        response: {
          200: {
            type: 'object',
            properties: {
              events: { type: 'array', items: { type: 'object', additionalProperties: true } },
              has_more: { type: 'boolean' },
            },
          },
          ...notFoundReply,
          ...failures,
        },
      },
    },
    async (request) => {
      const executionId = readId(request.params.id);
      const { after, before, limit, payloads } = request.query;
      const page = await store.eventsOf(executionId, {
        limit: Number(limit),
        payloads: payloads === 'masked',
        ...(after === undefined ? {} : { after: after === '0' ? after : readId(after, 'event id') }),
        ...(before === undefined || after !== undefined ? {} : { before: readId(before, 'event id') }),
      });
      // With both bounds the page goes up from the lower one, and ends before the upper one.
      const end = before === undefined ? null : readId(before, 'event id');
      const events = end === null ? page.events : page.events.filter((event) => compareIds(event.eventId, end) < 0);
      const isKnown = page.events.length > 0 || (await store.executionsById([executionId])).executions.length > 0;
      if (!isKnown) throw new HttpProblem(404, notFound(executionId));
      return {
        events: events.map((event) => eventJson(executionId, event, payloads)),
        has_more: page.hasMore && events.length === page.events.length,
      };
    },
  );
};

/** The step of the newest event that belongs to one: a cancel or an end names none. */
const stepOf = (events: readonly EventDetail[]): string | null =>
  events.findLast((event) => /^(command|call|step)[._]/.test(event.type) && event.node !== null)?.node ?? null;

/** The fields that NoETL's own command line reads, in its meaning: `completed` is true for every kind of end. */
function statusJson(execution: Execution, events: readonly EventDetail[], now: number) {
  const ended = execution.status !== 'RUNNING';
  const until = ended ? (execution.endedAt ?? execution.lastEvent.at) : now;
  const elapsedMs = execution.startedAt === null ? null : Math.max(0, until - execution.startedAt);
  const finished = events.filter((event) => FINISHED.has(event.type) && event.node !== null).map((event) => event.node);
  const error = execution.status === 'FAILED' ? events.findLast((event) => event.error !== null)?.error : null;
  return {
    execution_id: execution.executionId,
    status: execution.status,
    current_step: stepOf(events) ?? execution.lastEvent.node,
    completed_steps: [...new Set(finished)],
    completed: ended,
    failed: execution.status === 'FAILED',
    cancelled: execution.ends.includes('CANCELLED'),
    error: error ?? null,
    start_time: isoTime(execution.startedAt),
    end_time: ended ? isoTime(execution.endedAt) : null,
    duration_seconds: elapsedMs === null ? null : elapsedMs / 1000,
    duration_human: elapsedMs === null ? null : formatDuration(elapsedMs),
  };
}

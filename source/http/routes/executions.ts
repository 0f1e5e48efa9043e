import type { FastifyReply } from 'fastify';
import { notFound } from '../../domain/cancellation.js';
import { displayStatus, type Execution } from '../../domain/execution.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import { DEFAULT_STALE_AFTER_MS } from '../../domain/execution-status.js';
import type { StopState } from '../../domain/stopping/stopping.js';
import { descriptionJson, executionJson, stopJson } from '../../service/json.js';
import { readList } from '../../service/list.js';
import { loadTree } from '../../service/tree.js';
import { parseDuration } from '../../text/duration.js';
import { descriptionReply, listedReply } from '../description-schema.js';
import { HttpProblem } from '../errors.js';
import { readId } from '../request-text.js';
import { executionReply, failures, idParams, listQuery, notFoundReply } from '../schemas.js';
import type { ApiContext, Routes } from './context.js';
import { CONDITIONS_MAX_AGE_MS } from './operations.js';

/** Cancelled executions of one answer whose stop is looked at. */
const MOST_STOPS = 500;

const clockOf = (asOf: number) => ({ now: asOf, staleAfterMs: DEFAULT_STALE_AFTER_MS });

/** Executions: the list, one, and the tree below one. */
export const executionRoutes: Routes = (app, context) => {
  const { store } = context.services;

  app.get<{ Querystring: { status: string; path?: string; parent?: string; since?: string; limit: string } }>(
    '/api/executions',
    {
      schema: {
        summary: 'Executions, newest first',
        tags: ['executions'],
        querystring: listQuery,
        response: { 200: { type: 'array', items: listedReply }, ...failures },
      },
    },
    async (request, reply) => {
      const { status, path, parent, since, limit } = request.query;
      const filter = {
        status,
        // One more than asked for shows whether there are more.
        limit: Number(limit) + 1,
        staleAfterMs: DEFAULT_STALE_AFTER_MS,
        path,
        ...(parent === undefined ? {} : { parent: readId(parent) }),
        ...(since === undefined ? {} : { since: readMoment(since) }),
      };
      const { executions, asOf } = await readList(store, filter, AbortSignal.timeout(60_000));
      const page = executions.slice(0, Number(limit));
      const diagnoses = await diagnosesOf(context, page, asOf);
      if (diagnoses.size > 0) await nameConditions(context, reply);
      void reply.header('x-noetl-has-more', String(executions.length > page.length));
      const stops = await stopsOf(context, page);
      return page.map((one) => ({
        ...executionJson(one, clockOf(asOf), diagnoses.get(one.executionId)),
        ...(one.status === 'CANCELLED' ? { stop: stopJson(stops.get(one.executionId) ?? null) } : {}),
      }));
    },
  );

  app.get<{ Params: { id: string } }>(
    '/api/executions/:id',
    {
      schema: {
        summary: 'One execution: everything that is known of it',
        tags: ['executions'],
        params: idParams,
        response: { 200: descriptionReply, ...notFoundReply, ...failures },
      },
    },
    async (request, reply) => {
      const executionId = readId(request.params.id);
      const described = await context.describe.describe([executionId], { staleAfterMs: DEFAULT_STALE_AFTER_MS });
      const one = described.get(executionId);
      if (!one) throw new HttpProblem(404, notFound(executionId));
      if (one.diagnosis) await nameConditions(context, reply);
      return descriptionJson(one, DEFAULT_STALE_AFTER_MS);
    },
  );

  app.get<{ Params: { id: string } }>(
    '/api/executions/:id/tree',
    {
      schema: {
        summary: 'The executions below one, breadth first',
        tags: ['executions'],
        params: idParams,
        response: {
          200: {
            type: 'object',
            properties: {
              root: { type: 'string' },
              truncated: { type: 'boolean' },
              executions: { type: 'array', items: executionReply },
              cycles: { type: 'array', items: { type: 'object', additionalProperties: true } },
            },
          },
          ...notFoundReply,
          ...failures,
        },
      },
    },
    async (request) => {
      const executionId = readId(request.params.id);
      const tree = await loadTree(store, executionId);
      if (!tree) throw new HttpProblem(404, notFound(executionId));
      const nodes = [...tree.nodes.values()].sort((a, b) => a.depth - b.depth);
      return {
        root: tree.root,
        truncated: tree.truncated,
        executions: nodes.map(({ executionId: id, execution, parent, depth }) => ({
          ...(execution ? executionJson(execution, clockOf(tree.asOf)) : { execution_id: id }),
          depth,
          under: parent,
        })),
        cycles: tree.cycles,
      };
    },
  );
};

/** Why those among executions that are stale are. */
function diagnosesOf({ diagnose }: ApiContext, executions: readonly Execution[], asOf: number) {
  const stale = executions
    .filter((one) => displayStatus(one, asOf, DEFAULT_STALE_AFTER_MS) === 'STALE')
    .map((one): ExecutionId => one.executionId);
  return diagnose.diagnoseMany(stale, { olderThanMs: DEFAULT_STALE_AFTER_MS });
}

/**
 * Whether the work of the cancelled ones has stopped. Their cancels are read in one go; the look reads the commands of
 * each, once, and later new events only, and is bounded: beyond MOST_STOPS no stop is given.
 */
async function stopsOf(
  { services: { store, follow } }: ApiContext,
  executions: readonly Execution[],
): Promise<ReadonlyMap<ExecutionId, StopState>> {
  const ids = executions.filter((one) => one.status === 'CANCELLED').map((one) => one.executionId);
  const cancels = ids.length === 0 ? [] : await store.cancellationsOf(ids.slice(0, MOST_STOPS));
  const { states } = cancels.length === 0 ? { states: [] } : await follow.look(cancels);
  return new Map(states.map((state) => [state.executionId, state]));
}

/** The conditions because of which nothing is safe, in a header: a list of executions has no field for what concerns all. */
async function nameConditions({ conditions }: ApiContext, reply: FastifyReply): Promise<void> {
  const engine = await conditions.read({ maxAgeMs: CONDITIONS_MAX_AGE_MS });
  const codes = engine.conditions.map(({ code }) => code);
  if (codes.length > 0) void reply.header('x-noetl-conditions', codes.join(', '));
}

/** A time as a request states it. @throws HttpProblem 400 */
function readMoment(text: string): number {
  const ago = parseDuration(text);
  // Further back than any execution is as good as 1970, and within what the database can hold.
  if (ago !== null) return Math.max(0, Date.now() - ago);
  const at = /^\d{4}-\d\d-\d\d([T ][\d:.]+(Z|[+-]\d\d:?\d\d)?)?$/.test(text) ? Date.parse(withZone(text)) : Number.NaN;
  if (Number.isNaN(at)) {
    throw new HttpProblem(400, 'since must be a time such as 2026-05-22T03:30:00Z or a duration such as 2h');
  }
  return at;
}

/** A time without a zone is UTC, whatever this process is set to. */
const withZone = (text: string): string => (/(Z|[+-]\d\d:?\d\d)$|^.{10}$/.test(text) ? text : `${text}Z`);

import { HttpProblem } from '../errors.js';
import { rowsJson } from '../openapi-exact.js';
import { errorReply, failures } from '../schemas.js';
import type { Routes } from './context.js';

/** NoETL's command line prints all that it gets; more than this is not readable. */
const MAX_ROWS = 10_000;
const TIMEOUT_MS = 30_000;

/** SQL that only reads, in the shape of NoETL's own endpoint; off unless the server was started with it. */
export const queryRoutes: Routes = (app, { services: { store }, allowQuery, queryRole }) => {
  app.post<{ Body: { query: string; schema?: string | null } }>(
    '/api/postgres/execute',
    {
      schema: {
        summary: 'Run one read-only SQL statement, as `noetl query` asks for it',
        description: 'Needs `serve --allow-query`. In a READ ONLY transaction that is rolled back.',
        tags: ['executions'],
        body: queryBody,
        response: { 200: queryReply, ...refusedReply, ...failures },
      },
    },
    async (request, reply) => {
      if (!allowQuery) throw new HttpProblem(403, 'queries are switched off here; start serve with --allow-query');
      const { query, schema } = request.body;
      const table = await store.runReadOnly(query, {
        maxRows: MAX_ROWS,
        timeoutMs: TIMEOUT_MS,
        role: queryRole,
        schema: schema ?? undefined,
      });
      if (table.risks.length > 0)
        request.log.warn({ risks: table.risks }, 'this query ran with more rights than reading');
      const more = { status: 'ok', columns: table.columns.map((column) => column.name), truncated: table.truncated };
      const body = `${JSON.stringify(more).slice(0, -1)},"result":${rowsJson(table)}}`;
      return reply.type('application/json; charset=utf-8').send(body);
    },
  );
};

export const queryBody = {
  type: 'object',
  additionalProperties: false,
  required: ['query'],
  properties: {
    query: { type: 'string', minLength: 1, description: 'One statement that only reads.' },
    schema: {
      type: ['string', 'null'],
      minLength: 1,
      maxLength: 63,
      description: 'The schema that names without one belong to.',
    },
  },
} as const;

export const queryReply = {
  type: 'object',
  description: 'Numbers keep all their digits: a reader whose numbers end at 2^53 must read them as texts.',
  properties: {
    status: { type: 'string', enum: ['ok'] },
    columns: { type: 'array', items: { type: 'string' } },
    truncated: { type: 'boolean', description: 'There are more rows than were sent.' },
    result: { type: 'array', items: { type: 'array', items: {} } },
  },
} as const;

export const refusedReply = { 403: { description: 'Queries are switched off', ...errorReply } } as const;

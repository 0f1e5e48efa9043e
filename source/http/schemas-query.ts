import { errorReply } from './schemas.js';

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

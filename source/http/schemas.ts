import { MAX_REASON_LENGTH } from '../domain/cancellation.js';
import { CONDITION_CODES } from '../domain/conditions/conditions.js';
import { RUNAWAY_CODES } from '../domain/runaway/facts.js';

/**
 * The JSON schemas of the API: requests are validated by them, replies written by them (in this order of keys), and the
 * OpenAPI document is made of them. Unknown fields are refused, never dropped in silence.
 */
export const nullable = (type: string, more: object = {}) => ({ type: [type, 'null'], ...more });
export const id = {
  type: 'string',
  description: 'A positive 64-bit integer in decimal. Always a string: it is beyond 2^53.',
};
export const time = { ...nullable('string'), description: 'ISO 8601 in UTC.' };

export const idParams = {
  type: 'object',
  required: ['id'],
  properties: { id: { type: 'string', description: 'The execution.' } },
} as const;

export const errorReply = {
  type: 'object',
  required: ['error'],
  additionalProperties: false,
  properties: { error: { type: 'string' } },
} as const;

/** What any call may be answered with instead. */
export const failures = {
  400: { description: 'Bad id, query or body', ...errorReply },
  401: { description: 'Missing or wrong token', ...errorReply },
  503: { description: 'The database is away or busy', ...errorReply },
} as const;

export const notFoundReply = { 404: { description: 'No event names the execution', ...errorReply } } as const;

export const cancelBody = {
  type: 'object',
  additionalProperties: false,
  properties: {
    // Longer ones are refused with how long they are; this bound only keeps what is not a reason out.
    reason: { ...nullable('string'), description: `At most ${MAX_REASON_LENGTH} characters after trimming.` },
    cascade: { type: 'boolean', default: true, description: 'Descendants too.' },
  },
} as const;

export const cancelReply = {
  type: 'object',
  required: ['status', 'execution_id', 'cancelled_executions', 'message'],
  properties: {
    status: { type: 'string', enum: ['cancelled', 'error'] },
    execution_id: id,
    cancelled_executions: { type: 'array', items: id },
    message: { type: 'string' },
    failed: {
      type: 'array',
      description: 'Present only where some of the executions could not be cancelled.',
      items: { type: 'object', properties: { execution_id: id, message: { type: 'string' } } },
    },
  },
} as const;

export const checkReply = {
  type: 'object',
  required: ['execution_id', 'status', 'event_type', 'cancelled', 'completed', 'failed'],
  properties: {
    execution_id: id,
    status: { type: 'string', enum: ['RUNNING', 'COMPLETED', 'FAILED', 'CANCELLED'] },
    event_type: { ...nullable('string'), description: 'The event that decides the status; while running, the newest.' },
    cancelled: { type: 'boolean', description: 'A cancel is in the log, also where the execution ended otherwise.' },
    completed: { type: 'boolean' },
    failed: { type: 'boolean' },
  },
} as const;

export const executionReply = {
  type: 'object',
  additionalProperties: true,
  properties: {
    execution_id: id,
    path: nullable('string'),
    version: nullable('integer'),
    status: { type: 'string', enum: ['RUNNING', 'STALE', 'COMPLETED', 'FAILED', 'CANCELLED'] },
    parent_execution_id: nullable('string'),
    started_at: time,
    ended_at: time,
    last_event: {
      type: 'object',
      properties: { type: { type: 'string' }, node: nullable('string'), at: time },
    },
    silent_seconds: { type: 'integer' },
    code: { type: 'string', description: 'Why it is stale.' },
    evidence: { type: 'object', additionalProperties: true },
    safe: { type: 'boolean', description: 'Whether cleaning it up is safe by default.' },
  },
} as const;

export const listQuery = {
  type: 'object',
  additionalProperties: false,
  properties: {
    status: {
      type: 'string',
      enum: ['running', 'stale', 'completed', 'failed', 'cancelled', 'all'],
      default: 'all',
    },
    path: { type: 'string', maxLength: 500, description: 'A glob: * and ?.' },
    parent: { type: 'string', description: 'Children of this execution.' },
    since: { type: 'string', maxLength: 40, description: 'Begun since: ISO 8601, or a duration such as 2h.' },
    limit: { type: 'string', pattern: '^[1-9][0-9]{0,3}$|^10000$', default: '50', description: '1 to 10000.' },
  },
} as const;

export const runawayQuery = {
  type: 'object',
  additionalProperties: false,
  properties: { path: listQuery.properties.path, limit: listQuery.properties.limit },
} as const;

export const runawayReply = {
  type: 'object',
  additionalProperties: true,
  properties: {
    ...executionReply.properties,
    code: { type: 'string', enum: RUNAWAY_CODES, description: 'How it runs away.' },
    evidence: { type: 'object', additionalProperties: true, description: 'A sentence, and the numbers in it.' },
    rate: {
      ...nullable('object'),
      properties: { per_minute: { type: 'number' }, of: { type: 'string', enum: ['events', 'children'] } },
    },
  },
} as const;

export const eventsQuery = {
  type: 'object',
  additionalProperties: false,
  properties: {
    after: { type: 'string', description: 'Events above this event id, oldest first.' },
    before: { type: 'string', description: 'Events below this event id; without both, the newest.' },
    limit: { type: 'string', pattern: '^[1-9][0-9]{0,2}$|^1000$', default: '100', description: '1 to 1000.' },
    payloads: { type: 'string', enum: ['none', 'masked'], default: 'none' },
  },
} as const;

export const conditionReply = {
  type: 'object',
  properties: {
    condition: { type: 'string', enum: CONDITION_CODES },
    sentence: { type: 'string', description: 'What shows that it holds.' },
    remedy: { type: 'string' },
    since: time,
    until: time,
    remaining_seconds: nullable('integer'),
    count: { type: 'integer' },
    names: { type: 'array', items: { type: 'string' } },
  },
} as const;

export const engineReply = {
  type: 'object',
  properties: {
    as_of: time,
    safe_to_judge: { type: 'boolean', description: 'False while a condition holds: nothing is safe to clean up then.' },
    conditions: { type: 'array', items: conditionReply },
    unknown: {
      type: 'array',
      description: 'Conditions that cannot be decided; they count as not holding.',
      items: { type: 'object', properties: { condition: { type: 'string' }, why: { type: 'string' } } },
    },
    worker_liveness: { type: 'string', enum: ['known', 'unknown'] },
    workers: {
      ...nullable('object'),
      properties: { alive: { type: 'integer' }, registered: { type: 'integer' } },
    },
  },
} as const;

export const workerEventBody = {
  type: 'object',
  additionalProperties: false,
  required: ['execution_id', 'step'],
  properties: {
    execution_id: id,
    event_type: {
      type: 'string',
      description: 'command.claimed, .started, .heartbeat, .completed, .failed, .cancelled.',
    },
    name: { type: 'string', description: 'The same, as older workers call it.' },
    step: { type: 'string', minLength: 1, maxLength: 500 },
    command_id: { type: 'string', minLength: 1, maxLength: 1000, description: 'Else meta.command_id, else the step.' },
    worker_id: { ...nullable('string', { maxLength: 500 }) },
    status: { ...nullable('string', { maxLength: 50 }) },
    meta: {
      ...nullable('object'),
      // Text, or it would be read back as another name than was judged.
      properties: { worker_id: nullable('string', { maxLength: 500 }) },
      additionalProperties: true,
    },
    context: { ...nullable('object'), additionalProperties: true },
    payload: { ...nullable('object'), additionalProperties: true, description: 'As context.' },
    actionable: { type: 'boolean' },
    informative: { type: 'boolean' },
  },
} as const;

export const workerEventReply = {
  type: 'object',
  properties: {
    status: { type: 'string', enum: ['ok'] },
    event_id: id,
    commands_generated: { type: 'integer' },
    duplicate: { type: 'boolean', description: 'True where the log held it already.' },
  },
} as const;

import { CONDITION_CODES } from '../domain/conditions/conditions.js';
import { conditionReply, id } from './schemas.js';

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

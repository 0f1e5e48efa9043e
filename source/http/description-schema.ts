import { STOP_PHASES } from '../domain/stopping/stopping.js';
import { executionReply, nullable, runawayReply, time } from './schemas.js';

/** The JSON schemas of one execution with everything that is known of it (product.md, "One execution"). */
const count = { type: 'integer' };

const stopReply = {
  ...nullable('object'),
  description: 'Whether the work of a cancelled execution has stopped; null where the log was not looked at.',
  properties: {
    phase: { type: 'string', enum: STOP_PHASES },
    draining: { ...count, description: 'Commands in progress.' },
    issued_after: { ...count, description: 'Commands issued after the cancel, whose claims are refused.' },
    explanation: { type: 'string' },
  },
} as const;

/** One of a list: as executionReply; cancelled ones with their stop. */
export const listedReply = {
  ...executionReply,
  properties: { ...executionReply.properties, stop: stopReply },
} as const;

export const descriptionReply = {
  type: 'object',
  additionalProperties: true,
  properties: {
    ...executionReply.properties,
    since: { ...time, description: 'Running since its start, ended since its end, stale since its last event.' },
    run_seconds: nullable('integer'),
    usual_run: {
      ...nullable('object'),
      description: 'How long the last runs of its playbook took; null where fewer than 10 are known.',
      properties: { runs: count, median_seconds: nullable('integer'), p95_seconds: nullable('integer') },
    },
    parent_status: nullable('string'),
    parent_path: nullable('string'),
    children: {
      type: 'object',
      description: 'Direct children by status; live ones are running or stale.',
      properties: {
        all: count,
        live: count,
        running: count,
        stale: count,
        completed: count,
        failed: count,
        cancelled: count,
        at_least: { type: 'boolean', description: 'True where there are more than were counted.' },
      },
    },
    step: { ...nullable('string'), description: 'The step that it is at, or was at last.' },
    command: {
      ...nullable('object'),
      description: 'The current command, or the last one.',
      properties: {
        command_id: { type: 'string' },
        node: nullable('string'),
        stage: { type: 'string' },
        worker_id: nullable('string'),
        at: time,
        attempts: count,
        outstanding: { ...count, description: 'Commands that have been issued and have not ended.' },
      },
    },
    worker: {
      ...nullable('object'),
      properties: {
        name: { type: 'string' },
        status: nullable('string'),
        heartbeat_at: time,
        liveness: { type: 'string', enum: ['alive', 'lost', 'unknown'] },
      },
    },
    first_error: {
      ...nullable('object'),
      properties: { type: { type: 'string' }, node: nullable('string'), at: time, text: nullable('string') },
    },
    runaway: {
      type: 'object',
      description: 'How a running execution behaves unlike its playbook.',
      properties: {
        code: runawayReply.properties.code,
        evidence: runawayReply.properties.evidence,
        rate: runawayReply.properties.rate,
      },
    },
    cancellation: {
      type: 'object',
      description: 'The cancel in its log, also where it ended otherwise.',
      properties: {
        cancelled_at: time,
        cancelled_by: nullable('string'),
        reason: nullable('string'),
        cascade: nullable('boolean'),
        parent_cancel_id: nullable('string'),
        batch_id: nullable('string'),
        source: nullable('string'),
      },
    },
    stop: stopReply,
  },
} as const;

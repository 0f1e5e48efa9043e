import { snowflakeFloor } from '../../domain/snowflake.js';
import type { EventDraft, JsonObject } from './event-row.js';

/** What a worker reported in one request, and what the server wrote while it worked on it. */
export interface WorkerReport {
  readonly worker: string;
  readonly executionId: string;
  /** Distinguishes the requests of one millisecond. */
  readonly commandId: string;
  readonly events: readonly EventDraft[];
  /** What the orchestrator made of it. */
  readonly reaction: readonly EventDraft[];
  readonly issued: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Milliseconds from the worker's events to the transport's three rows, as recorded on an idle server. */
const ACCEPTED_AFTER = 6;
const PROCESSING_AFTER = 10;
const REACTION_AFTER = 26;
const COMPLETED_AFTER = 34;

const BATCH = { by: 'transport', node_id: 'events.batch', node_name: 'events.batch' } as const;

/**
 * The rows around one report of a Python worker: its events, `batch.accepted`, `batch.processing`, what the orchestrator
 * wrote, `batch.completed`. The last is nearly always an execution's newest row, also after `playbook.completed`.
 */
export function reportedInBatch(report: WorkerReport): EventDraft[] {
  const { worker, executionId, events, reaction, at } = report;
  const request = (snowflakeFloor(at, 'database') | (BigInt(report.commandId) & 0x3ffffn)).toString();
  const common: JsonObject = {
    worker_id: worker,
    actionable: false,
    informative: true,
    batch_request_id: request,
    idempotency_key: `${worker}:${executionId}:${BigInt(request).toString(16).padStart(32, '0')}`,
  };
  const row = (
    word: string,
    status: string,
    after: number,
    context: JsonObject,
    meta: JsonObject = {},
  ): EventDraft => ({
    ...BATCH,
    at: at + after,
    event_type: `batch.${word}`,
    status,
    worker_id: worker,
    result: { status, context: { request_id: request, ...context } },
    meta: { ...common, ...meta },
  });
  const count = events.length;
  return [
    ...events.map((event) => ({ ...event, at, meta: { ...common, ...event.meta } })),
    row('accepted', 'PENDING', ACCEPTED_AFTER, { commands_generated: 0 }, { event_count: count }),
    row('processing', 'RUNNING', PROCESSING_AFTER, { event_count: count, queue_wait_ms: 0.4 }),
    ...reaction.map((event) => ({ ...event, at: at + REACTION_AFTER })),
    row('completed', 'COMPLETED', COMPLETED_AFTER, {
      actionable_event: reaction.length > 0,
      commands_generated: report.issued,
    }),
  ];
}

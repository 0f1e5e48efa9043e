import type { ExecutionId } from '../../domain/execution-id.js';
import { maskedPayload, withinDepth } from '../../domain/payload.js';
import type { EventDetail } from '../../store/event-store.js';
import { isoTime } from './execution-json.js';

/** Whether payloads are shown, and with their values or without. */
export type PayloadView = 'none' | 'masked' | 'revealed';

/** One event as JSON, on the command line and in the API; payloads masked unless revealed, and absent when they were not read. */
export function eventJson(id: ExecutionId, event: EventDetail, view: PayloadView): Record<string, unknown> {
  return {
    execution_id: id,
    event_id: event.eventId,
    type: event.type,
    node: event.node,
    node_type: event.nodeType,
    status: event.status,
    at: isoTime(event.at),
    worker_id: event.workerId,
    command_id: event.commandId,
    duration_ms: event.durationMs,
    error: event.error,
    ...(event.payload === null
      ? {}
      : {
          context: payload(event.payload.context, view),
          result: payload(event.payload.result, view),
          meta: payload(event.payload.meta, view),
        }),
  };
}

/** A payload as it may be shown. */
export const payload = (value: unknown, view: PayloadView): unknown =>
  value === null || value === undefined ? null : view === 'revealed' ? withinDepth(value) : maskedPayload(value);

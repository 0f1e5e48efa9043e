import type { EventDetail } from '../../../source/store/event-store.js';

/** An event of which only the id matters, but for what is changed. */
export const eventDetail = (eventId: number | bigint, change: Partial<EventDetail> = {}): EventDetail => ({
  eventId: String(eventId),
  type: 'step.enter',
  node: null,
  status: null,
  workerId: null,
  at: 0,
  nodeType: null,
  durationMs: null,
  commandId: null,
  iteration: null,
  error: null,
  payload: null,
  ...change,
});

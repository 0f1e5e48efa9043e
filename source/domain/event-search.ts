import type { EventSummary } from './execution.js';

/** What of an event is looked at. */
type Searched = EventSummary & { readonly error: string | null; readonly commandId: string | null };

const FAILED_STATUS = /^(failed|error)$/i;

/**
 * True for an event that reports a failure: by its error text, its type or its status. It need not end the execution.
 * Source: event-store.md, "Words". store/timeline.ts says the same in SQL.
 */
export const isFailure = (event: Pick<Searched, 'type' | 'status' | 'error'>): boolean =>
  event.error !== null || /error|failed/.test(event.type) || FAILED_STATUS.test(event.status ?? '');

/**
 * True when an event's words contain a text, in any case: its id, type, step, status, worker, command and error. Never
 * the payloads, which are masked. store/timeline.ts says the same in SQL.
 */
export function containsText(event: Searched, text: string): boolean {
  const { eventId, type, node, status, workerId, commandId, error } = event;
  const words = [eventId, type, node, status, workerId, commandId, error].filter((word) => word !== null);
  return words.join(' ').toLowerCase().includes(text.toLowerCase());
}

import { CANCELLED_TYPES, COMMAND_ISSUED, FAILED_TYPES, isTransport } from '../event-types.js';
import type { EpochMs, EventSummary } from '../execution.js';
import type { Later } from './types.js';

const CANCELS: ReadonlySet<string> = new Set(CANCELLED_TYPES);
const FAILURES: ReadonlySet<string> = new Set(FAILED_TYPES);

/**
 * What an execution did after a moment. No going on are the transport's rows, a cancel, and a `command.issued` after a
 * cancel: the Python engine writes one for each command that ends, and its claim is refused (event-store.md).
 *
 * @param events ascending by event id
 */
export function laterThan<Event extends Pick<EventSummary, 'type' | 'at'>>(
  events: readonly Event[],
  moment: EpochMs,
): { readonly later: Later; readonly first: Event | null } {
  let isCancelled = false;
  let hasFailed = false;
  for (const event of events) {
    if (CANCELS.has(event.type)) isCancelled = true;
    if (event.at <= moment || CANCELS.has(event.type) || isTransport(event.type)) continue;
    if (isCancelled && event.type === COMMAND_ISSUED) continue;
    if (FAILURES.has(event.type)) hasFailed = true;
    else return { later: 'went-on', first: event };
  }
  return { later: hasFailed ? 'given-up' : isCancelled ? 'cancelled' : 'nothing', first: null };
}

import { CANCELLED_TYPES, COMMAND_ISSUED, FAILED_TYPES, isTransport } from '../event-types.js';
import type { EpochMs, EventSummary } from '../execution.js';
import { terminalStatusOf } from '../execution-status.js';
import type { Later, LogEvent } from './rehearse.js';

/** A stretch without an event of an execution that had not ended. */
export interface Silence {
  /** How many of the execution's events had been written when it began. */
  readonly events: number;
  readonly since: EpochMs;
  /** When its last rows reached the table, where they were loaded later than lived: nothing was known of them before. */
  readonly knownFrom: EpochMs;
  /** When the next event was written; null where there is none yet. */
  readonly until: EpochMs | null;
}

/**
 * The silences of one execution that are longer than `staleAfterMs` and end within the window, or go on to its end.
 *
 * @param events ascending by event id, without the transport's
 */
export function silencesOf(
  events: readonly LogEvent[],
  window: { readonly from: EpochMs; readonly to: EpochMs },
  staleAfterMs: number,
): Silence[] {
  const found: Silence[] = [];
  let [knownFrom, since] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const [index, event] of events.entries()) {
    // Rows of the future: whatever they say was not known yet.
    if (event.at > window.to) break;
    if (terminalStatusOf(event.type)) break;
    since = event.at;
    knownFrom = Math.max(knownFrom, event.loaded?.at ?? event.at);
    const next = events[index + 1];
    const until = next && next.at <= window.to ? next.at : null;
    const end = until ?? window.to;
    const begin = Math.max(since + staleAfterMs, knownFrom);
    if (begin < end && end > window.from) found.push({ events: index + 1, since, knownFrom, until });
  }
  return found;
}

/**
 * The moments of a silence at which a cleanup is rehearsed: just after the threshold, just after the grace for
 * finalising, and just before the silence ended. Within one silence an execution's own events stay the same, and of its
 * relatives only time's passing can turn a verdict to safe, so the last moment is the worst one.
 */
export function momentsOf(
  silence: Silence,
  window: { readonly from: EpochMs; readonly to: EpochMs },
  { staleAfterMs, finalizingMs }: { readonly staleAfterMs: number; readonly finalizingMs: number },
): EpochMs[] {
  const first = Math.max(silence.since + staleAfterMs + 1, silence.knownFrom, window.from);
  const last = silence.until === null ? window.to : silence.until - 1;
  const moments = [first, silence.since + finalizingMs + 1, last];
  return [...new Set(moments.filter((moment) => moment >= first && moment <= last))].sort((a, b) => a - b);
}

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

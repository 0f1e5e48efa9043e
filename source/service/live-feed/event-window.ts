import { CANCELLED_TYPES } from '../../domain/event-types.js';
import type { EpochMs } from '../../domain/execution.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import type { EventStore, FeedEvent, ReadOptions } from '../../store/event-store.js';

/**
 * How far back each read looks beyond the last: a row gets its created_at when its transaction begins and becomes
 * visible when that commits, so a later read can still find an earlier time.
 */
export const OVERLAP_MS = 10_000;
/** Events one read takes at most; a burst takes several reads. */
const PAGE = 5000;
/** Pages in one go; beyond that the feed is too far behind and a full read is cheaper. */
const MAX_PAGES = 20;

/** A cancel row that was written while the feed ran. */
export interface FeedCancel {
  readonly executionId: ExecutionId;
  readonly at: EpochMs;
}

export const cancelsAmong = (events: readonly FeedEvent[]): FeedCancel[] =>
  events.filter(({ type }) => (CANCELLED_TYPES as readonly (string | null)[]).includes(type));

/** Reads the event log forwards by time, with an overlap, and hands each event out once. */
export class EventWindow {
  readonly #seen = new Map<string, EpochMs>();

  constructor(
    private readonly store: Pick<EventStore, 'eventsSince'>,
    private watermark: EpochMs,
  ) {}

  /** New events, oldest first. `behind` is true when there were more than one go can take. */
  async next(options: ReadOptions): Promise<{ events: FeedEvent[]; asOf: EpochMs; behind: boolean }> {
    const fresh: FeedEvent[] = [];
    let since = this.watermark - OVERLAP_MS;
    this.#prune(since);
    for (let page = 1; ; page++) {
      const { events, asOf, truncated } = await this.store.eventsSince(since, PAGE, options);
      for (const event of events) {
        const key = `${event.executionId}/${event.eventId}`;
        if (this.#seen.has(key)) continue;
        this.#seen.set(key, event.at);
        fresh.push(event);
      }
      const last = events.at(-1)?.at ?? since;
      // A whole page of one instant would be read for ever; the full read repairs what lies behind it.
      if (!truncated || last === since || page >= MAX_PAGES) {
        this.watermark = asOf;
        return { events: fresh, asOf, behind: truncated };
      }
      since = last;
    }
  }

  #prune(before: EpochMs): void {
    for (const [key, at] of this.#seen) if (at < before) this.#seen.delete(key);
  }
}

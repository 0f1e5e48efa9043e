import { containsText, isFailure } from '../../domain/event-types.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import type { EventDetail, EventPage, EventPageRequest, TimelineReader } from '../../store/event-store.js';
import type { TimelineAction, TimelineState } from './timeline-state.js';

const PAGE = 200;
/** Events that come in one read while the screen is open; where more came, the window is read anew. */
const NEW_AT_MOST = 1000;
/**
 * Events at the end that are read again: an id is taken before its row can be seen, so a row may appear below the newest.
 */
const OVERLAP = 20;
/** Below the id of every event. */
const BEFORE_ALL = '-9223372036854775808';

/** What is looked for, and its words for the messages. */
export interface Wanted {
  readonly page: Pick<EventPageRequest, 'failuresOnly' | 'containing'>;
  readonly matches: (event: EventDetail) => boolean;
  readonly words: string;
}
export const wantedFailure: Wanted = { page: { failuresOnly: true }, matches: isFailure, words: 'failure' };
export const wantedText = (text: string): Wanted => ({
  page: { containing: text },
  matches: (event) => containsText(event, text),
  words: `match for "${text}"`,
});

/** Where the next event that is looked for is: among those held, elsewhere in the log, or nowhere. */
export type Found =
  | { readonly kind: 'held'; readonly index: number; readonly wrapped: boolean }
  | { readonly kind: 'read'; readonly action: TimelineAction; readonly wrapped: boolean }
  | { readonly kind: 'none' };

/** Reads windows of one execution's events; every read is of one page. */
export class TimelineWindows {
  constructor(
    private readonly store: TimelineReader,
    private readonly executionId: ExecutionId,
    private readonly state: () => TimelineState,
  ) {}

  /** The newest events. */
  async last(signal: AbortSignal): Promise<TimelineAction> {
    const { events, hasMore } = await this.#page({ limit: PAGE }, signal);
    return { type: 'window', events, hasOlder: hasMore, hasNewer: false, at: 'last' };
  }

  /** The first events there are. */
  async first(signal: AbortSignal): Promise<TimelineAction> {
    const { events, hasMore } = await this.#page({ after: BEFORE_ALL, limit: PAGE }, signal);
    return { type: 'window', events, hasOlder: false, hasNewer: hasMore, at: 'first' };
  }

  /** What came since the events that are held; nothing while those are not the newest. */
  async news(signal: AbortSignal): Promise<TimelineAction | null> {
    const { events, hasNewer, follow } = this.state();
    if (hasNewer) return null;
    const from = events.at(-1 - OVERLAP) ?? events[0];
    if (!from) return this.last(signal);
    const after = String(BigInt(from.eventId) - 1n);
    const page = await this.#page({ after, limit: NEW_AT_MOST }, signal);
    if (page.hasMore && follow) return this.last(signal);
    return { type: 'newer', events: page.events, hasNewer: page.hasMore };
  }

  /** The page before those held, or after them; null where there is none. */
  async further(side: 'older' | 'newer', signal: AbortSignal): Promise<TimelineAction | null> {
    const { events } = this.state();
    const edge = side === 'older' ? events[0] : events.at(-1);
    if (!edge) return null;
    const bound = side === 'older' ? { before: edge.eventId } : { after: edge.eventId };
    const page = await this.#page({ ...bound, limit: PAGE }, signal);
    return side === 'older'
      ? { type: 'older', events: page.events, hasOlder: page.hasMore }
      : { type: 'newer', events: page.events, hasNewer: page.hasMore };
  }

  /** One event with its payloads. */
  async withPayload(eventId: string, signal: AbortSignal): Promise<EventDetail | undefined> {
    const page = { after: String(BigInt(eventId) - 1n), limit: 1, payloads: true };
    const { events } = await this.store.eventsOf(this.executionId, page, { signal });
    return events.find((event) => event.eventId === eventId);
  }

  /** A window with an event in its middle. */
  async around(eventId: string, signal: AbortSignal): Promise<TimelineAction> {
    const [before, from] = await Promise.all([
      this.#page({ before: eventId, limit: PAGE / 2 }, signal),
      this.#page({ after: String(BigInt(eventId) - 1n), limit: PAGE / 2 }, signal),
    ]);
    return {
      type: 'window',
      events: [...before.events, ...from.events],
      hasOlder: before.hasMore,
      hasNewer: from.hasMore,
      at: { eventId },
    };
  }

  /** The next event that is wanted, down (1) or up (-1) from the cursor, and on from the log's other end. */
  async find(wanted: Wanted, by: 1 | -1, signal: AbortSignal): Promise<Found> {
    const { events, cursor, hasOlder, hasNewer } = this.state();
    for (let index = cursor + by; index >= 0 && index < events.length; index += by) {
      if (wanted.matches(events[index] as EventDetail)) return { kind: 'held', index, wrapped: false };
    }
    const edge = by === 1 ? events.at(-1) : events[0];
    if (edge && (by === 1 ? hasNewer : hasOlder)) {
      const bound = by === 1 ? { after: edge.eventId } : { before: edge.eventId };
      const hit = await this.#hit({ ...bound, ...wanted.page }, signal);
      if (hit) return { kind: 'read', action: await this.around(hit.eventId, signal), wrapped: false };
    }
    const hit = await this.#hit({ ...(by === 1 ? { after: BEFORE_ALL } : {}), ...wanted.page }, signal);
    if (!hit) return { kind: 'none' };
    const index = this.state().events.findIndex((event) => event.eventId === hit.eventId);
    if (index >= 0) return { kind: 'held', index, wrapped: true };
    return { kind: 'read', action: await this.around(hit.eventId, signal), wrapped: true };
  }

  async #hit(page: Omit<EventPageRequest, 'limit'>, signal: AbortSignal): Promise<EventDetail | undefined> {
    return (await this.#page({ ...page, limit: 1 }, signal)).events[0];
  }

  #page(page: EventPageRequest, signal: AbortSignal): Promise<EventPage> {
    const failures = this.state().failuresOnly ? { failuresOnly: true } : {};
    return this.store.eventsOf(this.executionId, { ...page, ...failures }, { signal });
  }
}

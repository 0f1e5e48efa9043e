import type { ExecutionId } from '../../domain/execution-id.js';
import type { EventDetail, TimelineReader } from '../../store/event-store.js';

/** Events that a chart is made from: the newest of a longer execution, which the title says. */
export const MOST_EVENTS = 20_000;
/** Events at the end that are read again: an id is taken before its row can be seen. */
const OVERLAP = 20;

/** The newest events of one execution, without payloads: all at first, then what came since. */
export class EventLog {
  /** Ascending by id. */
  events: readonly EventDetail[] = [];
  /** True when the execution has events before these. */
  hasOlder = false;

  constructor(
    private readonly store: TimelineReader,
    private readonly executionId: ExecutionId,
  ) {}

  async read(signal: AbortSignal): Promise<void> {
    const from = this.events.at(-1 - OVERLAP) ?? this.events[0];
    if (from && (await this.#readSince(from, signal))) return;
    const page = await this.store.eventsOf(this.executionId, { limit: MOST_EVENTS }, { signal });
    if (signal.aborted) return;
    this.events = page.events;
    this.hasOlder = page.hasMore;
  }

  /** False when more came than a chart holds. */
  async #readSince(from: EventDetail, signal: AbortSignal): Promise<boolean> {
    const after = String(BigInt(from.eventId) - 1n);
    const page = await this.store.eventsOf(this.executionId, { after, limit: MOST_EVENTS }, { signal });
    if (signal.aborted) return true;
    if (page.hasMore) return false;
    const all = [...this.events.slice(0, this.events.indexOf(from)), ...page.events];
    this.hasOlder ||= all.length > MOST_EVENTS;
    this.events = all.slice(-MOST_EVENTS);
    return true;
  }
}

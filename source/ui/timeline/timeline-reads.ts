import type { ExecutionId } from '../../domain/execution-id.js';
import { visibleText } from '../../text/visible-text.js';
import type { ConsoleContext } from '../shell/console-context.js';
import { errorText, isAbort } from '../shell/notices.js';
import { ShownPoller } from '../shell/shown-poller.js';
import type { TimelineAction, TimelineState } from './timeline-state.js';
import { type Found, TimelineWindows, type Wanted } from './timeline-windows.js';

const POLL_MS = 1000;
/** This near to the end of what is held, the page beyond it is read. */
const NEAR = 20;

/** When the timeline reads what: the news while it is shown, and what keys ask for. */
export class TimelineReads extends ShownPoller {
  readonly #windows: TimelineWindows;
  /** The read that a key began last; the next one gives it up. */
  #asked = new AbortController();
  #isPaging = false;

  constructor(
    private readonly context: ConsoleContext,
    executionId: ExecutionId,
    private readonly state: () => TimelineState,
    private readonly dispatch: (action: TimelineAction) => void,
  ) {
    const windows = new TimelineWindows(context.services.store, executionId, state);
    super(context.feed, {
      everyMs: POLL_MS,
      share: 1,
      read: async (signal) => {
        const held = state().events;
        const action = await windows.news(signal);
        // Another window may have come meanwhile; what was read does not go on from it.
        const isStale = signal.aborted || (state().events !== held && held.length > 0);
        if (action && !isStale) dispatch(action);
      },
      failed: (message) => dispatch({ type: 'failed', message }),
    });
    this.#windows = windows;
  }

  /** Begins at an event, or at the newest. */
  begin(eventId: string | null): void {
    if (eventId === null) this.readNow();
    else
      this.#ask(
        (signal) => this.#windows.around(eventId, signal),
        () => this.readNow(),
      );
  }

  override dispose(): void {
    super.dispose();
    this.#asked.abort();
  }

  /** Goes to the first or the last event there is, whatever is held. */
  toEnd(end: 'first' | 'last'): void {
    this.#ask((signal) => this.#windows[end](signal));
  }

  toEvent(eventId: string): void {
    this.#ask((signal) => this.#windows.around(eventId, signal));
  }

  /** Goes to the next event that is wanted, down or up from the cursor. */
  find(wanted: Wanted, by: 1 | -1): void {
    this.#ask(async (signal) => this.#arrive(await this.#windows.find(wanted, by, signal), wanted, by));
  }

  /** Reads the page beyond the cursor's end of what is held. */
  furtherIfNear(): void {
    const { cursor, hasOlder, hasNewer, events } = this.state();
    const side = hasOlder && cursor <= NEAR ? 'older' : hasNewer && cursor >= events.length - NEAR ? 'newer' : null;
    if (side === null || this.#isPaging) return;
    this.#isPaging = true;
    const { signal } = this.#asked;
    void this.#guarded(signal, async () => {
      const action = await this.#windows.further(side, signal);
      // It goes on from the end that was held then; a poll that fell behind may have read another window.
      const now = this.state().events;
      const goesOn = side === 'older' ? now[0] === events[0] : now.at(-1) === events.at(-1);
      if (action && goesOn && !signal.aborted) this.dispatch(action);
    }).finally(() => {
      this.#isPaging = false;
    });
  }

  /** Reads the payloads of the opened event, if they are wanted: of no other, so that no secret is fetched in vain. */
  payload(): void {
    const { payloads, expanded, events, cursor } = this.state();
    const event = events[cursor];
    if (payloads !== 'shown' || !expanded || !event || event.payload) return;
    const { signal } = this.#asked;
    void this.#guarded(signal, async () => {
      const full = await this.#windows.withPayload(event.eventId, signal);
      if (full && this.state().payloads === 'shown') this.dispatch({ type: 'payload', event: full });
    });
  }

  /** Reads what a key asked for; what an earlier key asked for is given up. */
  #ask(read: (signal: AbortSignal) => Promise<TimelineAction | null>, then: () => void = () => {}): void {
    this.#asked.abort();
    const asked = new AbortController();
    this.#asked = asked;
    void this.#guarded(asked.signal, async () => {
      const action = await read(asked.signal);
      if (asked.signal.aborted) return;
      if (action) this.dispatch(action);
      this.payload();
      then();
    });
  }

  #arrive(found: Found, wanted: Wanted, by: 1 | -1): TimelineAction | null {
    const { notices } = this.context;
    const words = visibleText(wanted.words);
    notices.clear();
    if (found.kind === 'none') {
      notices.say(`no ${words}`, 'warn');
      return null;
    }
    if (found.wrapped) notices.say(by === 1 ? `first ${words}: none further down` : `last ${words}: none further up`);
    return found.kind === 'read' ? found.action : { type: 'point', index: found.index };
  }

  async #guarded(signal: AbortSignal, read: () => Promise<void>): Promise<void> {
    try {
      await read();
    } catch (error) {
      if (!signal.aborted && !isAbort(error)) this.dispatch({ type: 'failed', message: errorText(error) });
    }
  }
}

import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ExecutionId } from '../../domain/execution-id.js';
import type { EventPage } from '../../store/event-store.js';
import { MOVES } from '../kit/scroll.js';
import { copyNotice, frozenTarget } from '../rows/frozen-target.js';
import { BODY_TOP, followBodyRows } from '../shell/body-rows.js';
import { actCommonly } from '../shell/common-actions.js';
import type { ConsoleContext } from '../shell/console-context.js';
import { errorText, isAbort } from '../shell/error-text.js';
import type { ActionId } from '../shell/keymap-types.js';
import type { Screen } from '../shell/screen.js';
import { eventDetailLines } from './format-timeline.js';
import {
  detailRoom,
  initialTimelineState,
  listRows,
  type TimelineAction,
  type TimelineState,
  timelineReducer,
} from './timeline-state.js';

declare module '../shell/screen.js' {
  interface ScreenArguments {
    timeline: [id: ExecutionId, path: string | null];
  }
}

const PAGE = 200;
const POLL_MS = 1000;
/** This near to the first event that is held, the page before it is read. */
const NEAR_TOP = 20;

/** The events of one execution, newest at the bottom. Payloads are not even read until the operator asks. */
export class TimelineModel implements Screen {
  readonly kind = 'timeline';
  readonly state: StoreApi<TimelineState> = createStore<TimelineState>(() => initialTimelineState);
  #reading = new AbortController();
  #timer: NodeJS.Timeout | null = null;
  #older = false;
  #awake = true;
  #paused = false;
  #body = 1;
  readonly #unfollow: () => void;

  constructor(
    private readonly context: ConsoleContext,
    readonly executionId: ExecutionId,
    readonly path: string | null,
  ) {
    this.#unfollow = followBodyRows(context, true, (rows) => {
      this.#body = rows;
      this.#resize();
    });
    void this.#newest();
  }

  dispatch(action: TimelineAction): void {
    const before = this.state.getState();
    this.state.setState(timelineReducer(before, action), true);
    if (this.state.getState().expanded !== before.expanded) this.#resize();
  }

  act(action: ActionId): void {
    if (action !== 'reveal') this.dispatch({ type: 'unask' });
    const move = MOVES[action];
    if (move) {
      this.dispatch({ type: 'move', move, detailMost: this.#detailMost() });
      this.#payload();
      this.#olderIfNear();
      return;
    }
    switch (action) {
      case 'expand':
        this.dispatch({ type: 'toggle-expand' });
        this.#payload();
        return;
      case 'follow':
        this.dispatch({ type: 'toggle-follow' });
        return;
      case 'reveal':
        this.#reveal();
        return;
      case 'describe':
        this.context.open('describe', this.executionId);
        return;
      case 'cancel':
        this.#cancel();
        return;
      case 'copy': {
        const done = this.context.copy(this.executionId);
        this.context.notices.say(copyNotice([this.executionId], done), done ? 'good' : 'warn');
        return;
      }
      case 'pause':
        this.#paused = !this.#paused;
        this.context.notices.say(this.#paused ? 'paused: p resumes' : 'live updates resumed');
        this.#schedule(0);
        return;
      case 'refresh':
        this.dispatch({ type: 'loading' });
        return void this.#newest();
      case 'back':
        if (this.state.getState().expanded === null) this.context.back();
        else this.dispatch({ type: 'toggle-expand' });
        return;
      default:
        actCommonly(action, this.context);
    }
  }

  click(_x: number, y: number): void {
    if (y >= BODY_TOP) this.dispatch({ type: 'point', index: this.state.getState().offset + y - BODY_TOP });
  }

  wheel(by: 1 | -1): void {
    this.dispatch({ type: 'move', move: { by: by * 3 } });
    this.#olderIfNear();
  }

  resume(): void {
    this.#awake = true;
    this.#schedule(0);
  }

  rest(): void {
    this.#awake = false;
    if (this.#timer) clearTimeout(this.#timer);
  }

  dispose(): void {
    this.rest();
    this.#unfollow();
    this.#reading.abort();
  }

  #resize(): void {
    this.dispatch({ type: 'height', rows: listRows(this.#body, this.state.getState().expanded !== null) });
  }

  /** The last line of the opened event that may be the first one shown. */
  #detailMost(): number {
    const { expanded, events, cursor, payloads, height } = this.state.getState();
    const event = expanded === null ? undefined : events[cursor];
    if (!event) return 0;
    const lines = eventDetailLines(event, payloads, this.context.size.getState().columns - 2);
    return Math.max(0, lines.length - detailRoom(this.#body - height));
  }

  #page(page: { after?: string; before?: string }): Promise<EventPage> {
    const { signal } = this.#reading;
    return this.context.services.store.eventsOf(this.executionId, { ...page, limit: PAGE }, { signal });
  }

  async #newest(): Promise<void> {
    await this.#guarded(async () => {
      const { events, hasMore } = await this.#page({});
      this.dispatch({ type: 'newest', events, hasOlder: hasMore });
    });
    this.#schedule(POLL_MS);
  }

  async #newer(): Promise<void> {
    const last = this.state.getState().events.at(-1);
    if (!last) return this.#newest();
    await this.#guarded(async () => {
      let { events, hasMore } = await this.#page({ after: last.eventId });
      this.dispatch({ type: 'newer', events });
      while (hasMore && events.length > 0) {
        ({ events, hasMore } = await this.#page({ after: events.at(-1)!.eventId }));
        this.dispatch({ type: 'newer', events });
      }
    });
    this.#schedule(POLL_MS);
  }

  #olderIfNear(): void {
    const { cursor, hasOlder, events } = this.state.getState();
    const first = events[0];
    if (!first || !hasOlder || cursor > NEAR_TOP || this.#older) return;
    this.#older = true;
    void this.#guarded(async () => {
      const { events: older, hasMore } = await this.#page({ before: first.eventId });
      this.dispatch({ type: 'older', events: older, hasOlder: hasMore });
    }).finally(() => {
      this.#older = false;
    });
  }

  #reveal(): void {
    const { payloads } = this.state.getState();
    if (payloads === 'shown') {
      this.dispatch({ type: 'mask' });
      this.context.notices.say('payloads masked');
      return;
    }
    this.dispatch({ type: 'reveal' });
    if (payloads === 'masked') {
      this.context.notices.say('payloads may contain secrets: press x again to show them', 'warn');
      return;
    }
    if (this.state.getState().expanded === null) this.dispatch({ type: 'toggle-expand' });
    this.context.notices.say('payloads shown: x masks them', 'warn');
    this.#payload();
  }

  /** Reads the payloads of the opened event, if they are wanted: of no other, so that no secret is fetched in vain. */
  #payload(): void {
    const { payloads, expanded, events, cursor } = this.state.getState();
    const event = events[cursor];
    if (payloads !== 'shown' || expanded === null || !event || event.payload) return;
    void this.#guarded(async () => {
      const page = { after: String(BigInt(event.eventId) - 1n), limit: 1, payloads: true };
      const { signal } = this.#reading;
      const found = await this.context.services.store.eventsOf(this.executionId, page, { signal });
      const full = found.events.find((one) => one.eventId === event.eventId);
      if (full && this.state.getState().payloads === 'shown') this.dispatch({ type: 'payload', event: full });
    });
  }

  #cancel(): void {
    const known = this.context.feed.snapshot().rows.get(this.executionId);
    const clock = { now: this.context.clock.store.getState().now, staleAfterMs: this.context.staleAfterMs() };
    const target = frozenTarget(this.executionId, known, clock, { chosen: 'explicit', hidden: false });
    this.context.open('cancel', [{ ...target, path: target.path ?? this.path }], { clearMarks: () => {} });
  }

  async #guarded(read: () => Promise<void>): Promise<void> {
    try {
      await read();
    } catch (error) {
      if (!this.#reading.signal.aborted && !isAbort(error))
        this.dispatch({ type: 'failed', message: errorText(error) });
    }
  }

  #schedule(ms: number): void {
    if (this.#timer) clearTimeout(this.#timer);
    if (!this.#awake || this.#paused) return;
    this.#timer = setTimeout(() => void this.#newer(), ms);
    this.#timer.unref();
  }
}

import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ExecutionId } from '../../domain/execution-id.js';
import type { EventDetail } from '../../store/event-store.js';
import type { TimeZone } from '../kit/format-time.js';
import { MOVES, type Move } from '../kit/scroll.js';
import { textEditOf } from '../kit/text-input.js';
import { copyIds, openCancel } from '../rows/list-row.js';
import { BODY_TOP, followBodyRows } from '../shell/body-rows.js';
import { actCommonly } from '../shell/common-actions.js';
import type { ConsoleContext } from '../shell/console-context.js';
import type { ActionId } from '../shell/keymap-types.js';
import type { Screen } from '../shell/screen.js';
import { isPaused, PolledScreen } from '../shell/shown-poller.js';
import type { KeyEvent } from '../terminal/input-event.js';
import { eventDetailLines } from './format-timeline.js';
import { TimelineReads } from './timeline-reads.js';
import {
  HEADING_ROWS,
  initialTimelineState,
  type TimelineAction,
  type TimelineState,
  timelineReducer,
} from './timeline-state.js';
import { wantedFailure, wantedText } from './timeline-windows.js';

declare module '../shell/screen.js' {
  interface ScreenArguments {
    /** `eventId`: the event to begin at; the newest without it. */
    timeline: [id: ExecutionId, path: string | null, eventId?: string];
  }
}

/** The events of one execution, newest at the bottom. Payloads are not even read until the operator asks. */
export class TimelineModel extends PolledScreen implements Screen {
  readonly kind = 'timeline';
  readonly state: StoreApi<TimelineState>;
  protected readonly poller: TimelineReads;
  protected readonly stops: readonly (() => void)[];
  /** What the opened event's lines were made from. */
  #detailOf: readonly [EventDetail, TimelineState['payloads'], number, TimeZone] | null = null;

  readonly #acts: Readonly<Partial<Record<ActionId, () => void>>> = {
    expand: () => {
      this.dispatch({ type: 'toggle-expand' });
      this.poller.payload();
    },
    follow: () => {
      if (this.state.getState().hasNewer) this.poller.toEnd('last');
      else this.dispatch({ type: 'toggle-follow' });
    },
    refresh: () => {
      this.dispatch({ type: 'loading' });
      this.poller.readNow();
    },
    reveal: () => this.#reveal(),
    search: () => this.dispatch({ type: 'prompt-open' }),
    'next-match': () => this.#nextMatch(1),
    'previous-match': () => this.#nextMatch(-1),
    'next-failure': () => this.poller.find(wantedFailure, 1),
    'previous-failure': () => this.poller.find(wantedFailure, -1),
    'errors-only': () => this.#toggleFailures(),
    describe: () => this.context.open('describe', this.executionId),
    gantt: () => this.context.open('gantt', this.executionId, this.path),
    cancel: () => this.#cancel(),
    copy: () => copyIds(this.context, [this.executionId]),
    back: () => this.#back(),
  };

  constructor(
    private readonly context: ConsoleContext,
    readonly executionId: ExecutionId,
    readonly path: string | null,
    startAt: string | null = null,
  ) {
    super();
    const { feed } = context;
    this.state = createStore<TimelineState>(() => ({ ...initialTimelineState, paused: isPaused(feed) }));
    this.stops = [
      followBodyRows(context, true, (rows) => this.dispatch({ type: 'body', rows })),
      context.size.subscribe(() => this.#detail()),
      context.times.subscribe(() => this.#detail()),
      feed.subscribe(() => this.#follow()),
    ];
    this.poller = new TimelineReads(
      context,
      executionId,
      () => this.state.getState(),
      (action) => this.dispatch(action),
    );
    this.#follow();
    this.poller.begin(startAt);
  }

  dispatch(action: TimelineAction): void {
    this.state.setState(timelineReducer(this.state.getState(), action), true);
    if (action.type !== 'detail') this.#detail();
  }

  act(action: ActionId): void {
    if (action !== 'reveal') this.dispatch({ type: 'unask' });
    const move = MOVES[action];
    const own = this.#acts[action];
    if (move) this.#move(move);
    else if (own) own();
    else actCommonly(action, this.context);
  }

  takeKey(event: KeyEvent): boolean {
    const { prompt } = this.state.getState();
    if (!prompt) return false;
    if (event.name === 'escape') this.dispatch({ type: 'prompt-discard' });
    else if (event.name === 'enter') {
      this.dispatch({ type: 'prompt-keep' });
      if (this.state.getState().search !== '') this.#nextMatch(1);
    } else {
      const edit = textEditOf(event);
      // Ctrl-C and Ctrl-Z are left to the terminal; every letter belongs to the prompt.
      if (!edit) return !event.ctrl && !event.meta;
      this.dispatch({ type: 'prompt-edit', edit });
    }
    return true;
  }

  takePaste(text: string): void {
    if (!this.state.getState().prompt) return;
    this.dispatch({ type: 'prompt-edit', edit: { type: 'insert', text: text.replace(/\s+/g, ' ').trim() } });
  }

  click(_x: number, y: number): void {
    const line = y - BODY_TOP - HEADING_ROWS;
    const { offset, height } = this.state.getState();
    if (line >= 0 && line < height) this.dispatch({ type: 'point', index: offset + line });
    this.poller.payload();
  }

  wheel(by: 1 | -1): void {
    this.#move({ by: by * 3 });
  }

  #move(move: Move): void {
    const { hasOlder, hasNewer, paused } = this.state.getState();
    const end = 'to' in move ? move.to : null;
    if ((end === 'first' && hasOlder) || (end === 'last' && hasNewer)) {
      this.poller.toEnd(end);
      return;
    }
    this.dispatch({ type: 'move', move });
    // What came since the last read counts too, when the end is asked for.
    if (end === 'last' && paused) this.poller.readNow();
    this.poller.payload();
    this.poller.furtherIfNear();
  }

  #nextMatch(by: 1 | -1): void {
    const { search } = this.state.getState();
    if (search === '')
      this.context.notices.say(`nothing to search for yet: ${this.context.keyOf('search')} begins a search`, 'warn');
    else this.poller.find(wantedText(search), by);
  }

  /** What the feed knows of it: its end may lie in events that are not held. */
  #follow(): void {
    const { feed } = this.context;
    this.dispatch({ type: 'paused', paused: isPaused(feed) });
    const status = feed.snapshot().rows.get(this.executionId)?.execution.status ?? 'RUNNING';
    if (status !== 'RUNNING') this.dispatch({ type: 'ended', as: status });
  }

  /** The event under the cursor stays there when all are shown again. */
  #toggleFailures(): void {
    const { failuresOnly, events, cursor } = this.state.getState();
    const current = events[cursor];
    this.dispatch({ type: 'toggle-failures' });
    this.dispatch({ type: 'loading' });
    if (failuresOnly && current) this.poller.toEvent(current.eventId);
    else this.poller.toEnd('last');
  }

  #back(): void {
    const { expanded, search, failuresOnly } = this.state.getState();
    if (expanded) this.dispatch({ type: 'toggle-expand' });
    else if (search !== '') this.dispatch({ type: 'search-clear' });
    else if (failuresOnly) this.#toggleFailures();
    else this.context.back();
  }

  #reveal(): void {
    const { payloads } = this.state.getState();
    const key = this.context.keyOf('reveal');
    if (payloads === 'shown') {
      this.dispatch({ type: 'mask' });
      this.context.notices.say('payloads masked');
      return;
    }
    this.dispatch({ type: 'reveal' });
    if (payloads === 'masked') {
      this.context.notices.say(`payloads may contain secrets: press ${key} again to show them`, 'warn');
      return;
    }
    if (!this.state.getState().expanded) this.dispatch({ type: 'toggle-expand' });
    this.context.notices.say(`payloads shown: ${key} masks them`, 'warn');
    this.poller.payload();
  }

  /** The opened event's lines anew where what they are made from has changed. */
  #detail(): void {
    const { expanded, events, cursor, payloads } = this.state.getState();
    const event = expanded ? events[cursor] : undefined;
    if (!event) {
      this.#detailOf = null;
      return;
    }
    const width = this.context.size.getState().columns - 2;
    const { zone } = this.context.times.getState();
    const made = [event, payloads, width, zone] as const;
    if (this.#detailOf?.every((part, at) => part === made[at])) return;
    this.#detailOf = made;
    this.dispatch({
      type: 'detail',
      lines: eventDetailLines(event, payloads, { width, zone, revealKey: this.context.keyOf('reveal') }),
    });
  }

  #cancel(): void {
    const known = this.context.feed.snapshot().rows.get(this.executionId);
    openCancel(this.context, [[this.executionId, known]], this.path);
  }
}

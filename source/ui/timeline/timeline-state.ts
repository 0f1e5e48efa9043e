import { compareIds } from '../../domain/execution-id.js';
import { TERMINAL_PRECEDENCE, type TerminalStatus, terminalStatusOf } from '../../domain/execution-status.js';
import type { EventDetail } from '../../store/event-store.js';
import { clamp, keepInView, type Move, moveCursor } from '../kit/scroll.js';
import { editText, emptyInput, inputOf, type TextEdit, type TextInput } from '../kit/text-input.js';

/** At most so many events are kept; the far end goes first, and can be paged to again. */
export const TIMELINE_KEEPS = 5_000;

export interface TimelineState {
  /** A window over the execution's events, ascending by event id, each once. */
  readonly events: readonly EventDetail[];
  readonly loading: boolean;
  /** Whether the log has events before, and after, those that are held. */
  readonly hasOlder: boolean;
  readonly hasNewer: boolean;
  readonly problem: string | null;
  /** How it ended, by what has been read of it; stays known when other events are shown. */
  readonly ended: TerminalStatus | null;
  readonly paused: boolean;
  /** Stay at the newest event. */
  readonly follow: boolean;
  readonly failuresOnly: boolean;
  /** The text searched for; empty when there is no search. */
  readonly search: string;
  /** The search being typed. */
  readonly prompt: TextInput | null;
  readonly expanded: boolean;
  /** The opened event's lines, and the first of them that is shown. */
  readonly detail: readonly string[];
  readonly detailFrom: number;
  /** `asked`: the reveal key was pressed once; the next press shows. */
  readonly payloads: 'masked' | 'asked' | 'shown';
  readonly cursor: number;
  readonly offset: number;
  /** Rows of the screen's body, and those of them that list events. */
  readonly body: number;
  readonly height: number;
}

export type TimelineAction =
  | { readonly type: 'loading' }
  /** Other events in place of those held, the cursor on the first, the last or the one of an id. */
  | {
      readonly type: 'window';
      readonly events: readonly EventDetail[];
      readonly hasOlder: boolean;
      readonly hasNewer: boolean;
      readonly at: 'first' | 'last' | { readonly eventId: string };
    }
  | { readonly type: 'newer'; readonly events: readonly EventDetail[]; readonly hasNewer?: boolean }
  | { readonly type: 'older'; readonly events: readonly EventDetail[]; readonly hasOlder: boolean }
  | { readonly type: 'failed'; readonly message: string }
  | { readonly type: 'ended'; readonly as: TerminalStatus | null }
  | { readonly type: 'paused'; readonly paused: boolean }
  | { readonly type: 'move'; readonly move: Move }
  | { readonly type: 'point'; readonly index: number }
  | { readonly type: 'body'; readonly rows: number }
  | { readonly type: 'detail'; readonly lines: readonly string[] }
  | { readonly type: 'payload'; readonly event: EventDetail }
  | { readonly type: 'prompt-edit'; readonly edit: TextEdit }
  | { readonly type: 'prompt-open' | 'prompt-keep' | 'prompt-discard' | 'search-clear' }
  | { readonly type: 'toggle-follow' | 'toggle-expand' | 'toggle-failures' | 'reveal' | 'mask' | 'unask' };

export const initialTimelineState: TimelineState = {
  events: [],
  loading: true,
  hasOlder: false,
  hasNewer: false,
  problem: null,
  ended: null,
  paused: false,
  follow: true,
  failuresOnly: false,
  search: '',
  prompt: null,
  expanded: false,
  detail: [],
  detailFrom: 0,
  payloads: 'masked',
  cursor: 0,
  offset: 0,
  body: 1,
  height: 1,
};

/** The line with the columns' names. */
export const HEADING_ROWS = 1;
/** Least rows of the list that an opened event leaves, where the screen has them. */
const LIST_LEAST = 5;
const PAGE_OF_DETAIL = 8;

/** Lines of the opened event that fit below its rule: as many as it has, up to what the list must keep. */
export function detailRows({ body, prompt, expanded, detail, events }: TimelineState): number {
  if (!expanded) return 0;
  const room = body - HEADING_ROWS - (prompt ? 1 : 0);
  const list = Math.min(LIST_LEAST, Math.floor(room / 3), Math.max(1, events.length));
  return clamp(detail.length, 1, Math.max(1, room - 1 - list));
}

/** The last line of the opened event that may be the first one shown. */
export const detailMost = (state: TimelineState): number => Math.max(0, state.detail.length - detailRows(state));

function at(state: TimelineState, cursor: number): TimelineState {
  const index = clamp(cursor, 0, Math.max(0, state.events.length - 1));
  return { ...state, cursor: index, offset: keepInView(state.offset, index, state.height, state.events.length) };
}

/** The rows of the list anew, after anything that shares the body with it has changed. */
function fitted(state: TimelineState): TimelineState {
  const taken = HEADING_ROWS + (state.prompt ? 1 : 0) + (state.expanded ? detailRows(state) + 1 : 0);
  return at({ ...state, height: Math.max(1, state.body - taken) }, state.cursor);
}

const isBefore = (a: EventDetail, b: EventDetail): boolean => compareIds(a.eventId, b.eventId) < 0;

const isAscending = (events: readonly EventDetail[]): boolean =>
  events.every((event, at) => at === 0 || isBefore(events[at - 1] ?? event, event));

/** Both in order, each event once. Pages mostly follow one another, and then nothing is sorted. */
function joined(left: readonly EventDetail[], right: readonly EventDetail[]): readonly EventDetail[] {
  const [last, first] = [left.at(-1), right[0]];
  if (!first) return left;
  if ((!last || isBefore(last, first)) && isAscending(right)) return [...left, ...right];
  const byId = new Map([...left, ...right].map((event) => [event.eventId, event]));
  return [...byId.values()].sort((a, b) => compareIds(a.eventId, b.eventId));
}

/** Events under the cursor's event, which keeps its line on the screen. */
function placed(state: TimelineState, events: readonly EventDetail[]): TimelineState {
  const current = state.events[state.cursor]?.eventId;
  const next = { ...state, events, loading: false, problem: null };
  if (state.follow || current === undefined) return at(next, events.length - 1);
  const found = events.findIndex((event) => event.eventId === current);
  if (found < 0) return at(next, state.cursor);
  return at({ ...next, offset: Math.max(0, found - (state.cursor - state.offset)) }, found);
}

function newer(state: TimelineState, events: readonly EventDetail[], hasNewer: boolean): TimelineState {
  const known = new Set(state.events.slice(-events.length - 1).map((event) => event.eventId));
  const unknown = events.filter((event) => !known.has(event.eventId));
  if (unknown.length === 0) {
    return state.problem || hasNewer !== state.hasNewer ? { ...state, problem: null, hasNewer } : state;
  }
  const all = joined(state.events, unknown);
  const over = Math.max(0, all.length - TIMELINE_KEEPS);
  // What the operator is reading is not taken away: the newest are read when they are asked for.
  if (over > state.offset && !state.follow) return { ...state, problem: null, hasNewer: true };
  return { ...placed(state, all.slice(over)), hasNewer, hasOlder: state.hasOlder || over > 0 };
}

function moved(state: TimelineState, move: Move): TimelineState {
  // While an event is open, pages turn in it; single steps go to the event before or after.
  if (state.expanded && 'page' in move && detailMost(state) > 0) {
    const most = detailMost(state);
    return { ...state, detailFrom: clamp(Math.min(state.detailFrom, most) + move.page * PAGE_OF_DETAIL, 0, most) };
  }
  const cursor = moveCursor(state.cursor, move, state.height, state.events.length);
  // Moving away from the end stops following; moving on to the end takes it up again.
  const isLast = state.events.length > 0 && cursor === state.events.length - 1 && !state.hasNewer;
  return at({ ...state, follow: isLast && !state.expanded, detailFrom: 0 }, cursor);
}

/** What the timeline becomes. */
export function timelineReducer(state: TimelineState, action: TimelineAction): TimelineState {
  const next = reduced(state, action);
  if (next.events === state.events && action.type !== 'ended') return next;
  const held = next.events === state.events ? [] : next.events;
  const ends = [
    next.ended,
    action.type === 'ended' ? action.as : null,
    ...held.map(({ type }) => terminalStatusOf(type)),
  ];
  const ended = TERMINAL_PRECEDENCE.find((status) => ends.includes(status)) ?? null;
  return ended === next.ended ? next : { ...next, ended };
}

function reduced(state: TimelineState, action: TimelineAction): TimelineState {
  switch (action.type) {
    case 'ended':
      return state;
    case 'loading':
      return { ...state, loading: true };
    case 'window': {
      const { events, hasOlder, hasNewer, at: where } = action;
      const isLast = where === 'last' && !hasNewer;
      const next = { ...state, events, hasOlder, hasNewer, loading: false, problem: null, detailFrom: 0 };
      const found = typeof where === 'string' ? -1 : events.findIndex((event) => event.eventId === where.eventId);
      const cursor = where === 'first' ? 0 : where === 'last' ? events.length - 1 : Math.max(0, found);
      // A hit of a search stands in the middle, with what led to it above.
      const offset = found < 0 ? state.offset : Math.max(0, found - Math.floor(state.height / 2));
      return at({ ...next, offset, follow: isLast && !state.expanded }, cursor);
    }
    case 'newer':
      return newer(state, action.events, action.hasNewer ?? false);
    case 'older': {
      const all = joined(action.events, state.events);
      const kept = all.slice(0, TIMELINE_KEEPS);
      const hasNewer = state.hasNewer || kept.length < all.length;
      return { ...placed({ ...state, follow: false }, kept), hasOlder: action.hasOlder, hasNewer };
    }
    case 'failed':
      return { ...state, loading: false, problem: action.message };
    case 'paused':
      return action.paused === state.paused ? state : { ...state, paused: action.paused };
    case 'payload':
      return {
        ...state,
        events: state.events.map((event) => (event.eventId === action.event.eventId ? action.event : event)),
      };
    case 'move':
      return moved(state, action.move);
    case 'point':
      return action.index >= 0 && action.index < state.events.length
        ? at({ ...state, follow: false, detailFrom: 0 }, action.index)
        : state;
    case 'body':
      return action.rows === state.body ? state : fitted({ ...state, body: Math.max(1, action.rows) });
    case 'detail':
      return fitted({ ...state, detail: action.lines });
    case 'prompt-open':
      return fitted({ ...state, prompt: inputOf(state.search) });
    case 'prompt-edit':
      return { ...state, prompt: editText(state.prompt ?? emptyInput, action.edit) };
    case 'prompt-keep':
      return fitted({ ...state, search: state.prompt?.text.trim() ?? '', prompt: null });
    case 'prompt-discard':
      return fitted({ ...state, prompt: null });
    case 'search-clear':
      return { ...state, search: '' };
    case 'toggle-failures':
      return { ...state, failuresOnly: !state.failuresOnly };
    case 'toggle-follow':
      return state.follow ? { ...state, follow: false } : at({ ...state, follow: true }, state.events.length - 1);
    case 'toggle-expand': {
      const expanded = !state.expanded && state.events.length > 0;
      return fitted({ ...state, expanded, detail: [], follow: false, detailFrom: 0 });
    }
    case 'reveal':
      return { ...state, payloads: state.payloads === 'masked' ? 'asked' : 'shown' };
    case 'mask':
      return {
        ...state,
        payloads: 'masked',
        events: state.events.map((event) => (event.payload ? { ...event, payload: null } : event)),
      };
    case 'unask':
      return state.payloads === 'asked' ? { ...state, payloads: 'masked' } : state;
  }
}

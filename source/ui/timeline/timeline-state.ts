import { compareIds } from '../../domain/execution-id.js';
import type { EventDetail } from '../../store/event-store.js';
import { clamp, keepInView, type Move, moveCursor } from '../kit/scroll.js';

/** At most so many events are kept; the far end goes first, and can be paged to again. */
export const TIMELINE_KEEPS = 5_000;

export interface TimelineState {
  /** Ascending by event id, each once. */
  readonly events: readonly EventDetail[];
  readonly loading: boolean;
  readonly hasOlder: boolean;
  readonly problem: string | null;
  /** Stay at the newest event. */
  readonly follow: boolean;
  readonly expanded: string | null;
  /** `asked`: the reveal key was pressed once; the next press shows. */
  readonly payloads: 'masked' | 'asked' | 'shown';
  /** First line of the opened event that is shown. */
  readonly detailFrom: number;
  readonly cursor: number;
  readonly offset: number;
  readonly height: number;
}

export type TimelineAction =
  | { readonly type: 'loading' }
  | { readonly type: 'newest'; readonly events: readonly EventDetail[]; readonly hasOlder: boolean }
  | { readonly type: 'newer'; readonly events: readonly EventDetail[] }
  | { readonly type: 'older'; readonly events: readonly EventDetail[]; readonly hasOlder: boolean }
  | { readonly type: 'failed'; readonly message: string }
  /** `detailMost`: the last line of the opened event that may be the first one shown. */
  | { readonly type: 'move'; readonly move: Move; readonly detailMost?: number }
  | { readonly type: 'point'; readonly index: number }
  | { readonly type: 'height'; readonly rows: number }
  | { readonly type: 'payload'; readonly event: EventDetail }
  | { readonly type: 'toggle-follow' | 'toggle-expand' | 'reveal' | 'mask' | 'unask' };

export const initialTimelineState: TimelineState = {
  events: [],
  loading: true,
  hasOlder: false,
  problem: null,
  follow: true,
  expanded: null,
  payloads: 'masked',
  detailFrom: 0,
  cursor: 0,
  offset: 0,
  height: 1,
};

function at(state: TimelineState, cursor: number): TimelineState {
  const index = clamp(cursor, 0, Math.max(0, state.events.length - 1));
  return { ...state, cursor: index, offset: keepInView(state.offset, index, state.height, state.events.length) };
}

function merged(state: TimelineState, events: readonly EventDetail[], keep: 'newest' | 'oldest'): EventDetail[] {
  const byId = new Map(state.events.map((event) => [event.eventId, event]));
  for (const event of events) byId.set(event.eventId, event);
  const all = [...byId.values()].sort((a, b) => compareIds(a.eventId, b.eventId));
  return keep === 'newest' ? all.slice(-TIMELINE_KEEPS) : all.slice(0, TIMELINE_KEEPS);
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

/** Rows of the list of events: an opened one follows the cursor, the list keeps a third, the event has the rest. */
export const listRows = (body: number, isOpen: boolean): number => (isOpen ? Math.max(2, Math.floor(body / 3)) : body);

/** Lines of an opened event that fit below its rule. */
export const detailRoom = (rows: number): number => Math.max(1, rows - 1);

/** What the timeline becomes. */
export function timelineReducer(state: TimelineState, action: TimelineAction): TimelineState {
  switch (action.type) {
    case 'loading':
      return { ...state, loading: true };
    case 'newest':
      return { ...placed(state, merged({ ...state, events: [] }, action.events, 'newest')), hasOlder: action.hasOlder };
    case 'newer':
      if (action.events.length === 0) return state.problem ? { ...state, problem: null } : state;
      return placed(state, merged(state, action.events, 'newest'));
    case 'older':
      return {
        ...placed({ ...state, follow: false }, merged(state, action.events, 'oldest')),
        hasOlder: action.hasOlder,
      };
    case 'failed':
      return { ...state, loading: false, problem: action.message };
    case 'payload':
      return {
        ...state,
        events: state.events.map((event) => (event.eventId === action.event.eventId ? action.event : event)),
      };
    case 'move': {
      // While an event is open, pages turn in it; single steps go to the event before or after.
      if (state.expanded !== null && 'page' in action.move) {
        const { detailMost = 0 } = action;
        const from = Math.min(state.detailFrom, detailMost) + action.move.page * 8;
        return { ...state, detailFrom: clamp(from, 0, detailMost) };
      }
      const cursor = moveCursor(state.cursor, action.move, state.height, state.events.length);
      // Moving away from the end stops following; moving on to the end takes it up again.
      const follow = state.events.length > 0 && cursor === state.events.length - 1 && state.expanded === null;
      return at({ ...state, follow, detailFrom: 0 }, cursor);
    }
    case 'point':
      return action.index < state.events.length ? at({ ...state, follow: false }, action.index) : state;
    case 'height':
      return action.rows === state.height ? state : at({ ...state, height: Math.max(1, action.rows) }, state.cursor);
    case 'toggle-follow':
      return state.follow ? { ...state, follow: false } : at({ ...state, follow: true }, state.events.length - 1);
    case 'toggle-expand': {
      const id = state.events[state.cursor]?.eventId ?? null;
      return { ...state, expanded: state.expanded === null ? id : null, follow: false, detailFrom: 0 };
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

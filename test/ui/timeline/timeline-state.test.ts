import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventDetail } from '../../../source/store/event-store.js';
import {
  initialTimelineState,
  TIMELINE_KEEPS,
  type TimelineAction,
  type TimelineState,
  timelineReducer,
} from '../../../source/ui/timeline/timeline-state.js';

const event = (id: number | bigint): EventDetail => ({
  eventId: String(id),
  type: 'step.enter',
  node: null,
  status: null,
  workerId: null,
  at: 0,
  nodeType: null,
  durationMs: null,
  commandId: null,
  error: null,
  payload: null,
});
const events = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => event(from + index));
const applied = (state: TimelineState, ...actions: readonly TimelineAction[]) => actions.reduce(timelineReducer, state);
const sized = applied(initialTimelineState, { type: 'height', rows: 5 });
const newest = applied(sized, { type: 'newest', events: events(50, 60), hasOlder: true });
const cursorId = (state: TimelineState) => state.events[state.cursor]?.eventId;

describe('a timeline', () => {
  it('follows the newest event until the cursor leaves it, and again when it comes back', () => {
    expect(cursorId(newest)).toBe('60');
    expect(cursorId(applied(newest, { type: 'newer', events: [event(61)] }))).toBe('61');
    const left = applied(newest, { type: 'move', move: { by: -1 } });
    expect(cursorId(applied(left, { type: 'newer', events: [event(61)] }))).toBe('59');
    expect(applied(left, { type: 'move', move: { to: 'last' } }).follow).toBe(true);
    expect(cursorId(applied(left, { type: 'toggle-follow' }))).toBe('60');
  });

  it('keeps the cursor on its event and its line when older ones come', () => {
    const top = applied(newest, { type: 'move', move: { to: 'first' } });
    const more = applied(top, { type: 'older', events: events(40, 49), hasOlder: false });
    expect(cursorId(more)).toBe('50');
    expect(more.cursor - more.offset).toBe(top.cursor - top.offset);
    expect(more.hasOlder).toBe(false);
  });

  it('holds each event once, by id as a number, whatever comes twice or late', () => {
    const ids = fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 20 });
    fc.assert(
      fc.property(fc.array(ids), (pages) => {
        const actions = pages.map((page): TimelineAction => ({ type: 'newer', events: page.map(event) }));
        const held = applied(sized, ...actions).events.map((one) => Number(one.eventId));
        expect(held).toEqual([...new Set(pages.flat())].sort((a, b) => a - b));
      }),
    );
  });

  it('is bounded', () => {
    const long = applied(newest, { type: 'newer', events: events(61, 61 + TIMELINE_KEEPS) });
    expect(long.events).toHaveLength(TIMELINE_KEEPS);
    expect(long.events.at(-1)?.eventId).toBe(String(61 + TIMELINE_KEEPS));
  });

  it('turns pages in an opened event, and goes on to the next event from its start', () => {
    const opened = applied(newest, { type: 'toggle-expand' });
    const page = (by: 1 | -1, detailMost: number) => ({ type: 'move', move: { page: by }, detailMost }) as const;
    const turned = applied(opened, page(1, 10), page(1, 10));
    expect(turned).toMatchObject({ detailFrom: 10, cursor: opened.cursor, follow: false });
    // A wider screen has fewer lines of it: pages count from the last one that could be first there.
    expect(applied(turned, page(1, 3)).detailFrom).toBe(3);
    expect(applied(turned, { type: 'move', move: { by: -1 } })).toMatchObject({
      detailFrom: 0,
      cursor: opened.cursor - 1,
    });
  });

  it('asks twice before payloads are shown, and forgets them when they are masked again', () => {
    const asked = applied(newest, { type: 'reveal' });
    expect(asked.payloads).toBe('asked');
    expect(applied(asked, { type: 'unask' }).payloads).toBe('masked');
    const shown = applied(
      asked,
      { type: 'reveal' },
      {
        type: 'payload',
        event: { ...event(60), payload: { context: 's3cret', result: null, meta: null } },
      },
    );
    expect(shown.events.at(-1)?.payload).not.toBeNull();
    expect(applied(shown, { type: 'mask' }).events.every((one) => one.payload === null)).toBe(true);
  });
});

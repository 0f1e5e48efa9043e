import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  detailMost,
  detailRows,
  initialTimelineState,
  TIMELINE_KEEPS,
  type TimelineAction,
  type TimelineState,
  timelineReducer,
} from '../../../source/ui/timeline/timeline-state.js';
import { eventDetail } from '../helpers/events.js';

const events = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => eventDetail(from + index));
const applied = (state: TimelineState, ...actions: readonly TimelineAction[]) => actions.reduce(timelineReducer, state);
const sized = applied(initialTimelineState, { type: 'body', rows: 6 });
const newest = applied(sized, {
  type: 'window',
  events: events(50, 60),
  hasOlder: true,
  hasNewer: false,
  at: 'last',
});
const cursorId = (state: TimelineState) => state.events[state.cursor]?.eventId;

describe('a timeline', () => {
  it('follows the newest event until the cursor leaves it, and again when it comes back', () => {
    expect(cursorId(newest)).toBe('60');
    expect(cursorId(applied(newest, { type: 'newer', events: [eventDetail(61)] }))).toBe('61');
    const left = applied(newest, { type: 'move', move: { by: -1 } });
    expect(cursorId(applied(left, { type: 'newer', events: [eventDetail(61)] }))).toBe('59');
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
        const actions = pages.map(
          (page): TimelineAction => ({ type: 'newer', events: page.map((id) => eventDetail(id)) }),
        );
        const held = applied(sized, ...actions).events.map((one) => Number(one.eventId));
        expect(held).toEqual([...new Set(pages.flat())].sort((a, b) => a - b));
      }),
    );
  });

  it('leaves what is being read alone when more comes than is kept, and says that there is more', () => {
    const reading = applied(newest, { type: 'move', move: { to: 'first' } });
    const full = applied(reading, { type: 'newer', events: events(61, 61 + TIMELINE_KEEPS) });
    expect(cursorId(full)).toBe('50');
    expect(full.hasNewer).toBe(true);
  });

  it('is bounded', () => {
    const long = applied(newest, { type: 'newer', events: events(61, 61 + TIMELINE_KEEPS) });
    expect(long.events).toHaveLength(TIMELINE_KEEPS);
    expect(long.hasOlder).toBe(true);
    expect(long.events.at(-1)?.eventId).toBe(String(61 + TIMELINE_KEEPS));
  });

  it('turns pages in an opened event that is higher than its room, and goes on to the next event from its start', () => {
    const detail = (lines: number) =>
      ({ type: 'detail', lines: Array.from({ length: lines }, (_, line) => `line ${line}`) }) as const;
    const tall = applied(newest, { type: 'body', rows: 20 }, { type: 'toggle-expand' });
    const opened = applied(tall, detail(30));
    const page = (by: 1 | -1) => ({ type: 'move', move: { page: by } }) as const;
    const most = detailMost(opened);
    expect(applied(opened, page(1), page(1), page(1))).toMatchObject({ detailFrom: most, cursor: opened.cursor });
    // Shorter ones take only the rows that they need; then pages turn in the list.
    const short = applied(tall, detail(4));
    expect(detailRows(short)).toBe(4);
    expect(short.height).toBe(20 - 1 - 1 - 4);
    expect(applied(short, page(-1)).cursor).toBeLessThan(short.cursor);
    expect(applied(opened, page(1), { type: 'move', move: { by: -1 } })).toMatchObject({
      detailFrom: 0,
      cursor: opened.cursor - 1,
    });
  });

  it('does not follow, nor take what is newer for the end, while it holds a window before the end', () => {
    const middle = applied(sized, {
      type: 'window',
      events: events(10, 30),
      hasOlder: true,
      hasNewer: true,
      at: { eventId: '20' },
    });
    expect(cursorId(middle)).toBe('20');
    expect(applied(middle, { type: 'move', move: { to: 'last' } }).follow).toBe(false);
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
        event: { ...eventDetail(60), payload: { context: 's3cret', result: null, meta: null } },
      },
    );
    expect(shown.events.at(-1)?.payload).not.toBeNull();
    expect(applied(shown, { type: 'mask' }).events.every((one) => one.payload === null)).toBe(true);
  });
});

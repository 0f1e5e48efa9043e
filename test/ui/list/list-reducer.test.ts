import { describe, expect, it } from 'vitest';
import { type ListAction, listReducer } from '../../../source/ui/list/list-reducer.js';
import {
  hiddenMarks,
  initialListState,
  type ListState,
  rangeOf,
  underCursor,
} from '../../../source/ui/list/list-state.js';
import { NOTHING_WAITING, type RowOrder } from '../../../source/ui/list/row-order.js';

const orderOf = (...ids: readonly string[]): RowOrder => ({
  ids,
  members: new Map(ids.map((id, index) => [id, index])),
  reversed: false,
  inView: ids.length,
  madeAt: 0,
});
const ids = (count: number) => Array.from({ length: count }, (_, index) => `${index + 1}`);
const applied = (state: ListState, ...actions: readonly ListAction[]): ListState => actions.reduce(listReducer, state);
const start = (count: number, height = 5): ListState =>
  applied(initialListState, { type: 'height', rows: height }, { type: 'ordered', order: orderOf(...ids(count)) });
const down: ListAction = { type: 'move', move: { by: 1 } };

describe('the list', () => {
  it('moves and scrolls', () => {
    const state = start(20);
    expect(applied(state, down, down)).toMatchObject({ cursor: 2, cursorId: '3', offset: 0 });
    expect(applied(state, { type: 'move', move: { page: 1 } }, down)).toMatchObject({ cursor: 5, offset: 1 });
    expect(applied(state, { type: 'move', move: { to: 'last' } })).toMatchObject({ cursor: 19, offset: 15 });
    expect(applied(state, { type: 'move', move: { by: -9 } })).toMatchObject({ cursor: 0, offset: 0 });
    expect(applied(state, { type: 'scroll', by: 3 })).toMatchObject({ cursor: 3, offset: 3 });
    expect(applied(state, { type: 'point', index: 4 })).toMatchObject({ cursorId: '5' });
    expect(applied(state, { type: 'point', index: 99 })).toBe(state);
  });

  it('keeps the cursor on its execution, and on its line, when a new order comes', () => {
    const state = applied(start(20), { type: 'point', index: 3 }, { type: 'scroll', by: 1 });
    const moved = applied(state, { type: 'ordered', order: orderOf('x', 'y', 'z', ...ids(20)) });
    expect(moved.cursorId).toBe('4');
    expect(moved.cursor - moved.offset).toBe(state.cursor - state.offset);
  });

  it('stays at its top when rows come there, while the cursor is still in the window', () => {
    const news = (...first: readonly string[]): ListAction => ({
      type: 'synced',
      order: orderOf(...first, ...ids(20)),
      waiting: NOTHING_WAITING,
    });
    const pointed = applied(start(20), { type: 'point', index: 3 }, news('x'));
    expect(pointed).toMatchObject({ cursor: 4, cursorId: '4', offset: 0 });
    expect(applied(pointed, news('x', 'y'))).toMatchObject({ cursor: 5, cursorId: '4', offset: 1 });
    const untouched = applied(start(20), news('x', 'y'));
    expect(untouched).toMatchObject({ cursor: 2, cursorId: '1', offset: 0 });
    const pushedOut = news('x', 'y', 'z', 'u', 'v');
    expect(applied(untouched, pushedOut)).toMatchObject({ cursor: 0, cursorId: 'x', offset: 0 });
    const back = applied(start(20), down, { type: 'move', move: { to: 'first' } }, pushedOut);
    expect(back).toMatchObject({ cursor: 0, offset: 0 });
  });

  it('stays where it was when its execution is gone', () => {
    const state = applied(
      start(5),
      { type: 'point', index: 2 },
      { type: 'ordered', order: orderOf('1', '2', '4', '5') },
    );
    expect(state).toMatchObject({ cursor: 2, cursorId: '4' });
    expect(applied(state, { type: 'ordered', order: orderOf() })).toMatchObject({ cursor: 0, cursorId: null });
  });

  it('acts on nothing between a change of view and its rows', () => {
    const state = applied(start(5), down, { type: 'view', view: 'stale' });
    expect(underCursor(state)).toBeNull();
    expect(applied(state, { type: 'toggle-mark' }).marks.size).toBe(0);
    expect(applied(state, { type: 'ordered', order: orderOf('9', '2') }).cursorId).toBe('2');
  });

  it('marks one by one as explicit, in bulk as bulk, and never turns an explicit mark into bulk', () => {
    const one = applied(start(5), { type: 'toggle-mark' });
    expect([...one.marks]).toEqual([['1', 'explicit']]);
    expect(one.cursorId).toBe('2');
    const bulk = applied(one, { type: 'mark', ids: ['1', '2'], kind: 'bulk' });
    expect([...bulk.marks]).toEqual([
      ['1', 'explicit'],
      ['2', 'bulk'],
    ]);
    const cleared = applied(bulk, { type: 'unmark' });
    expect(cleared.marks.size).toBe(0);
    expect(applied(cleared, { type: 'restore' }).marks).toEqual(bulk.marks);
    expect(applied(cleared, { type: 'toggle-mark' }).cleared.size).toBe(0);
    expect(applied(bulk, { type: 'marks-used' }, { type: 'restore' }).marks.size).toBe(0);
  });

  it('draws a range from where it began to the cursor, even when rows come before it', () => {
    const state = applied(start(10), down, { type: 'range' }, down, down);
    expect(rangeOf(state)).toEqual({ from: 1, to: 3 });
    const shifted = applied(state, { type: 'ordered', order: orderOf('x', ...ids(10)) });
    expect(rangeOf(shifted)).toEqual({ from: 2, to: 4 });
    const taken = applied(shifted, { type: 'range' });
    expect([...taken.marks.keys()]).toEqual(['2', '3', '4']);
    expect([...taken.marks.values()]).toEqual(['bulk', 'bulk', 'bulk']);
    expect(taken.rangeFrom).toBeNull();
    expect(applied(shifted, { type: 'range-cancel' }).marks.size).toBe(0);
  });

  it('keeps marks on executions that the list no longer shows, and knows them', () => {
    const state = applied(
      start(5),
      { type: 'mark', ids: ['2', '5'], kind: 'explicit' },
      {
        type: 'ordered',
        order: orderOf('1', '2'),
      },
    );
    expect(hiddenMarks(state)).toEqual(['5']);
  });

  it('takes a good filter, keeps the last good one on a bad, and Esc goes back to the one before', () => {
    const open = applied(start(5), { type: 'filter', text: 'path:a*' }, { type: 'prompt-open' });
    const good = applied(
      open,
      { type: 'prompt-edit', edit: { type: 'set', text: 'path:b*' } },
      { type: 'prompt-apply' },
    );
    expect(good).toMatchObject({ filterText: 'path:b*', ordering: true, promptProblem: null });
    const bad = applied(
      good,
      { type: 'prompt-edit', edit: { type: 'insert', text: ' age>x' } },
      { type: 'prompt-apply' },
    );
    expect(bad.filterText).toBe('path:b*');
    expect(bad.promptProblem?.at).toBe(8);
    expect(applied(bad, { type: 'prompt-close', keep: true }).prompt).not.toBeNull();
    expect(applied(bad, { type: 'prompt-close', keep: false })).toMatchObject({ filterText: 'path:a*', prompt: null });
  });

  it('counts what waits without a new state when nothing does', () => {
    const state = start(5);
    expect(applied(state, { type: 'synced', order: state.order, waiting: NOTHING_WAITING })).toBe(state);
    const waiting = { left: 2, moved: 0 };
    expect(applied(state, { type: 'synced', order: state.order, waiting }).waiting).toEqual(waiting);
    expect(applied(state, { type: 'synced', order: state.order, waiting }, { type: 'reorder' }).ordering).toBe(true);
  });

  it('sorts each view for itself', () => {
    const state = applied(start(5), { type: 'next-sort' }, { type: 'reverse-sort' });
    expect(state.sorts.active).toEqual({ key: 'run', reversed: true });
    expect(state.sorts.stale).toEqual({ key: 'silent', reversed: false });
    const once = applied(state, { type: 'sort-by', key: 'path' });
    expect(once.sorts.active).toEqual({ key: 'path', reversed: false });
    expect(applied(once, { type: 'sort-by', key: 'path' }).sorts.active).toEqual({ key: 'path', reversed: true });
  });

  it('grows and shrinks around the cursor', () => {
    const state = applied(start(50, 20), { type: 'point', index: 19 }, { type: 'height', rows: 4 });
    expect(state.cursor - state.offset).toBeLessThan(4);
    expect(state.cursor).toBe(19);
  });
});

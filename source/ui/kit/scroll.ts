import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ActionId } from '../shell/keymap-types.js';

/** A window over a list: which index it starts at, so that the cursor is inside. All pure numbers. */

export const clamp = (value: number, low: number, high: number): number => Math.max(low, Math.min(high, value));

/** The offset nearest to `offset` at which `cursor` is in view and no room is wasted below. */
export function keepInView(offset: number, cursor: number, height: number, count: number): number {
  const most = Math.max(0, count - Math.max(1, height));
  if (cursor < offset) return clamp(cursor, 0, most);
  if (cursor >= offset + height) return clamp(cursor - height + 1, 0, most);
  return clamp(offset, 0, most);
}

/** Ways to move a cursor; `by` counts rows, pages are made of the window's height. */
export type Move = { readonly by: number } | { readonly page: -1 | 1 } | { readonly to: 'first' | 'last' };

/** Where a cursor lands; 0 in an empty list. */
export function moveCursor(cursor: number, move: Move, height: number, count: number): number {
  if (count === 0) return 0;
  if ('to' in move) return move.to === 'first' ? 0 : count - 1;
  const by = 'page' in move ? move.page * Math.max(1, height - 1) : move.by;
  return clamp(cursor + by, 0, count - 1);
}

/** Actions that move a cursor, the same on every screen. */
export const MOVES: Readonly<Partial<Record<ActionId, Move>>> = {
  up: { by: -1 },
  down: { by: 1 },
  'page-up': { page: -1 },
  'page-down': { page: 1 },
  first: { to: 'first' },
  last: { to: 'last' },
};

export interface ScrollState {
  readonly cursor: number;
  readonly offset: number;
  readonly height: number;
}

/** A cursor over a list whose length may change, for the simple screens. */
export class ScrollModel {
  readonly state: StoreApi<ScrollState> = createStore<ScrollState>(() => ({ cursor: 0, offset: 0, height: 1 }));

  constructor(private readonly count: () => number) {}

  /** True when the action was a move. */
  act(action: ActionId): boolean {
    const move = MOVES[action];
    if (move) this.move(move);
    return move !== undefined;
  }

  move(move: Move): void {
    const { cursor, height } = this.state.getState();
    this.point(moveCursor(cursor, move, height, this.count()));
  }

  point(index: number): void {
    const count = this.count();
    this.state.setState(({ offset, height }) => {
      const cursor = clamp(index, 0, Math.max(0, count - 1));
      return { cursor, offset: keepInView(offset, cursor, height, count) };
    });
  }

  /** Points at a line of the window; lines above it or below the last are not pointed at. */
  click(line: number): void {
    if (line >= 0) this.point(this.state.getState().offset + line);
  }

  resize(height: number): void {
    if (height === this.state.getState().height) return;
    this.state.setState({ height: Math.max(1, height) });
    this.point(this.state.getState().cursor);
  }
}

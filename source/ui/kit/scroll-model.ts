import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ActionId } from '../shell/keymap-types.js';
import { clamp, keepInView, MOVES, type Move, moveCursor } from './scroll.js';

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

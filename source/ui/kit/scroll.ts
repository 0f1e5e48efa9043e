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

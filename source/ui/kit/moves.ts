import type { ActionId } from '../shell/keymap-types.js';
import type { Move } from './scroll.js';

/** Actions that move a cursor, the same on every screen. */
export const MOVES: Readonly<Partial<Record<ActionId, Move>>> = {
  up: { by: -1 },
  down: { by: 1 },
  'page-up': { page: -1 },
  'page-down': { page: 1 },
  first: { to: 'first' },
  last: { to: 'last' },
};

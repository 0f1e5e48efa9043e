import type { KeyBinding } from './keymap-types.js';

/** A list is sorted by one Shift-letter; the same again reverses it. `I` reverses as in htop. */
export const SORT_KEYMAP: readonly KeyBinding[] = [
  { id: 'reverse', keys: ['I'], words: 'reverse', help: 'reverse the sort', where: ['list'] },
  {
    id: 'sort-started',
    keys: ['A'],
    words: 'sort by start',
    help: 'sort by start (cancelled: by the time of the cancel); this and the next six again: reverse',
    where: ['list'],
  },
  { id: 'sort-run', keys: ['R'], words: 'sort by run time', help: 'sort by run time', where: ['list'] },
  { id: 'sort-silent', keys: ['L'], words: 'sort by silence', help: 'sort by the last event', where: ['list'] },
  { id: 'sort-path', keys: ['P'], words: 'sort by playbook', help: 'sort by playbook', where: ['list'] },
  { id: 'sort-status', keys: ['S'], words: 'sort by status', help: 'sort by status', where: ['list'] },
  { id: 'sort-children', keys: ['C'], words: 'sort by children', help: 'sort by live children', where: ['list'] },
  { id: 'sort-why', keys: ['W'], words: 'sort by cause', help: 'sort by cause', where: ['list'] },
];

/** Keys of the tree alone. */
export const TREE_KEYMAP: readonly KeyBinding[] = [
  { id: 'fold-all', keys: ['z'], words: 'fold all', help: 'fold every branch', where: ['tree'], footer: 6 },
  { id: 'unfold-all', keys: ['Z'], words: 'unfold all', help: 'unfold every branch', where: ['tree'], footer: 7 },
  {
    id: 'live-only',
    keys: ['t'],
    words: 'live only',
    help: 'hide branches that have ended; again: show them',
    where: ['tree'],
    footer: 5,
  },
  {
    id: 'parent',
    keys: ['P'],
    words: 'parent',
    help: 'go to the parent; from the root: open the tree of its parent',
    where: ['tree'],
    footer: 8,
  },
];

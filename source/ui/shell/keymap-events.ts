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

/** Keys of the screens that show one execution's events: the timeline and the bars over time. */
export const EVENT_KEYS: readonly KeyBinding[] = [
  {
    id: 'expand',
    keys: ['enter', 'l', 'right'],
    words: 'details',
    help: 'all details of one event',
    where: ['timeline'],
    footer: 2,
  },
  {
    id: 'reveal',
    keys: ['x'],
    words: 'payloads',
    help: 'show payloads, which may contain secrets (asks first)',
    where: ['timeline'],
    footer: 8,
  },
  {
    id: 'search',
    keys: ['/'],
    words: 'search',
    help: 'search all events: id, type, step, status, worker, command, error',
    where: ['timeline'],
    footer: 3,
  },
  { id: 'next-match', keys: ['n'], words: 'next', help: 'next event that matches the search', where: ['timeline'] },
  {
    id: 'previous-match',
    keys: ['N'],
    words: 'previous',
    help: 'previous event that matches the search',
    where: ['timeline'],
  },
  { id: 'next-failure', keys: [']'], words: 'failure', help: 'next failure', where: ['timeline'], footer: 6 },
  { id: 'previous-failure', keys: ['['], words: 'failure', help: 'previous failure', where: ['timeline'] },
  {
    id: 'errors-only',
    keys: ['!'],
    words: 'errors only',
    help: 'show only events that report a failure; again: show all',
    where: ['timeline'],
    footer: 4,
  },
  {
    id: 'gantt',
    keys: ['b'],
    words: 'bars',
    help: 'bar chart over time: who ran when, and what waited',
    where: ['describe', 'tree', 'timeline'],
    footer: 5,
  },
  {
    id: 'gantt-rows',
    keys: ['t'],
    words: 'rows',
    help: 'a bar for each step, each loop iteration, or each execution of the tree',
    where: ['gantt'],
    footer: 2,
  },
];

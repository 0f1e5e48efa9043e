import type { KeyBinding } from './keymap-types.js';

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

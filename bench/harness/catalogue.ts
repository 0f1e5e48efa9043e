import type { BenchContext, BenchRow } from './types.js';

/** A measurement by name; its module is loaded when it runs. */
export interface CatalogueEntry {
  readonly name: string;
  readonly title: string;
  load(): Promise<{ run(context: BenchContext): Promise<BenchRow[]> }>;
}

/** In the order in which they run: whole processes first, while nothing else is in memory. */
export const CATALOGUE: readonly CatalogueEntry[] = [
  { name: 'start', title: 'Starting: --version and --cancel', load: () => import('../measurements/start.js') },
  { name: 'first-frame', title: 'Starting: the first frame', load: () => import('../measurements/first-frame.js') },
  { name: 'distance', title: 'A database 50 ms away', load: () => import('../measurements/distance.js') },
  { name: 'keypress', title: 'A key pressed, a frame shown', load: () => import('../measurements/keypress.js') },
  { name: 'memory', title: 'Memory of the console', load: () => import('../measurements/memory.js') },
  { name: 'idle', title: 'An idle console', load: () => import('../measurements/idle.js') },
  {
    name: 'live',
    title: 'The console while 1,000 events a second come',
    load: () => import('../measurements/live.js'),
  },
  { name: 'tree', title: 'Finding a tree', load: () => import('../measurements/tree.js') },
  { name: 'bulk-cancel', title: 'Cancelling 10,000', load: () => import('../measurements/bulk-cancel.js') },
  { name: 'cascade', title: 'A cascade of 10,000', load: () => import('../measurements/cascade.js') },
  {
    name: 'wide-tree',
    title: 'A runaway loop: thousands of children of one',
    load: () => import('../measurements/wide-tree.js'),
  },
  { name: 'stale', title: 'Finding what is stale', load: () => import('../measurements/stale.js') },
  { name: 'runaway', title: 'Finding what runs away', load: () => import('../measurements/runaway.js') },
  { name: 'rehearse', title: 'Rehearsing a cleanup', load: () => import('../measurements/rehearse.js') },
  { name: 'refresh', title: 'A refresh of the console', load: () => import('../measurements/refresh.js') },
  { name: 'growth', title: 'How time grows', load: () => import('../measurements/growth.js') },
  { name: 'cold', title: 'After a restart, with cold caches', load: () => import('../measurements/cold.js') },
  { name: 'shards', title: 'Reading several shards', load: () => import('../measurements/shards.js') },
  { name: 'cancellation-check', title: "The workers' check", load: () => import('../cancellation-check.js') },
  { name: 'cancel-to-skip', title: "From a cancel to a worker's skip", load: () => import('../cancel-to-skip.js') },
];

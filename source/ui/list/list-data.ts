import type { FeedHealth, FeedHistory } from '../../service/live-feed/feed-state.js';
import type { Rows } from '../rows/list-row.js';
import type { ViewId } from '../shell/views.js';
import type { ListCounts } from './list-counts.js';

/** Rows whose number is known. */
export interface SizedRows extends Rows {
  readonly size: number;
}

/** Two maps as one: what the first holds hides the second's. Nothing is copied, however many rows there are. */
export function joined(first: SizedRows, second: SizedRows): Rows {
  if (first.size === 0) return second;
  if (second.size === 0) return first;
  return {
    get: (id) => first.get(id) ?? second.get(id),
    has: (id) => first.has(id) || second.has(id),
    *[Symbol.iterator]() {
      yield* first;
      for (const entry of second) if (!first.has(entry[0])) yield entry;
    },
  };
}

/** What the list shows of the data, apart from the rows themselves. */
export interface ListDataState {
  readonly rows: Rows;
  /** Grows with every change that rows may show. */
  readonly tick: number;
  readonly counts: ListCounts;
  readonly health: FeedHealth;
  /** How far the history is read; until it is, every count is one so far. Undefined once it is complete. */
  readonly history?: FeedHistory | undefined;
  /** When the newest data was read, by this process's clock; 0 before the first. */
  readonly readAt: number;
  /** How the reading beside the feed stands (history, cancellations), by view. */
  readonly side: Readonly<Partial<Record<ViewId, { loading: boolean; problem: string | null }>>>;
}

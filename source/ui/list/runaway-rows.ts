import type { ExecutionId } from '../../domain/execution-id.js';
import type { ExecutionSummary, FeedHealth, FeedHistory, FeedSnapshot } from '../../service/live-feed/feed-state.js';
import type { Services } from '../../service/use-cases.js';
import type { ListRow, Rows } from '../rows/list-row.js';
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

type Found = ReadonlyMap<ExecutionId, ListRow>;

/**
 * What runs away among the executions that the feed holds: it knows which ones run, so that no read asks for that. The
 * share of the connections that polling may have bounds it.
 */
export async function readRunaways(
  services: Services,
  { rows, asOf }: FeedSnapshot,
  staleAfterMs: number,
  signal: AbortSignal,
): Promise<Map<ExecutionId, ListRow>> {
  const executions = [...rows.values()].map(({ execution }) => execution);
  const { found } = await services.runaway.find({ active: { executions, asOf }, staleAfterMs, signal, polling: true });
  return new Map(
    found.flatMap(({ execution, runaway }): [ExecutionId, ListRow][] => {
      const row = rows.get(execution.executionId);
      return row ? [[execution.executionId, { ...row, runaway }]] : [];
    }),
  );
}

const merged = new WeakMap<ExecutionSummary, ListRow>();

/** The feed's row with how it runs away; the same object while both are the same, so that its line is not redrawn. */
function withRunaway(row: ExecutionSummary, from: ListRow | undefined): ListRow {
  if (!from?.runaway) return row;
  const known = merged.get(row);
  if (known?.runaway === from.runaway) return known;
  const made = { ...row, runaway: from.runaway };
  merged.set(row, made);
  return made;
}

/** The feed's rows, those that run away with their evidence. Nothing is copied, however many rows there are. */
export function withRunaways(feed: ReadonlyMap<ExecutionId, ExecutionSummary>, found: Found): SizedRows {
  if (found.size === 0) return feed;
  return {
    get size() {
      return feed.size;
    },
    get: (id) => {
      const row = feed.get(id);
      return row && withRunaway(row, found.get(id));
    },
    has: (id) => feed.has(id),
    *[Symbol.iterator]() {
      for (const [id, row] of feed) yield [id, withRunaway(row, found.get(id))];
    },
  };
}

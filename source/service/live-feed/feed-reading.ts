import { setImmediate } from 'node:timers/promises';
import type { EpochMs, Execution } from '../../domain/execution.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import type { EventStore, ReadOptions } from '../../store/event-store.js';
import type { FeedHistory, FeedState } from './feed-state.js';

/** What of the store the feed reads. */
export type FeedStore = Pick<
  EventStore,
  | 'activeExecutions'
  | 'recentlyActive'
  | 'activeInPieces'
  | 'executionsById'
  | 'eventsSince'
  | 'catalogEntries'
  | 'childCounts'
>;

/** How it does. */
export type FeedReading = { readonly polling: true; readonly signal: AbortSignal };

/** A day, and of it no more events than are read in a moment. */
const NEWEST = { withinMs: 86_400_000, mostEvents: 20_000 };

/** Reads what runs and what began lately; its cost does not follow the history. Answers the clock of the read. */
export async function readNewest(
  store: Pick<EventStore, 'recentlyActive'>,
  state: FeedState,
  reading: ReadOptions,
): Promise<EpochMs> {
  const { executions, asOf } = await store.recentlyActive(NEWEST, reading);
  for (const execution of executions) state.put(execution);
  return asOf;
}

/**
 * Reads everything that has not ended, newest first; `took` hears of each piece. Null where `goesOn` said no: the feed was
 * paused, and the reading begins anew.
 */
export async function readHistory(
  store: Pick<EventStore, 'activeInPieces'>,
  state: FeedState,
  reading: ReadOptions,
  { goesOn, took }: { goesOn(): boolean; took(history: FeedHistory, changed: boolean): Promise<void> },
): Promise<Execution[] | null> {
  const found: Execution[] = [];
  for await (const { executions, done, of } of store.activeInPieces(reading)) {
    if (!goesOn()) return null;
    let changed = false;
    for (const execution of executions) {
      changed = state.put(execution) || changed;
      found.push(execution);
    }
    await took({ done, of }, changed);
  }
  return found;
}

/** Executions taken before whatever else waits has its turn: keys and new events. */
const AT_ONCE = 5000;

/**
 * Takes all executions that have not ended; those that the feed held and that are not among them are read.
 *
 * @param begun position of the feed's rows when the reading of all of them began
 */
export async function reconcile(
  store: Pick<EventStore, 'executionsById'>,
  state: FeedState,
  { executions, begun }: { executions: readonly Execution[]; begun: number },
  reading: ReadOptions,
): Promise<boolean> {
  let changed = false;
  const unsure: ExecutionId[] = [];
  const present = new Set<ExecutionId>();
  for (let at = 0; at < executions.length; at += AT_ONCE) {
    const piece = executions.slice(at, at + AT_ONCE);
    for (const { executionId } of piece) present.add(executionId);
    const taken = state.reconcile(piece, begun);
    changed = taken.changed || changed;
    unsure.push(...taken.unsure);
    await setImmediate();
  }
  unsure.push(...state.missingIn(present));
  if (unsure.length === 0) return changed;
  const found = await store.executionsById(unsure, reading);
  return found.executions.reduce((any, execution) => state.put(execution) || any, changed);
}

/** Reads executions that the feed has met for the first time; true when a row came by it. */
export async function takeUnknown(
  store: Pick<EventStore, 'executionsById'>,
  state: FeedState,
  ids: readonly ExecutionId[],
  reading: ReadOptions,
): Promise<boolean> {
  const { executions } = await store.executionsById(ids, reading);
  const running = executions.filter(({ status }) => status === 'RUNNING');
  const ended = new Set(ids);
  for (const { executionId } of running) ended.delete(executionId);
  state.forget(ended);
  return running.reduce((any, execution) => state.put(execution) || any, false);
}

const CHILD_COUNT_MOST = 20_000;

/** Counts the children of executions; true when a row changed by it. */
export async function countChildren(
  store: Pick<EventStore, 'childCounts'>,
  state: FeedState,
  executions: readonly Execution[],
  reading: ReadOptions,
): Promise<boolean> {
  const ids = executions.slice(0, CHILD_COUNT_MOST).map((execution) => execution.executionId);
  const before = ids.map((id) => state.rows.get(id)?.children);
  const counts = await store.childCounts(ids, reading);
  // Where a child came or ended meanwhile the count may be from before.
  const unmoved = ids.filter((id, at) => state.rows.get(id)?.children === before[at]);
  return state.setChildren(counts, unmoved);
}

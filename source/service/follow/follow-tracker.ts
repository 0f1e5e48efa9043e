import type { CommandEvent } from '../../domain/command-state.js';
import { COMMAND_ISSUED } from '../../domain/event-types.js';
import type { EpochMs } from '../../domain/execution.js';
import { compareIds, type ExecutionId } from '../../domain/execution-id.js';
import { DEFAULT_THRESHOLDS } from '../../domain/staleness/stale-facts.js';
import {
  advance,
  type CancelMark,
  COMMIT_GRACE_MS,
  relevantToStopping,
  type StopState,
  stopState,
  type WorkerAlive,
} from '../../domain/stopping/stopping.js';
import { holderLiveness } from '../../domain/worker-liveness.js';
import { StoreError } from '../../store/errors.js';
import type { EventStore } from '../../store/event-store.js';
import type { CancelReport } from '../cancel/cancel.js';

/** How many executions are read at once: their events are cut down to what matters before the next ones come. */
const EXECUTIONS_A_READ = 250;
/**
 * Every read goes back by so many milliseconds of ids: rows can become visible out of the order of their ids, because
 * ids are drawn before the commit and by several clocks. In the layout with more bits below the millisecond, so that it
 * is at least as long in the other one.
 */
const OVERLAP_SHIFT = 23n;

/** What is known of one cancelled execution. */
export interface Tracked {
  readonly executionId: ExecutionId;
  readonly cancel: CancelMark;
  /** Only what the stop state depends on. */
  events: readonly CommandEvent[];
  newestId: string;
  /** When the newest event of a worker was written; what the engine issues keeps nothing from being quiet. */
  newestAt: EpochMs | null;
  read: boolean;
  /** The last verdict: the next one only moves it forward. */
  state: StopState | null;
}

export const tracked = (executionId: ExecutionId, cancel: CancelMark): Tracked => ({
  executionId,
  cancel,
  events: [],
  newestId: '0',
  newestAt: null,
  read: false,
  state: null,
});

/** Reads the command events that came since the last read of each; answers where a worker wrote new ones. */
export async function readNewEvents(
  store: Pick<EventStore, 'commandEvents'>,
  executions: readonly Tracked[],
  options: { overlapMs: number; signal?: AbortSignal | undefined },
): Promise<Set<ExecutionId>> {
  const changed = new Set<ExecutionId>();
  for (let start = 0; start < executions.length; start += EXECUTIONS_A_READ) {
    const batch = executions.slice(start, start + EXECUTIONS_A_READ);
    const found = await store.commandEvents(
      batch.map((one) => one.executionId),
      {
        polling: true,
        signal: options.signal,
        afterEventId: new Map(batch.map((one) => [one.executionId, boundOf(one, options.overlapMs)])),
      },
    );
    for (const one of batch) {
      if (take(one, found.get(one.executionId) ?? [])) changed.add(one.executionId);
      one.read = true;
    }
  }
  return changed;
}

function boundOf(one: Tracked, overlapMs: number): string {
  if (!one.read) return '0';
  const bound = BigInt(one.newestId) - (BigInt(Math.ceil(overlapMs)) << OVERLAP_SHIFT);
  return (bound > 0n ? bound : 0n).toString();
}

/** Adds what is new among the events; true when something is. */
function take(one: Tracked, found: readonly CommandEvent[]): boolean {
  const known = new Set(one.events.map((event) => event.eventId));
  const fresh = found.filter((event) => !known.has(event.eventId));
  if (fresh.length === 0) return false;
  const kept = relevantToStopping([...one.events, ...fresh], one.cancel);
  // The overlap brings back ended commands that were let go before: those are not new.
  const isWork = (event: CommandEvent) => event.type !== COMMAND_ISSUED;
  const isNew = kept.some((event) => isWork(event) && !known.has(event.eventId));
  one.events = kept;
  for (const event of fresh) {
    if (compareIds(event.eventId, one.newestId) > 0) one.newestId = event.eventId;
    if (isWork(event)) one.newestAt = Math.max(one.newestAt ?? event.at, event.at);
  }
  return isNew;
}

/** The verdict on what has been read, moved forward from the last one, which it replaces. */
export function judge(one: Tracked, quiet: boolean, workerAlive?: WorkerAlive): StopState {
  one.state = advance(one.state, stopState(one.executionId, one.cancel, one.events, quiet, workerAlive));
  return one.state;
}

/** Which holders of commands are alive now, by noetl.runtime; not known to a user who may not read it. */
export async function readHolders(
  store: Pick<EventStore, 'workers'>,
  signal?: AbortSignal,
): Promise<(now: EpochMs) => WorkerAlive> {
  const workers = await store.workers({ polling: true, signal }).catch((error: unknown) => {
    if (error instanceof StoreError && !error.retryable) return null;
    throw error;
  });
  return (now) => holderLiveness(workers, now, DEFAULT_THRESHOLDS.workerSilentMs);
}

/** Workers that ignore a cancel poll for commands about once a second, and an operator waits for this. */
export const FOLLOW_QUIET_MS = 2000;
/** A row that is further in the future than writers' clocks differ says nothing of how long it has been quiet. */
const CLOCK_SKEW_MS = 60_000;
/** A transaction that cancels many writes its first row so long before its commit at most. */
const LONGEST_COMMIT_MS = 2000;

/** True when the cancel and the newest event of a worker are older than the quiet period, by the database's clock. */
export const isQuiet = (one: Tracked, asOf: EpochMs, quietMs: number): boolean =>
  [one.newestAt, one.cancel.at].every((at) => at === null || asOf - at >= quietMs || at - asOf > CLOCK_SKEW_MS);

/** Every cancel that a run wrote, with the time at which the last of its transaction was written. */
export function marksOf(report: CancelReport): Tracked[] {
  const cancelled = report.outcomes.filter((outcome) => outcome.kind === 'cancelled');
  const last = cancelled.reduce((latest, outcome) => Math.max(latest, outcome.at), 0);
  return cancelled.map(({ executionId, eventId, at }) =>
    tracked(executionId, { eventId, at, visibleAt: Math.min(last, at + LONGEST_COMMIT_MS) + COMMIT_GRACE_MS }),
  );
}

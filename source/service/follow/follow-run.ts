import type { EpochMs } from '../../domain/execution.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import { isSettled, type StopState, type WorkerAlive } from '../../domain/stopping/stopping.js';
import { StoreError } from '../../store/errors.js';
import type { EventStore } from '../../store/event-store.js';
import type { CancelReport } from '../cancel/cancel.js';
import { pause } from '../pause.js';
import { judge, readHolders, readNewEvents, type Tracked } from './follow-tracker.js';
import { LateChildren } from './late-children.js';

/** The follow-up of one run at a moment: a stop state for every execution that the run cancelled, and late children. */
export interface FollowSnapshot {
  readonly states: readonly StopState[];
  readonly asOf: EpochMs;
  /** True once every execution is settled: `stopped` or `abandoned`. */
  readonly allSettled: boolean;
  /** Executions among the states that began under a parent that the run had cancelled, and that it did not cancel. */
  readonly late?: readonly ExecutionId[];
  /** Why the newest read failed, where it did; the states are then those of the read before. */
  readonly problem?: string;
}

export type FollowStore = Pick<EventStore, 'commandEvents' | 'executionsById' | 'linksBelow' | 'workers' | 'clock'>;

export interface FollowTuning {
  /**
   * How long no worker may write, after the cancel and after the last command in progress ended, until an execution
   * counts as settled (milliseconds).
   */
  readonly quietMs: number;
  /** The shortest wait between two reads (milliseconds). */
  readonly pollMs: number;
}

export interface FollowOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  readonly onSnapshot?: (snapshot: FollowSnapshot) => void;
}

/** How far an ordinary read goes back, and the last one before everything counts as settled. */
const OVERLAP_MS = 10_000;
const LAST_OVERLAP_MS = 5 * 60_000;
/** Reads may take a fifth of the time, so that following thousands does not occupy the database. */
const WAIT_PER_READ = 4;
const LONGEST_WAIT_MS = 5000;
/** How often settled executions, the tree and the workers are looked at again, in polls. */
const SLOW_LANE = 8;
/** How long after the time is over a read under way may still come back. */
const PATIENCE_MS = 3000;

/** One follow-up: polls what has not settled, looks at the rest now and then, and at everything before it says so. */
export class FollowRun {
  readonly #tracked: Tracked[];
  readonly #quietSince = new Map<ExecutionId, number>();
  readonly #late: LateChildren | null;
  readonly #lateIds = new Set<ExecutionId>();
  readonly #deadline: number;
  /** The database's clock minus this process's. */
  #skew = 0;
  #wait: number;
  #shown = '';
  #over = false;
  #snapshot: FollowSnapshot;

  constructor(
    private readonly store: FollowStore,
    cancels: Tracked[],
    report: CancelReport,
    private readonly tuning: FollowTuning,
    private readonly options: FollowOptions,
  ) {
    this.#tracked = cancels;
    this.#late = report.request.cascade ? new LateChildren(store, report) : null;
    this.#deadline = performance.now() + options.timeoutMs;
    this.#wait = tuning.pollMs;
    for (const one of cancels) this.#quietSince.set(one.executionId, performance.now());
    this.#snapshot = { states: this.#states(), asOf: Date.now(), allSettled: cancels.length === 0 };
  }

  async run(): Promise<FollowSnapshot> {
    const { signal } = this.options;
    this.#tell(this.#snapshot);
    for (let poll = 0; !signal?.aborted; poll++) {
      const begun = performance.now();
      if (await this.#patiently(this.#poll(poll))) break;
      const left = this.#deadline - performance.now();
      if (left <= 0) break;
      const cost = (performance.now() - begun) * WAIT_PER_READ;
      await pause(Math.min(left, LONGEST_WAIT_MS, Math.max(this.#wait, cost)), signal);
    }
    this.#over = true;
    return this.#snapshot;
  }

  /** A database that hangs must not hold the caller up: the last snapshot is then what there is. */
  async #patiently(poll: Promise<boolean>): Promise<boolean> {
    const { signal } = this.options;
    const over = new AbortController();
    const end = signal ? AbortSignal.any([signal, over.signal]) : over.signal;
    try {
      const patience = Math.max(0, this.#deadline - performance.now()) + PATIENCE_MS;
      return await Promise.race([poll, pause(patience, end).then(() => false)]);
    } finally {
      over.abort();
    }
  }

  /** One round of reads; true when everything has settled. */
  async #poll(poll: number): Promise<boolean> {
    try {
      if (poll === 0) this.#skew = (await this.store.clock({ polling: true })) - Date.now();
      const all = poll % SLOW_LANE === 0;
      await this.#read(all, OVERLAP_MS);
      let states = await this.#judged();
      if (areSettled(states) && !this.#late?.isCut) {
        await this.#read(true, LAST_OVERLAP_MS);
        states = await this.#judged();
      }
      // A tree that was not read whole may hold executions that were not looked at.
      const allSettled = areSettled(states) && !this.#late?.isCut;
      this.#show(states, allSettled);
      return allSettled;
    } catch (error) {
      if (this.options.signal?.aborted) return false;
      if (!(error instanceof StoreError) || !error.retryable) throw error;
      this.#tell({ ...this.#snapshot, problem: error.message });
      return false;
    }
  }

  async #read(all: boolean, overlapMs: number): Promise<void> {
    const { signal } = this.options;
    if (all && this.#late) {
      const found = await this.#late.read({ polling: true, signal });
      for (const one of found) {
        this.#tracked.push(one);
        this.#lateIds.add(one.executionId);
        this.#quietSince.set(one.executionId, performance.now());
      }
    }
    const due = all ? this.#tracked : this.#tracked.filter((one) => !one.state || !isSettled(one.state.phase));
    const changed = await readNewEvents(this.store, due, { overlapMs, signal });
    for (const id of changed) this.#quietSince.set(id, performance.now());
    this.#wait = changed.size > 0 ? this.tuning.pollMs : Math.min(this.#wait * 1.25, this.tuning.quietMs);
  }

  #judge(one: Tracked, workerAlive?: WorkerAlive): StopState {
    const since = this.#quietSince.get(one.executionId) ?? 0;
    return judge(one, one.read && performance.now() - since >= this.tuning.quietMs, workerAlive);
  }

  #states(workerAlive?: WorkerAlive): StopState[] {
    return [...this.#tracked.map((one) => this.#judge(one, workerAlive)), ...(this.#late?.states() ?? [])];
  }

  /** The workers are asked about only while some command is in progress. */
  async #judged(): Promise<StopState[]> {
    const states = this.#states();
    if (!states.some((state) => state.holding?.length)) return states;
    return this.#states((await readHolders(this.store, this.options.signal))(this.#now()));
  }

  #now(): EpochMs {
    return Date.now() + this.#skew;
  }

  #show(states: StopState[], allSettled: boolean): void {
    const late = [...this.#lateIds, ...(this.#late?.states() ?? []).map((state) => state.executionId)];
    this.#tell({ states, asOf: this.#now(), allSettled, ...(late.length > 0 ? { late } : {}) });
  }

  #tell(snapshot: FollowSnapshot): void {
    if (this.#over) return;
    this.#snapshot = snapshot;
    // Thousands of states are compared by what can change of them, not by what they hold.
    const shown = JSON.stringify([
      snapshot.problem,
      snapshot.states.map(({ executionId, phase, draining, violation, issuedAfter }) => [
        executionId,
        phase,
        draining,
        violation?.eventId,
        issuedAfter,
      ]),
    ]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.options.onSnapshot?.(snapshot);
  }
}

/** The states of what the run cancelled, and apart from them those of late children: it stopped none of these. */
export function ownAndLate({ states, late: ids = [] }: Pick<FollowSnapshot, 'states' | 'late'>): {
  readonly own: readonly StopState[];
  readonly late: readonly StopState[];
} {
  const isLate = new Set(ids);
  const [own, late]: [StopState[], StopState[]] = [[], []];
  for (const state of states) (isLate.has(state.executionId) ? late : own).push(state);
  return { own, late };
}

const areSettled = (states: readonly StopState[]) => states.every((state) => isSettled(state.phase));

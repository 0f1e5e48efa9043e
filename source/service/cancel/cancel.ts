import type { CancelOutcome, CancelPath, CancelPlan, CancelRequest, CancelTarget } from '../../domain/cancellation.js';
import type { EpochMs } from '../../domain/execution.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import { type CancelWriter, tableCancelWriter } from '../../store/cancellations/cancel-writer.js';
import { StoreError, type StoreErrorKind } from '../../store/errors.js';
import type { EventStore } from '../../store/event-store.js';
import { pause } from '../pause.js';
import { Attempts, MAX_RETRY_MS } from './attempts.js';
import { newTargets, type PlanOptions, type PlanStore, planCancel, rootsOf, TREE_LINK_LIMIT } from './cancel-plan.js';
import { failed, fromResult, notAttempted, outcomeUnknown, unreadOf, withUnfinished } from './outcomes.js';
import { type Piece, piecesOf, writeInOrder } from './pieces.js';

/** The progress of a cancel run; reported after every transaction. */
export interface CancelProgress {
  readonly phase: 'writing' | 'sweeping';
  /** Executions dealt with so far, and all that are known of; the total grows when the sweep finds late children. */
  readonly done: number;
  readonly total: number;
  readonly latest: readonly CancelOutcome[];
}

export interface CancelRunOptions {
  /** Aborting starts no further transaction; what was sent is written, the rest is `not-attempted`. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: CancelProgress) => void;
  /** Skip whatever has an event at or after this time: it has resumed since the plan. Milliseconds since 1970. */
  readonly quietSince?: EpochMs;
  /** At most this many executions a second; unlimited when absent. */
  readonly ratePerSecond?: number;
}

/** What a run did: one outcome for each execution it met. */
export interface CancelReport {
  readonly request: CancelRequest;
  /** Which way the run wrote; by the table where it is absent. */
  readonly via?: CancelPath;
  readonly plan: CancelPlan;
  readonly outcomes: readonly CancelOutcome[];
  /** By this process's clock; each outcome's time is the database's. */
  readonly startedAt: EpochMs;
  readonly finishedAt: EpochMs;
  /** True when it was stopped before every target was tried. */
  readonly interrupted: boolean;
  /** Why the tree could not be read again, or not to its end, to look for late children; null when that was done. */
  readonly sweepProblem: string | null;
}

/** The use case of cancelling: plan, then run (write and sweep). Following is service/follow. */
export interface CancelService {
  /** Reads only. `cascade` adds all descendants but those to leave out and what is below them. */
  plan(ids: readonly ExecutionId[], options: Omit<PlanOptions, 'linkLimit'>): Promise<CancelPlan>;
  /** Writes the plan. Never throws for one execution's sake; throws StoreError when nothing at all could be written. */
  run(plan: CancelPlan, request: CancelRequest, options?: CancelRunOptions): Promise<CancelReport>;
}

/** Executions in one transaction: few round trips, yet short locks and bounded memory on the server. */
export const EXECUTIONS_A_TRANSACTION = 250;
/** A tree that spawns faster than it can be swept would never end; what is left then is reported, not hidden. */
const MAX_SWEEPS = 20;

type CancelStore = PlanStore & Pick<EventStore, 'appendCancellations' | 'shards'>;

/** Failures that only concern one statement; after any other kind the next transaction would fail alike. */
const LOCAL_FAILURES: ReadonlySet<StoreErrorKind> = new Set<StoreErrorKind>(['other', 'busy', 'timeout']);

/** Plans and runs cancels on a store. Reads are the store's; the writer (rows by default) says how a cancel is written. */
export function createCancelService(
  store: CancelStore,
  options: { writer?: CancelWriter | undefined; linkLimit?: number; mostRetryMs?: number } = {},
): CancelService {
  const { writer = tableCancelWriter(store), linkLimit = TREE_LINK_LIMIT, mostRetryMs = MAX_RETRY_MS } = options;
  return {
    plan: async (ids, wanted) =>
      withUnfinished(await planCancel(store, ids, { ...wanted, linkLimit }), store, writer, wanted.signal),
    run: (plan, request, how = {}) =>
      new CancelRun(store, writer, plan, request, how, { linkLimit, mostRetryMs }).run(),
  };
}

/** One run: writes the plan in transactions, then sweeps for children that appeared meanwhile. */
class CancelRun {
  readonly #outcomes: CancelOutcome[] = [];
  #total: number;
  #wrote = false;
  #firstFailure: StoreError | null = null;
  #givenUp: StoreError | null = null;
  #sweepProblem: string | null = null;
  /** The last read of the tree ended at its limit, after so many links. */
  #isCut = false;
  #linksRead = 0;
  readonly #attempts: Attempts;

  constructor(
    private readonly store: CancelStore,
    private readonly writer: CancelWriter,
    private readonly plan: CancelPlan,
    private readonly request: CancelRequest,
    private readonly options: CancelRunOptions,
    private readonly limits: { readonly linkLimit: number; readonly mostRetryMs: number },
  ) {
    this.#total = plan.targets.length + unreadOf(plan).length;
    const { mostRetryMs } = limits;
    this.#attempts = new Attempts(writer, request, options, { mostRetryMs, isGivenUp: () => this.#givenUp !== null });
  }

  async run(): Promise<CancelReport> {
    const startedAt = Date.now();
    if (this.plan.targets.length > 0) await this.writer.prepare?.(this.options.signal);
    if (this.plan.unread) this.#record(unreadOf(this.plan), false);
    await this.#write(this.plan.targets, false);
    if (this.request.cascade && this.plan.requested.length > this.plan.unknown.length) await this.#sweep();
    if (!this.#wrote && this.#firstFailure && this.#outcomes.every((outcome) => outcome.kind === 'failed')) {
      throw this.#firstFailure;
    }
    return {
      request: this.request,
      via: this.writer.via,
      plan: this.plan,
      outcomes: this.#outcomes,
      startedAt,
      finishedAt: Date.now(),
      interrupted: this.#stopped,
      sweepProblem: this.#sweepProblem,
    };
  }

  get #stopped(): boolean {
    return this.options.signal?.aborted === true;
  }

  async #write(targets: readonly CancelTarget[], late: boolean): Promise<void> {
    const rate = this.options.ratePerSecond;
    const most = Math.min(EXECUTIONS_A_TRANSACTION, this.writer.executionsAtOnce ?? EXECUTIONS_A_TRANSACTION);
    const size = rate ? Math.max(1, Math.min(most, Math.floor(rate))) : most;
    const pieces = piecesOf(targets, size);
    const room = () => (rate ? 1 : this.#attempts.room);
    const before = this.#outcomes.length;
    await writeInOrder(pieces, room, async (piece) => {
      const begun = Date.now();
      const batch = piece.targets;
      if (this.#stopped) this.#record(batch.map(notAttempted), late);
      else if (this.#givenUp) this.#record(batch.map(failed(this.#givenUp)), late);
      else await this.#append(batch, late);
      if (rate && piece !== pieces.at(-1)) {
        await pause((batch.length / rate) * 1000 - (Date.now() - begun), this.options.signal);
      }
    });
    this.#sortBy(pieces, before);
  }

  /** A report names executions in the order in which they were sent, whichever transaction was over first. */
  #sortBy(pieces: readonly Piece[], from: number): void {
    const sent = pieces.flatMap((piece) => piece.targets);
    const places = new Map(sent.map(({ executionId }, place) => [executionId, place]));
    const placeOf = ({ executionId }: CancelOutcome): number => places.get(executionId) ?? sent.length;
    const sorted = this.#outcomes.splice(from).sort((a, b) => placeOf(a) - placeOf(b));
    for (const outcome of sorted) this.#outcomes.push(outcome);
  }

  /** One transaction; where it fails for good, halves of it, so that one bad row costs only its own execution. */
  async #append(batch: readonly CancelTarget[], late: boolean): Promise<void> {
    try {
      const results = await this.#attempts.append(batch);
      this.#wrote ||= results.some((result) => result.kind === 'appended');
      const byId = new Map(results.map((result) => [result.executionId, result]));
      const outcomes = batch.map((one) => fromResult(byId.get(one.executionId), one, { late, via: this.writer.via }));
      this.#record(outcomes, late);
    } catch (error) {
      const failure = error instanceof StoreError ? error : new StoreError('other', String(error), { cause: error });
      if (failure.kind === 'aborted') return this.#record(batch.map(notAttempted), late);
      if (failure.kind === 'other' && batch.length > 1) {
        const middle = Math.ceil(batch.length / 2);
        await this.#append(batch.slice(0, middle), late);
        return this.#append(batch.slice(middle), late);
      }
      if (failure.kind === 'outcome-unknown') {
        this.#givenUp = new StoreError('unreachable', 'not tried: the connection to the database was lost before');
        return this.#record(batch.map(outcomeUnknown(failure)), late);
      }
      this.#firstFailure ??= failure;
      if (!LOCAL_FAILURES.has(failure.kind)) this.#givenUp = failure;
      this.#record(batch.map(failed(failure)), late);
    }
  }

  /** Reads the tree again until a pass finds no new live execution. */
  async #sweep(): Promise<void> {
    const met = new Set<ExecutionId>(this.#outcomes.map((outcome) => outcome.executionId));
    for (let pass = 1; pass <= MAX_SWEEPS && !this.#stopped && !this.#givenUp; pass++) {
      const found = await this.#newLiveBelow(met);
      if (found === null || (found.length === 0 && !this.#isCut)) return;
      for (const target of found) met.add(target.executionId);
      this.#total += found.length;
      // What a plan could not hold was there before it: only what comes after a plan of the whole tree is late.
      await this.#write(found, !this.plan.truncated);
    }
    if (this.#isCut && !this.#stopped) {
      this.#sweepProblem = `the tree has more than ${this.#linksRead.toLocaleString('en')} links and was not read to its end`;
    } else if (!this.#stopped && !this.#givenUp) {
      this.#sweepProblem = `new children still appeared after ${MAX_SWEEPS} reads of the tree`;
    }
  }

  async #newLiveBelow(met: ReadonlySet<ExecutionId>): Promise<CancelTarget[] | null> {
    try {
      // From all that is known, not from the roots: where nothing is new, one level is all there is to read.
      const known = new Set([...rootsOf(this.plan), ...this.plan.ended.map((ended) => ended.executionId), ...met]);
      const {
        links,
        truncated,
        gap = null,
      } = await this.store.linksBelow([...known], this.#linksRead + this.limits.linkLimit);
      this.#isCut = truncated;
      this.#sweepProblem = gap;
      if (truncated) this.#linksRead = links.length;
      return await newTargets(this.store, this.plan, links, known);
    } catch (error) {
      this.#sweepProblem = error instanceof StoreError ? error.message : String(error);
      return null;
    }
  }

  #record(outcomes: readonly CancelOutcome[], late: boolean): void {
    for (const outcome of outcomes) this.#outcomes.push(outcome);
    this.options.onProgress?.({
      phase: late ? 'sweeping' : 'writing',
      done: this.#outcomes.length,
      total: this.#total,
      latest: outcomes,
    });
  }
}

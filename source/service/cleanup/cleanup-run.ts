import type { CancelOutcome, CancelRequest } from '../../domain/cancellation.js';
import { type ConditionCode, notOverridden } from '../../domain/conditions/conditions.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import { isSilent } from '../../domain/execution-status.js';
import { STALE_CODES } from '../../domain/staleness/staleness-types.js';
import { StoreError } from '../../store/errors.js';
import type { EventStore } from '../../store/event-store.js';
import { formatDuration } from '../../text/duration.js';
import { type CancelService, EXECUTIONS_A_TRANSACTION } from '../cancel/cancel.js';
import { targetOf } from '../cancel/cancel-plan.js';
import type { ConditionsService, ConditionsStore } from '../conditions.js';
import type { DiagnoseService } from '../diagnose/diagnose.js';
import type { StaleExecution } from '../diagnose/stale-summary.js';
import { pause } from '../pause.js';
import type { CleanupPlan, CleanupReport, CleanupRunOptions, CleanupSkip, SkipReason } from './cleanup.js';
import { blockedWords, CleanupBlocked, isCleaned } from './rules.js';

export type CleanupStore = Pick<EventStore, 'activeExecutions' | 'clock'> & ConditionsStore;

interface CleanupServices {
  readonly diagnose: DiagnoseService;
  readonly cancel: CancelService;
  readonly conditions: ConditionsService;
}

/** With a rate, a batch is what is written in this time, so that it is judged shortly before it is written. */
const BATCH_SECONDS = 2;

/** One cleanup: batch by batch, look again, then write what is stale and safe still. */
export class CleanupRun {
  readonly #cancelled: { executionId: ExecutionId; code: StaleExecution['diagnosis']['code'] }[] = [];
  readonly #skipped: CleanupSkip[];
  readonly #outcomes: CancelOutcome[] = [];
  #failure: string | null = null;
  /** What was overridden in some batch. */
  readonly #despite = new Set<ConditionCode>();
  #done = 0;

  constructor(
    private readonly store: CleanupStore,
    private readonly services: CleanupServices,
    private readonly plan: CleanupPlan,
    private readonly request: CancelRequest,
    private readonly options: CleanupRunOptions,
  ) {
    this.#skipped = [...plan.skipped];
  }

  async run(): Promise<CleanupReport> {
    const { targets } = this.plan;
    const { ratePerSecond: rate, signal } = this.options;
    if (targets.length === 0) await this.#overridden();
    const startedAt = await this.#clock();
    const size = rate
      ? Math.max(1, Math.min(EXECUTIONS_A_TRANSACTION, Math.floor(rate * BATCH_SECONDS)))
      : EXECUTIONS_A_TRANSACTION;
    for (let start = 0; start < targets.length; start += size) {
      const batch = targets.slice(start, start + size);
      const begun = Date.now();
      const written = await this.#batch(batch);
      this.#done += batch.length;
      if (written === 0) this.options.onProgress?.({ done: this.#done, total: targets.length, latest: [] });
      if (rate && written > 0 && start + size < targets.length) {
        await pause((written / rate) * 1000 - (Date.now() - begun), signal);
      }
    }
    return this.#report(startedAt, await this.#clock());
  }

  get #stopped(): boolean {
    return this.options.signal?.aborted === true || this.#failure !== null;
  }

  /** Returns how many executions were tried, for the rate. */
  async #batch(batch: readonly StaleExecution[]): Promise<number> {
    if (this.#stopped) return this.#leave(batch, this.#failure ?? 'the cleanup was stopped before');
    try {
      const { still, quietSince } = await this.#lookAgain(batch);
      if (still.length === 0) return 0;
      const despite = await this.#overridden();
      const request = despite.length > 0 ? { ...this.request, despite } : this.request;
      const ids = still.map(({ execution }) => execution.executionId);
      const targets = still.map(({ execution }) => targetOf(execution, { rootId: execution.executionId, depth: 0 }));
      const report = await this.services.cancel.run({ requested: ids, targets, ended: [], unknown: [] }, request, {
        ...this.options,
        quietSince,
        onProgress: ({ latest, done }) =>
          this.options.onProgress?.({
            done: this.#done + batch.length - still.length + done,
            total: this.plan.targets.length,
            latest,
          }),
      });
      this.#record(still, report.outcomes);
      return still.length;
    } catch (error) {
      if (error instanceof CleanupBlocked) {
        if (this.#outcomes.length === 0) throw error;
        this.#failure = blockedWords(error.conditions);
        return this.#leave(batch, this.#failure);
      }
      const failure = error instanceof StoreError ? error : new StoreError('other', String(error), { cause: error });
      if (failure.kind !== 'aborted') {
        // Nothing has been done: the caller gets the failure itself. Later, what was done must still be reported.
        if (this.#outcomes.length === 0) throw failure;
        this.#failure = failure.message;
      }
      return this.#leave(batch, failure.message);
    }
  }

  /**
   * The conditions that hold now and are overridden; read after the look at the executions, so that it is the newest
   * thing known before the write. Throws CleanupBlocked for one that is not overridden.
   */
  async #overridden(): Promise<ConditionCode[]> {
    const { signal } = this.options;
    const engine = await this.services.conditions.read({ signal });
    const blocking = notOverridden(engine, this.plan.despite);
    if (blocking.length > 0) throw new CleanupBlocked(blocking);
    const held = engine.conditions.map(({ code }) => code);
    for (const code of held) this.#despite.add(code);
    return held;
  }

  /**
   * Reads everything anew: an execution that moved, or whose parent, child or worker did, is dropped. `quietSince` is
   * what the write checks again under its lock: all that is left was silent up to then.
   */
  async #lookAgain(batch: readonly StaleExecution[]): Promise<{ still: StaleExecution[]; quietSince: number }> {
    const { olderThanMs, codes } = this.plan;
    const { signal } = this.options;
    const reading = { signal };
    const active = await this.store.activeExecutions(reading);
    const now = new Map(active.executions.map((execution) => [execution.executionId, execution]));
    const silent: StaleExecution[] = [];
    for (const stale of batch) {
      const execution = now.get(stale.execution.executionId);
      if (!execution) this.#skip(stale, 'ended', 'it ended since the plan');
      else if (
        execution.lastEvent.eventId !== stale.execution.lastEvent.eventId ||
        !isSilent(execution.lastEvent.at, active.asOf, olderThanMs)
      ) {
        const { type, at } = execution.lastEvent;
        this.#skip(stale, 'woke', `\`${type}\` came ${formatDuration(active.asOf - at)} ago, since the plan`);
      } else silent.push({ ...stale, execution });
    }
    const ids = silent.map(({ execution }) => execution.executionId);
    const diagnoses = await this.services.diagnose.diagnoseMany(ids, { olderThanMs, active, ...reading });
    const still = silent.filter((stale) => {
      const diagnosis = diagnoses.get(stale.execution.executionId);
      if (diagnosis && isCleaned(diagnosis, codes)) return true;
      const detail = diagnosis ? `now ${diagnosis.code}: ${diagnosis.evidence.sentence}` : 'its rows cannot be read';
      this.#skip(stale, 'no-longer-safe', detail);
      return false;
    });
    return { still, quietSince: active.asOf - olderThanMs };
  }

  #record(batch: readonly StaleExecution[], outcomes: readonly CancelOutcome[]): void {
    for (const outcome of outcomes) this.#outcomes.push(outcome);
    const byId = new Map(outcomes.map((outcome) => [outcome.executionId, outcome]));
    for (const stale of batch) {
      const { executionId } = stale.execution;
      const outcome = byId.get(executionId);
      if (outcome?.kind === 'cancelled') {
        this.#cancelled.push({ executionId, code: stale.diagnosis.code });
      } else this.#skip(stale, ...whyNot(outcome));
    }
  }

  #skip({ execution, diagnosis }: StaleExecution, why: SkipReason, detail: string): void {
    this.#skipped.push({ executionId: execution.executionId, code: diagnosis.code, why, detail });
  }

  #leave(batch: readonly StaleExecution[], detail: string): number {
    const known = new Set(this.#skipped.map((skip) => skip.executionId));
    for (const stale of batch) {
      if (!known.has(stale.execution.executionId)) this.#skip(stale, 'not-attempted', detail);
    }
    return 0;
  }

  #clock(): Promise<number> {
    return this.store.clock().catch(() => Date.now());
  }

  #report(startedAt: number, finishedAt: number): CleanupReport {
    const count = (of: readonly { code: string }[], code: string) => of.filter((one) => one.code === code).length;
    const planned = this.plan.targets.map(({ diagnosis }) => diagnosis);
    const targets = this.plan.targets.map(({ execution }) =>
      targetOf(execution, { rootId: execution.executionId, depth: 0 }),
    );
    const requested = targets.map((target) => target.executionId);
    const via = this.#outcomes.find((outcome) => outcome.kind === 'cancelled')?.via;
    const interrupted =
      this.options.signal?.aborted === true && this.#skipped.some((skip) => skip.why === 'not-attempted');
    return {
      plan: this.plan,
      cancelled: this.#cancelled,
      skipped: this.#skipped,
      counts: STALE_CODES.filter((code) => count(planned, code) > 0).map((code) => ({
        code,
        planned: count(planned, code),
        cancelled: count(this.#cancelled, code),
      })),
      cancel: {
        request: this.#despite.size > 0 ? { ...this.request, despite: [...this.#despite] } : this.request,
        ...(via === undefined ? {} : { via }),
        plan: { requested, targets, ended: [], unknown: [] },
        outcomes: this.#outcomes,
        startedAt,
        finishedAt,
        sweepProblem: null,
        interrupted,
      },
      interrupted,
      failure: this.#failure,
    };
  }
}

function whyNot(outcome: CancelOutcome | undefined): [SkipReason, string] {
  switch (outcome?.kind) {
    case 'ended':
      return ['ended', `it was ${outcome.as} first${outcome.endedBy ? ` by ${outcome.endedBy}` : ''}`];
    case 'resumed':
      return [
        'woke',
        `it had an event at ${new Date(outcome.lastEventAt).toISOString()}, while it was being cancelled`,
      ];
    case 'failed':
    case 'outcome-unknown':
      return [outcome.kind, outcome.message];
    case 'unknown':
      return ['ended', 'its rows no longer exist'];
    case 'not-attempted':
      return ['not-attempted', 'the cleanup was stopped before'];
    default:
      return ['failed', 'the write gave no answer'];
  }
}

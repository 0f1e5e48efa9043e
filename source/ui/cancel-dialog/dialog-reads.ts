import type { StoreApi } from 'zustand/vanilla';
import { type CancelPlan, type CancelTarget, checkReason } from '../../domain/cancellation.js';
import { displayStatus } from '../../domain/execution.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import { isSilent } from '../../domain/execution-status.js';
import { waitingAncestors } from '../../service/cancel/waiting-ancestors.js';
import type { ConsoleContext } from '../shell/console-context.js';
import { errorText, isAbort } from '../shell/notices.js';
import type { DraftAction } from './draft-reducer.js';
import { chosenIds, type DraftState, gradeOf, type TargetFacts } from './draft-state.js';

/** A plan that could not be read is tried again this much later; evidence likewise. */
const AGAIN_MS = 3000;
/** Executions diagnosed in one read. */
const EVIDENCE_A_READ = 50;
/** Up to so many targets are all diagnosed; of more, those in sight. */
const DIAGNOSED_AT_ONCE = 100;
const RECENT_CANCELS_READ = 100;
const RECENT_REASONS = 8;

/** What the dialog reads from the database: both plans, the evidence of what is in sight, and recent reasons. */
export class DialogReads {
  #planning = new AbortController();
  readonly #closing = new AbortController();
  readonly #timers = new Set<NodeJS.Timeout>();
  /** Executions whose diagnosis was asked for; each is asked for once. */
  readonly #asked = new Set<ExecutionId>();
  #isDiagnosing = false;

  constructor(
    private readonly context: ConsoleContext,
    private readonly state: StoreApi<DraftState>,
    private readonly dispatch: (action: DraftAction) => void,
  ) {}

  dispose(): void {
    this.#planning.abort();
    this.#closing.abort();
    for (const timer of this.#timers) clearTimeout(timer);
  }

  /** Reads both plans for what is chosen now; an older reading is given up. */
  plans(): void {
    this.#planning.abort();
    this.#planning = new AbortController();
    for (const cascade of [true, false]) void this.#plan(cascade, this.#planning.signal);
  }

  /** Diagnoses what is stale and in sight: the list's window of so many lines. */
  evidence(height: number): void {
    if (this.#isDiagnosing || this.#closing.signal.aborted) return;
    const ids = this.#undiagnosed(height).slice(0, EVIDENCE_A_READ);
    if (ids.length === 0) return;
    for (const id of ids) this.#asked.add(id);
    this.#isDiagnosing = true;
    void this.#diagnose(ids).then(() => {
      this.#isDiagnosing = false;
      this.evidence(height);
    });
  }

  /**
   * Which of the chosen run away: the list knows it, other screens do not, and would call the loop that is to be stopped
   * healthy. A failure leaves them so, which is the more careful word.
   */
  async runaways(): Promise<void> {
    const { rows, asOf } = this.context.feed.snapshot();
    const { targets, staleAfterMs } = this.state.getState();
    const healthy = targets.filter((target) => target.status === 'RUNNING' && !target.runaway);
    const executions = healthy.slice(0, DIAGNOSED_AT_ONCE).flatMap((one) => rows.get(one.executionId)?.execution ?? []);
    if (executions.length === 0) return;
    const reading = { active: { executions, asOf }, staleAfterMs, signal: this.#closing.signal, polling: true };
    try {
      const { found } = await this.context.services.runaway.find(reading);
      const { facts } = this.state.getState();
      this.dispatch({
        type: 'facts',
        facts: found.flatMap(({ execution, runaway }) => {
          const known = facts.get(execution.executionId);
          return known?.status === 'RUNNING' ? [{ ...known, runaway }] : [];
        }),
      });
    } catch {
      // The number has to be typed for a healthy one as well.
    }
  }

  /** Recent reasons, this session's first. A convenience: a failure to read them is ignored. */
  async recentReasons(): Promise<void> {
    try {
      const records = await this.context.services.store.recentCancellations(RECENT_CANCELS_READ, { polling: true });
      const reasons = usableReasons([...this.context.batches.reasons(), ...records.map((record) => record.reason)]);
      if (this.state.getState().recent === -1) this.dispatch({ type: 'recents', reasons });
    } catch {
      // The session's own reasons stay.
    }
  }

  async #plan(cascade: boolean, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const state = this.state.getState();
    const { choice, leftOut } = state;
    try {
      const plan = await this.context.services.cancel.plan(chosenIds(state), {
        cascade,
        signal,
        leaveOut: [...leftOut],
      });
      if (signal.aborted) return;
      this.dispatch({ type: 'planned', cascade, choice, plan, facts: this.#factsOf(plan) });
      if (cascade) await this.#ancestors(plan, signal);
    } catch (error) {
      if (signal.aborted || isAbort(error)) return;
      this.dispatch({ type: 'plan-failed', cascade, choice, message: errorText(error) });
      this.#later(() => void this.#plan(cascade, signal));
    }
  }

  async #ancestors(plan: CancelPlan, signal: AbortSignal): Promise<void> {
    const above = await waitingAncestors(this.context.services.store, plan, { signal }).catch((error: unknown) => ({
      ancestors: [],
      isCut: true,
      problem: errorText(error),
    }));
    if (signal.aborted) return;
    const { openedAt, staleAfterMs } = this.state.getState();
    const facts = above.ancestors.map(
      ({ execution }): TargetFacts => ({
        executionId: execution.executionId,
        path: execution.path,
        status: displayStatus(execution, openedAt, staleAfterMs),
        lastEventAt: execution.lastEvent.at,
        workerId: execution.lastEvent.workerId,
        diagnosis: this.context.feed.snapshot().rows.get(execution.executionId)?.diagnosis ?? null,
      }),
    );
    this.dispatch({ type: 'facts', above, facts });
  }

  /** What the plan and the feed know of its executions. */
  #factsOf(plan: CancelPlan): TargetFacts[] {
    const { facts, openedAt, staleAfterMs } = this.state.getState();
    const { rows } = this.context.feed.snapshot();
    const ofTarget = (target: CancelTarget): TargetFacts => {
      const { executionId } = target;
      const [row, known] = [rows.get(executionId), facts.get(executionId)];
      const lastEventAt = target.lastEventAt ?? known?.lastEventAt ?? row?.execution.lastEvent.at ?? null;
      const isStale = lastEventAt !== null && isSilent(lastEventAt, openedAt, staleAfterMs);
      return {
        executionId,
        path: target.path,
        status: isStale ? 'STALE' : 'RUNNING',
        lastEventAt,
        workerId: row?.workerId ?? known?.workerId ?? target.workerId ?? null,
        diagnosis: isStale ? (known?.diagnosis ?? row?.diagnosis ?? null) : null,
        runaway: isStale ? undefined : known?.runaway,
      };
    };
    const ended = plan.ended.flatMap(({ executionId, as, endedAt }): TargetFacts[] => {
      const known = facts.get(executionId);
      return known ? [{ ...known, status: as, lastEventAt: endedAt ?? known.lastEventAt, diagnosis: null }] : [];
    });
    return [...[...plan.targets, ...(plan.leftOut?.live ?? [])].map(ofTarget), ...ended];
  }

  /** What is stale, has no diagnosis, and was not asked for: all of a small set, of a large one what is in sight. */
  #undiagnosed(height: number): ExecutionId[] {
    const { survey, offset, facts } = this.state.getState();
    const isSmall = survey.lines.length <= DIAGNOSED_AT_ONCE;
    const lines = isSmall ? survey.lines : survey.lines.slice(offset, offset + height);
    const ids = lines.flatMap((line) => (line.kind === 'row' ? [line.executionId] : []));
    return [...new Set(ids)].filter((id) => {
      const known = facts.get(id);
      return known?.status === 'STALE' && gradeOf(known) === 'undiagnosed' && !this.#asked.has(id);
    });
  }

  async #diagnose(ids: readonly ExecutionId[]): Promise<void> {
    const { rows, asOf } = this.context.feed.snapshot();
    // The feed's executions spare the reading of all there are; one that it does not hold has to be read with the rest.
    const active = ids.every((id) => rows.has(id))
      ? {
          executions: [...rows.values()].map((row) => row.execution).filter(({ status }) => status === 'RUNNING'),
          asOf,
        }
      : undefined;
    try {
      const found = await this.context.services.diagnose.diagnoseMany(ids, {
        olderThanMs: this.state.getState().staleAfterMs,
        signal: this.#closing.signal,
        polling: true,
        active,
      });
      if (!this.#closing.signal.aborted) this.dispatch({ type: 'evidence', found });
    } catch (error) {
      if (this.#closing.signal.aborted || isAbort(error)) return;
      this.dispatch({ type: 'evidence-failed', message: errorText(error) });
      this.#later(() => {
        for (const id of ids) this.#asked.delete(id);
        this.evidence(ids.length);
      });
    }
  }

  #later(act: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, AGAIN_MS);
    timer.unref();
    this.#timers.add(timer);
  }
}

/** Reasons that may be given again, each once, in order. */
export function usableReasons(reasons: readonly (string | null)[]): string[] {
  const usable = reasons.filter(
    (reason): reason is string => reason !== null && checkReason(reason).ok && reason !== '',
  );
  return [...new Set(usable)].slice(0, RECENT_REASONS);
}

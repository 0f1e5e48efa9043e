import { createStore, type StoreApi } from 'zustand/vanilla';
import { type CancelPlan, checkReason } from '../../domain/cancellation.js';
import { newCancelRequest } from '../../service/cancel/cancel-request.js';
import { textEditOf } from '../kit/text-keys.js';
import { frozenTarget } from '../rows/frozen-target.js';
import type { ConsoleContext, FrozenTarget } from '../shell/console-context.js';
import { errorText, isAbort } from '../shell/error-text.js';
import type { ActionId } from '../shell/keymap-types.js';
import type { Screen } from '../shell/screen.js';
import type { KeyEvent } from '../terminal/input-event.js';
import { type DraftAction, draftReducer } from './draft-reducer.js';
import {
  type BelowCounts,
  chosenIds,
  confirmProblem,
  type DraftState,
  isUnsafe,
  openDraft,
  planOf,
  skipsResumed,
} from './draft-state.js';

declare module '../shell/screen.js' {
  interface ScreenArguments {
    cancel: [targets: readonly FrozenTarget[], source: CancelSource];
  }
}

/** Where the targets were marked; the marks go once they are being cancelled. */
export interface CancelSource {
  clearMarks(): void;
}

const BELOW = { chosen: 'bulk', hidden: true } as const;
/** A plan that could not be read is tried again this much later. */
const PLAN_AGAIN_MS = 3000;
const RECENT_CANCELS_READ = 100;
const RECENT_REASONS = 8;

export interface CancelIdentity {
  readonly cancelledBy: string;
  readonly source: string;
}

/** The cancel dialog: frozen targets, both plans, a reason; and one way out that writes. */
export class CancelModel implements Screen {
  readonly kind = 'cancel';
  readonly state: StoreApi<DraftState>;
  #reading = new AbortController();
  readonly #timers = new Set<NodeJS.Timeout>();
  #confirmed = false;

  constructor(
    private readonly context: ConsoleContext,
    private readonly identity: CancelIdentity,
    targets: readonly FrozenTarget[],
    private readonly source: CancelSource,
  ) {
    this.state = createStore<DraftState>(() =>
      openDraft(targets, context.clock.store.getState().now, this.#sessionReasons()),
    );
    this.#plan();
    void this.#readRecents();
  }

  dispatch(action: DraftAction): void {
    const before = this.state.getState();
    const after = draftReducer(before, action);
    this.state.setState(after, true);
    if (after.choice !== before.choice) this.#plan();
  }

  act(action: ActionId): void {
    switch (action) {
      case 'back':
        this.context.notices.say('nothing was cancelled');
        this.context.back();
        return;
      case 'cascade':
        this.dispatch({ type: 'toggle-cascade' });
        return;
      case 'next-field':
        this.dispatch({ type: 'next-field' });
        return;
      case 'previous-field':
        this.dispatch({ type: 'previous-field' });
        return;
      case 'accept':
        this.#accept();
        return;
      default:
    }
  }

  takeKey(event: KeyEvent): boolean {
    const { focus } = this.state.getState();
    if (focus === 'reason' && (event.name === 'up' || event.name === 'down') && !event.ctrl && !event.meta) {
      this.dispatch({ type: 'recent', by: event.name === 'down' ? 1 : -1 });
      return true;
    }
    if (focus === 'unsafe' && this.#takeUnsafeKey(event)) return true;
    if ((focus === 'cascade' || focus === 'unsafe') && event.name === 'space') {
      this.dispatch({ type: focus === 'cascade' ? 'toggle-cascade' : 'unsafe-toggle' });
      return true;
    }
    if (event.name === 'up' || event.name === 'down') {
      this.dispatch({ type: event.name === 'up' ? 'previous-field' : 'next-field' });
      return true;
    }
    if (focus !== 'reason' && focus !== 'count') return false;
    const edit = textEditOf(event);
    if (!edit) return false;
    this.dispatch({ type: focus === 'reason' ? 'edit-reason' : 'edit-count', edit });
    return true;
  }

  /** A pasted text is a reason, wherever the cursor is but in the count; nothing in it is ever taken for a key. */
  takePaste(text: string): void {
    const { focus } = this.state.getState();
    if (focus === 'count') {
      this.dispatch({ type: 'edit-count', edit: { type: 'insert', text: text.trim() } });
      return;
    }
    this.dispatch({ type: 'focus', field: 'reason' });
    this.dispatch({ type: 'edit-reason', edit: { type: 'insert', text: text.replace(/\n+$/, '') } });
  }

  dispose(): void {
    this.#reading.abort();
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #takeUnsafeKey(event: KeyEvent): boolean {
    if (event.name === 'a' && !event.ctrl) this.dispatch({ type: 'unsafe-all' });
    else if (event.name === 'up' || event.name === 'down') {
      this.dispatch({ type: 'unsafe-move', by: event.name === 'up' ? -1 : 1 });
    } else return false;
    return true;
  }

  #accept(): void {
    const { focus } = this.state.getState();
    if (focus !== 'confirm') {
      this.dispatch({ type: 'proceed' });
      return;
    }
    this.#confirm();
  }

  /** The only place that begins a write: with the very plan that is on the screen, once. */
  #confirm(): void {
    const state = this.state.getState();
    const plan = planOf(state);
    const reason = checkReason(state.reason.text);
    if (confirmProblem(state) !== null || plan.kind !== 'ready' || !reason.ok) {
      this.dispatch({ type: 'refused' });
      return;
    }
    if (this.#confirmed) return;
    this.#confirmed = true;
    const request = newCancelRequest({
      reason: reason.reason,
      cancelledBy: this.identity.cancelledBy,
      cascade: state.cascade,
      source: this.identity.source,
    });
    const options = skipsResumed(state) ? { quietSince: state.openedAt } : {};
    const id = this.context.batches.start(plan.plan, request, options);
    this.source.clearMarks();
    this.context.back();
    this.context.open('batch', id);
  }

  #plan(): void {
    this.#reading.abort();
    this.#reading = new AbortController();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    for (const cascade of [true, false]) void this.#readPlan(cascade, this.#reading.signal);
  }

  async #readPlan(cascade: boolean, signal: AbortSignal): Promise<void> {
    const state = this.state.getState();
    const ids = chosenIds(state);
    const { choice } = state;
    try {
      const plan = await this.context.services.cancel.plan(ids, { cascade, signal });
      if (!signal.aborted) this.dispatch({ type: 'planned', cascade, choice, plan, below: this.#below(plan) });
    } catch (error) {
      if (signal.aborted || isAbort(error)) return;
      this.dispatch({ type: 'plan-failed', cascade, choice, message: errorText(error) });
      const timer = setTimeout(() => void this.#readPlan(cascade, signal), PLAN_AGAIN_MS);
      timer.unref();
      this.#timers.add(timer);
    }
  }

  /** What the feed knows of the executions that the cascade adds. */
  #below(plan: CancelPlan): BelowCounts {
    const { rows } = this.context.feed.snapshot();
    const clock = { now: this.context.clock.store.getState().now, staleAfterMs: this.context.staleAfterMs() };
    const known = plan.targets
      .filter((target) => target.depth > 0)
      .map((target) => frozenTarget(target.executionId, rows.get(target.executionId), clock, BELOW));
    return {
      progressing: known.filter((target) => target.status === 'RUNNING').length,
      unsafe: known.filter(isUnsafe).length,
    };
  }

  #sessionReasons(): string[] {
    return unique(this.context.batches.reasons());
  }

  /** Recent reasons, this session's first. A convenience: a failure to read them is ignored. */
  async #readRecents(): Promise<void> {
    try {
      const records = await this.context.services.store.recentCancellations(RECENT_CANCELS_READ, { polling: true });
      const reasons = unique([...this.#sessionReasons(), ...records.map((record) => record.reason)]);
      if (this.state.getState().recent === -1) this.dispatch({ type: 'recents', reasons });
    } catch {
      // The session's own reasons stay.
    }
  }
}

/** Usable reasons, each once, in order. */
function unique(reasons: readonly (string | null)[]): string[] {
  const usable = reasons.filter(
    (reason): reason is string => reason !== null && checkReason(reason).ok && reason !== '',
  );
  return [...new Set(usable)].slice(0, RECENT_REASONS);
}

import { createStore, type StoreApi } from 'zustand/vanilla';
import { checkReason } from '../../domain/cancellation.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import { newCancelRequest } from '../../service/cancel/cancel-plan.js';
import type { Move } from '../kit/scroll.js';
import { textEditOf } from '../kit/text-input.js';
import { bodyRows } from '../shell/body-rows.js';
import type { ConsoleContext, FrozenTarget } from '../shell/console-context.js';
import type { ActionId } from '../shell/keymap-types.js';
import type { Screen } from '../shell/screen.js';
import type { KeyEvent } from '../terminal/input-event.js';
import { DialogReads, usableReasons } from './dialog-reads.js';
import { type DraftAction, draftReducer } from './draft-reducer.js';
import { confirmProblem, type DraftState, planOf, skipsResumed } from './draft-state.js';
import { openDraft } from './open-draft.js';

/** Reason, its hint, cascade and its outcome, count, button. */
export const FIELD_LINES = 6;
/** The headline, and the rule between the list and the details. */
const HEADLINE_AND_RULE = 2;
/** From so many lines on there is room for a third line of details. */
const ROOMY = 19;

/** How the dialog shares out the lines between the frame's title and its footer. */
export function dialogLayout(bodyRows: number): { listHeight: number; detailHeight: number } {
  const detailHeight = bodyRows < ROOMY ? 2 : 3;
  return { detailHeight, listHeight: Math.max(1, bodyRows - FIELD_LINES - HEADLINE_AND_RULE - detailHeight) };
}

declare module '../shell/screen.js' {
  interface ScreenArguments {
    cancel: [targets: readonly FrozenTarget[], source: CancelSource];
  }
}

/** Where the targets were marked; the marks go once they are being cancelled. */
export interface CancelSource {
  clearMarks(): void;
  /** What was unmarked, or left out of the marks on purpose: no cascade takes it. */
  readonly spared?: readonly ExecutionId[];
}

export interface CancelIdentity {
  readonly cancelledBy: string;
  readonly source: string;
  /** A cancel without a reason is refused. */
  readonly requireReason?: boolean | undefined;
}

/** Keys that scroll the list whichever field has the focus, and those that do only in the list. */
const SCROLL: Readonly<Record<string, Move>> = { pageup: { page: -1 }, pagedown: { page: 1 } };
const SCROLL_IN_LIST: Readonly<Record<string, Move>> = {
  up: { by: -1 },
  down: { by: 1 },
  k: { by: -1 },
  j: { by: 1 },
  home: { to: 'first' },
  end: { to: 'last' },
  g: { to: 'first' },
  G: { to: 'last' },
};

/** The cancel dialog: frozen targets, both plans, a reason; and one way out that writes. */
export class CancelModel implements Screen {
  readonly kind = 'cancel';
  readonly state: StoreApi<DraftState>;
  readonly #reads: DialogReads;
  #confirmed = false;

  constructor(
    private readonly context: ConsoleContext,
    private readonly identity: CancelIdentity,
    targets: readonly FrozenTarget[],
    private readonly source: CancelSource,
  ) {
    const draft = openDraft(targets, {
      openedAt: context.clock.store.getState().now,
      staleAfterMs: context.staleAfterMs(),
      recentReasons: usableReasons(context.batches.reasons()),
      spared: source.spared ?? [],
      requireReason: identity.requireReason === true,
    });
    this.state = createStore<DraftState>(() => draft);
    this.#reads = new DialogReads(context, this.state, (action) => this.dispatch(action));
    this.#reads.plans();
    void this.#reads.recentReasons();
    void this.#reads.runaways();
  }

  dispatch(action: DraftAction): void {
    const before = this.state.getState();
    const after = draftReducer(before, action);
    this.state.setState(after, true);
    if (after.choice !== before.choice) this.#reads.plans();
    if (after.survey !== before.survey || after.cursor !== before.cursor) this.#reads.evidence(this.#height());
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
        if (this.state.getState().focus === 'confirm') this.#confirm();
        else this.dispatch({ type: 'proceed' });
        return;
      default:
    }
  }

  takeKey(event: KeyEvent): boolean {
    const { focus } = this.state.getState();
    const isPlain = !event.ctrl && !event.meta;
    const move = isPlain ? (SCROLL[event.name] ?? (focus === 'list' ? listMove(event) : undefined)) : undefined;
    if (move) {
      this.#move(move);
      return true;
    }
    if (isPlain && (event.name === 'up' || event.name === 'down')) {
      const by = event.name === 'up' ? -1 : 1;
      if (focus === 'reason') this.dispatch({ type: 'recent', by });
      else this.dispatch({ type: by < 0 ? 'previous-field' : 'next-field' });
      return true;
    }
    switch (focus) {
      case 'list':
        return isPlain && this.#takeListKey(event);
      case 'cascade':
        if (event.name !== 'space') return false;
        this.dispatch({ type: 'toggle-cascade' });
        return true;
      case 'reason':
      case 'count': {
        const edit = textEditOf(event);
        if (edit) this.dispatch({ type: focus === 'reason' ? 'edit-reason' : 'edit-count', edit });
        return edit !== null;
      }
      case 'confirm':
        return false;
    }
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

  wheel(by: 1 | -1): void {
    this.#move({ by: by * 3 });
  }

  dispose(): void {
    this.#reads.dispose();
  }

  #takeListKey(event: KeyEvent): boolean {
    if (event.name === 'space') this.dispatch({ type: 'toggle-row' });
    else if (event.name === 'a') this.dispatch({ type: 'toggle-doubtful' });
    else return false;
    return true;
  }

  #move(move: Move): void {
    this.dispatch({ type: 'move', move, height: this.#height() });
  }

  /** Lines that the list has on the screen. */
  #height(): number {
    const { size, batches } = this.context;
    return dialogLayout(bodyRows(size.getState(), batches.store.getState().line !== '')).listHeight;
  }

  /** The only place that begins a write: with the very plan that is on the screen, once. */
  #confirm(): void {
    const state = this.state.getState();
    const plan = planOf(state);
    const reason = checkReason(state.reason.text, { isRequired: state.requireReason });
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
}

const listMove = (event: KeyEvent): Move | undefined => SCROLL_IN_LIST[event.text] ?? SCROLL_IN_LIST[event.name];

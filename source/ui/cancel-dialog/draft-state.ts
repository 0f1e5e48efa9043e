import { type CancelPlan, checkReason } from '../../domain/cancellation.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import { emptyInput, type TextInput } from '../kit/text-input.js';
import type { FrozenTarget } from '../shell/console-context.js';

/** What is known of the executions that a cascade adds to the chosen ones. */
export interface BelowCounts {
  readonly progressing: number;
  readonly unsafe: number;
}

/** One of the two plans: with and without descendants. */
export type PlanState =
  | { readonly kind: 'reading' }
  | { readonly kind: 'ready'; readonly plan: CancelPlan; readonly below: BelowCounts }
  | { readonly kind: 'failed'; readonly message: string };

export type DraftField = 'reason' | 'cascade' | 'unsafe' | 'count' | 'confirm';

/** A cancel that has not been written: as long as this exists, nothing was. */
export interface DraftState {
  readonly targets: readonly FrozenTarget[];
  /** When it was opened, by the database's clock: an execution with an event after this has resumed. */
  readonly openedAt: number;
  /** Unsafe executions that are not to be cancelled. */
  readonly leftOut: ReadonlySet<ExecutionId>;
  readonly cascade: boolean;
  readonly plans: { readonly cascade: PlanState; readonly alone: PlanState };
  /** Grows when the chosen ids change; a plan that was read for an older choice is thrown away. */
  readonly choice: number;
  readonly reason: TextInput;
  readonly reasonProblem: string | null;
  readonly recentReasons: readonly string[];
  /** Which recent reason stands in the field; -1 for the operator's own text, kept in `ownReason`. */
  readonly recent: number;
  readonly ownReason: string;
  readonly count: TextInput;
  readonly focus: DraftField;
  readonly unsafeCursor: number;
  /** Why the last try to confirm was refused. */
  readonly refusal: string | null;
}

/** More executions than this need their number typed (product.md, "Cancel dialog"). */
export const COUNT_TYPED_ABOVE = 10;

/** Targets that a batch would leave alone unless chosen: diagnosed, and not safe. */
export const isUnsafe = (target: FrozenTarget): boolean => target.diagnosis !== null && !target.diagnosis.safe;
export const unsafeTargets = (state: DraftState): FrozenTarget[] => state.targets.filter(isUnsafe);

/** Left out by choice, and yet in the plan: they lie below chosen ones, and the cascade takes them. */
export function takenByCascade(state: DraftState): FrozenTarget[] {
  const plan = planOf(state);
  if (plan.kind !== 'ready' || state.leftOut.size === 0) return [];
  const planned = new Set(plan.plan.targets.map((target) => target.executionId));
  return state.targets.filter(({ executionId: id }) => state.leftOut.has(id) && planned.has(id));
}

/** The ids that are asked for, in the order in which they were frozen. */
export const chosenIds = (state: DraftState): ExecutionId[] =>
  state.targets.map((target) => target.executionId).filter((id) => !state.leftOut.has(id));

export const planOf = (state: DraftState, cascade = state.cascade): PlanState =>
  cascade ? state.plans.cascade : state.plans.alone;

export const needsCount = (state: DraftState): boolean => {
  const plan = planOf(state);
  return plan.kind === 'ready' && plan.plan.targets.length > COUNT_TYPED_ABOVE;
};

/** The fields that can be reached, in order. */
export function fieldsOf(state: DraftState): DraftField[] {
  const fields: DraftField[] = ['reason', 'cascade'];
  if (unsafeTargets(state).length > 0) fields.push('unsafe');
  if (needsCount(state)) fields.push('count');
  fields.push('confirm');
  return fields;
}

/**
 * Whether what wakes up meanwhile is to be left alone: when everything asked for is stale and safe, silence is the
 * reason for the cancel, and an event after the dialog opened takes it away.
 */
export const skipsResumed = (state: DraftState): boolean =>
  state.targets.every((target) => state.leftOut.has(target.executionId) || target.diagnosis?.safe === true);

/** Why a confirm cannot be taken now; null when it can. */
export function confirmProblem(state: DraftState): string | null {
  if (chosenIds(state).length === 0) return 'nothing is chosen: all targets are unsafe and excluded';
  const plan = planOf(state);
  if (plan.kind === 'reading') return 'still reading what would be cancelled';
  if (plan.kind === 'failed') return 'the plan could not be read; retrying';
  const count = plan.plan.targets.length;
  if (count === 0 && plan.plan.unread) return 'nothing can be cancelled now: the shard does not answer';
  if (count === 0) return 'nothing to cancel: everything has ended';
  const reason = checkReason(state.reason.text);
  if (!reason.ok) return reason.problem;
  if (count > COUNT_TYPED_ABOVE && state.count.text.trim() !== String(count)) {
    return `type ${count} to confirm`;
  }
  return null;
}

/** A dialog on frozen targets. Unsafe ones that a bulk key took start left out. */
export function openDraft(
  targets: readonly FrozenTarget[],
  openedAt: number,
  recentReasons: readonly string[],
): DraftState {
  const leftOut = targets.filter((target) => isUnsafe(target) && target.chosen === 'bulk');
  return {
    targets,
    openedAt,
    leftOut: new Set(leftOut.map((target) => target.executionId)),
    cascade: true,
    plans: { cascade: { kind: 'reading' }, alone: { kind: 'reading' } },
    choice: 0,
    reason: emptyInput,
    reasonProblem: null,
    recentReasons,
    recent: -1,
    ownReason: '',
    count: emptyInput,
    focus: 'reason',
    unsafeCursor: 0,
    refusal: null,
  };
}

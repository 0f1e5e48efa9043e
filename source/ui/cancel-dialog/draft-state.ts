import { type CancelPlan, checkReason } from '../../domain/cancellation.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import type { Diagnosis } from '../../domain/staleness/staleness-types.js';
import type { WaitingAncestor } from '../../service/cancel/waiting-ancestors.js';
import { plural } from '../../text/words.js';
import type { TextInput } from '../kit/text-input.js';
import type { FrozenTarget } from '../shell/console-context.js';

/** What is known of one execution that a cancel may reach, as it was when the plan was read. */
export type TargetFacts = Pick<
  FrozenTarget,
  'executionId' | 'path' | 'status' | 'lastEventAt' | 'diagnosis' | 'runaway'
> & {
  readonly workerId: string | null;
};

/**
 * How much a cancel of it needs a second look. Only `safe` needs none: what emitted an event within the threshold is
 * healthy, and a stale execution without a diagnosis may be anything.
 */
export type Grade = 'safe' | 'unsafe' | 'healthy' | 'runaway' | 'undiagnosed';

export function gradeOf(facts: Pick<TargetFacts, 'status' | 'diagnosis' | 'runaway'>): Grade {
  if (facts.status === 'RUNNING') return facts.runaway ? 'runaway' : 'healthy';
  if (facts.diagnosis === null) return 'undiagnosed';
  return facts.diagnosis.safe ? 'safe' : 'unsafe';
}

/** One of the two plans: with and without descendants. While it is read again, the last one still stands in the list. */
export type PlanState =
  | { readonly kind: 'reading'; readonly last: CancelPlan | null }
  | { readonly kind: 'ready'; readonly plan: CancelPlan }
  | { readonly kind: 'failed'; readonly message: string; readonly last: CancelPlan | null };

export type DraftField = 'list' | 'reason' | 'cascade' | 'count' | 'confirm';

/** Executions above the targets that have not ended. */
export interface Ancestors {
  readonly ancestors: readonly WaitingAncestor[];
  readonly isCut: boolean;
  /** Why they could not be read, or not to the end. */
  readonly problem?: string;
}

/** One line of the dialog's list. */
export type DialogLine =
  | { readonly kind: 'note'; readonly text: string; readonly tone: 'warn' | 'bad' | 'faint' }
  | { readonly kind: 'section'; readonly text: string }
  | {
      readonly kind: 'row';
      readonly role: 'chosen' | 'ended' | 'unknown' | 'descendant' | 'orphan' | 'ancestor';
      readonly executionId: ExecutionId;
      readonly depth: number;
      /** Whom it stands below (descendants), or who is right below it (ancestors). */
      readonly relative: ExecutionId | null;
    };

/** The list, and what its confirm has to count; made anew when a plan, a choice or the evidence changes. */
export interface Survey {
  readonly lines: readonly DialogLine[];
  readonly grades: Readonly<Record<Grade, readonly TargetFacts[]>>;
  /** Live descendants whose own parent is cancelled when the cascade is off. */
  readonly orphans: number;
}

/** A cancel that has not been written: as long as this exists, nothing was. */
export interface DraftState {
  readonly targets: readonly FrozenTarget[];
  /** When it was opened, by the database's clock: an execution with an event after this has resumed. */
  readonly openedAt: number;
  readonly staleAfterMs: number;
  readonly requireReason: boolean;
  /** What is not to be cancelled, neither by choice nor by the cascade, with everything below it. */
  readonly leftOut: ReadonlySet<ExecutionId>;
  readonly cascade: boolean;
  /** False until the operator has decided: then the cascade is on where there are live descendants. */
  readonly cascadeChosen: boolean;
  readonly plans: { readonly cascade: PlanState; readonly alone: PlanState };
  readonly facts: ReadonlyMap<ExecutionId, TargetFacts>;
  /** Why evidence could not be read; null while it can. */
  readonly evidenceProblem: string | null;
  /** Null until they have been read. */
  readonly above: Ancestors | null;
  readonly survey: Survey;
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
  /** Which line of the list, and at which line its window begins. */
  readonly cursor: number;
  readonly offset: number;
  /** Why the last key was refused, shown at the field in focus. */
  readonly refusal: string | null;
}

/** More executions than this need their number typed (product.md, "Cancel dialog"). */
export const COUNT_TYPED_ABOVE = 10;

/** The ids that are asked for, in the order in which they were frozen. */
export const chosenIds = (state: DraftState): ExecutionId[] =>
  state.targets.map((target) => target.executionId).filter((id) => !state.leftOut.has(id));

export const planOf = (state: DraftState, cascade = state.cascade): PlanState =>
  cascade ? state.plans.cascade : state.plans.alone;

/** The plan to show: the newest that was read, also while it is read again. */
export const shownPlan = (plan: PlanState): CancelPlan | null => (plan.kind === 'ready' ? plan.plan : plan.last);

/** A tree may have 200,000 of them, and every key asks. */
const BELOW = new WeakMap<CancelPlan, CancelPlan['targets']>();

/** Those of a plan's targets that only the cascade reaches. */
export function targetsBelow(plan: CancelPlan): CancelPlan['targets'] {
  const known = BELOW.get(plan);
  if (known) return known;
  const below = plan.targets.filter((target) => target.depth > 0);
  BELOW.set(plan, below);
  return below;
}

/** The executions that only the cascade reaches; null until they have been read. */
export function descendantsOf(state: DraftState): CancelPlan['targets'] | null {
  const plan = shownPlan(state.plans.cascade);
  return plan && targetsBelow(plan);
}

/** Whether there is anything for the cascade to take. */
export const hasDescendants = (state: DraftState): boolean => (descendantsOf(state)?.length ?? 0) > 0;

/** Live descendants that no cascade takes, as far as they were not chosen themselves. */
export function leftOutBelow(state: DraftState): CancelPlan['targets'] {
  const frozen = new Set(state.targets.map((target) => target.executionId));
  const live = shownPlan(state.plans.cascade)?.leftOut?.live ?? [];
  return live.filter(({ executionId }) => !frozen.has(executionId));
}

/** How many would be cancelled now; null until the plan is there. */
export function plannedCount(state: DraftState): number | null {
  const plan = planOf(state);
  return plan.kind === 'ready' ? plan.plan.targets.length : null;
}

/** Many, or any that is not known to be safe: their number must be typed. */
export function needsCount(state: DraftState): boolean {
  const count = plannedCount(state);
  return count !== null && count > 0 && (count > COUNT_TYPED_ABOVE || state.survey.grades.safe.length < count);
}

/** The fields that can be reached, from top to bottom. */
export function fieldsOf(state: DraftState): DraftField[] {
  const fields: DraftField[] = ['list', 'reason'];
  if (hasDescendants(state)) fields.push('cascade');
  if (needsCount(state)) fields.push('count');
  return [...fields, 'confirm'];
}

/**
 * Whether executions that resume meanwhile are skipped: when everything in the plan is stale and safe, silence is the
 * reason for the cancel, and an event after the dialog opened takes it away.
 */
export function skipsResumed(state: DraftState): boolean {
  const count = plannedCount(state);
  return count !== null && count > 0 && state.survey.grades.safe.length === count;
}

/** Why a confirm cannot be taken now; null when it can. */
export function confirmProblem(state: DraftState): string | null {
  if (chosenIds(state).length === 0) return 'nothing is included: press a in the list to include all';
  const plan = planOf(state);
  if (plan.kind === 'reading') return 'still reading what would be cancelled';
  if (plan.kind === 'failed') return 'the plan could not be read; retrying';
  const count = plan.plan.targets.length;
  if (count === 0 && plan.plan.unread) return 'nothing can be cancelled now: the shard does not answer';
  if (count === 0) return 'nothing to cancel: everything has ended';
  const reason = checkReason(state.reason.text, { isRequired: state.requireReason });
  if (!reason.ok) return reason.problem;
  if (needsCount(state) && state.count.text.trim() !== String(count)) return typeCount(count);
  return null;
}

export const typeCount = (count: number): string => `type ${count} to confirm`;

/** `1 execution`, `12 executions`. */
export const executions = (count: number): string => plural(count, 'execution');

/** The evidence of an execution that was looked at: a diagnosis, or none where there is none to give. */
export type Evidence = ReadonlyMap<ExecutionId, Diagnosis>;

import { type CancelPlan, checkReason } from '../../domain/cancellation.js';
import { clamp, keepInView, type Move, moveCursor } from '../kit/scroll.js';
import { editText, emptyInput, inputOf, type TextEdit } from '../kit/text-input.js';
import {
  type Ancestors,
  chosenIds,
  confirmProblem,
  type DialogLine,
  type DraftField,
  type DraftState,
  type Evidence,
  fieldsOf,
  gradeOf,
  hasDescendants,
  needsCount,
  type PlanState,
  plannedCount,
  shownPlan,
  type TargetFacts,
  targetsBelow,
  typeCount,
} from './draft-state.js';
import { surveyOf } from './survey.js';

export type DraftAction =
  | {
      readonly type: 'planned';
      readonly cascade: boolean;
      readonly choice: number;
      readonly plan: CancelPlan;
      readonly facts: readonly TargetFacts[];
    }
  | { readonly type: 'plan-failed'; readonly cascade: boolean; readonly choice: number; readonly message: string }
  | { readonly type: 'evidence'; readonly found: Evidence }
  | { readonly type: 'evidence-failed'; readonly message: string }
  | { readonly type: 'facts'; readonly facts: readonly TargetFacts[]; readonly above?: Ancestors }
  | { readonly type: 'toggle-cascade' }
  | { readonly type: 'focus'; readonly field: DraftField }
  | { readonly type: 'next-field' | 'previous-field' | 'proceed' }
  | { readonly type: 'edit-reason'; readonly edit: TextEdit }
  | { readonly type: 'edit-count'; readonly edit: TextEdit }
  | { readonly type: 'recent'; readonly by: 1 | -1 }
  | { readonly type: 'recents'; readonly reasons: readonly string[] }
  /** `height`: lines that the list has on the screen. */
  | { readonly type: 'move'; readonly move: Move; readonly height: number }
  | { readonly type: 'toggle-row' | 'toggle-doubtful' }
  | { readonly type: 'refused' };

/** More digits than any count of executions has. */
const MOST_DIGITS = 9;

function withPlan(state: DraftState, cascade: boolean, plan: PlanState): DraftState {
  return { ...state, plans: cascade ? { ...state.plans, cascade: plan } : { ...state.plans, alone: plan } };
}

function withFacts(state: DraftState, facts: readonly TargetFacts[]): DraftState {
  if (facts.length === 0) return state;
  const merged = new Map(state.facts);
  for (const one of facts) merged.set(one.executionId, one);
  return { ...state, facts: merged };
}

function planned(state: DraftState, action: Extract<DraftAction, { type: 'planned' }>): DraftState {
  // What the button said of the plan before is over.
  const rested = state.focus === 'confirm' ? { ...state, refusal: null } : state;
  const next = withFacts(withPlan(rested, action.cascade, { kind: 'ready', plan: action.plan }), action.facts);
  // On only where there is something to take: elsewhere the toggle would promise what it does not do.
  return action.cascade && !state.cascadeChosen ? { ...next, cascade: targetsBelow(action.plan).length > 0 } : next;
}

function withEvidence(state: DraftState, found: Evidence): DraftState {
  const facts = [...found].flatMap(([id, diagnosis]) => {
    const known = state.facts.get(id);
    return known?.status === 'STALE' ? [{ ...known, diagnosis }] : [];
  });
  return { ...withFacts(state, facts), evidenceProblem: null };
}

function moved(state: DraftState, by: 1 | -1): DraftState {
  const fields = fieldsOf(state);
  const at = (Math.max(0, fields.indexOf(state.focus)) + by + fields.length) % fields.length;
  return { ...state, focus: fields[at] ?? 'reason', refusal: null };
}

function withReason(state: DraftState, reason: DraftState['reason']): DraftState {
  const checked = checkReason(reason.text);
  return { ...state, reason, reasonProblem: checked.ok ? null : checked.problem, refusal: null };
}

/** Enter anywhere but on the button. On an empty form it goes nowhere, so that it can never reach the button and press it. */
function proceeded(state: DraftState): DraftState {
  if (state.focus === 'list') return { ...state, focus: 'reason', refusal: null };
  if (state.reason.text.trim() === '' && state.count.text === '') {
    const refusal = state.requireReason ? 'a reason is required' : 'no reason; the next field goes on without one';
    return { ...state, focus: state.focus === 'count' ? 'count' : 'reason', refusal: countAsked(state) ?? refusal };
  }
  if (needsCount(state) && state.focus !== 'count') return { ...state, focus: 'count', refusal: null };
  const asked = countAsked(state);
  return asked === null ? { ...state, focus: 'confirm', refusal: null } : { ...state, refusal: asked };
}

/** What the count field asks for while it is in focus and does not hold it. */
function countAsked(state: DraftState): string | null {
  const count = plannedCount(state);
  const isMissing = state.focus === 'count' && count !== null && state.count.text !== String(count);
  return isMissing ? typeCount(count) : null;
}

function withCount(state: DraftState, edit: TextEdit): DraftState {
  if ((edit.type === 'insert' || edit.type === 'set') && !/^\d*$/.test(edit.text)) {
    return { ...state, refusal: 'digits only' };
  }
  const count = editText(state.count, edit);
  return count.text.length > MOST_DIGITS ? state : { ...state, count, refusal: null };
}

/** Another choice of ids: both plans are out of date, and so is a number that was typed. */
function rechosen(state: DraftState, leftOut: DraftState['leftOut']): DraftState {
  const again = (plan: PlanState): PlanState => ({ kind: 'reading', last: shownPlan(plan) });
  return {
    ...state,
    leftOut,
    choice: state.choice + 1,
    plans: { cascade: again(state.plans.cascade), alone: again(state.plans.alone) },
    count: emptyInput,
    refusal: null,
  };
}

type Row = Extract<DialogLine, { kind: 'row' }>;

/** The row under the list's cursor. */
export function rowAt({ survey, cursor }: Pick<DraftState, 'survey' | 'cursor'>): Row | null {
  const line = survey.lines[cursor];
  return line?.kind === 'row' ? line : null;
}

function toggledRow(state: DraftState): DraftState {
  const row = rowAt(state);
  if (row?.role === 'orphan') return { ...state, refusal: 'the cascade is off: Ctrl-T turns it on' };
  if (row === null || (row.role !== 'chosen' && row.role !== 'descendant')) return state;
  const leftOut = new Set(state.leftOut);
  if (!leftOut.delete(row.executionId)) leftOut.add(row.executionId);
  return rechosen(state, leftOut);
}

/** Takes in all that was chosen; where all of it is in already, leaves out what is not known to be safe. */
function toggledDoubtful(state: DraftState): DraftState {
  const ids = state.targets.map(({ executionId }) => executionId);
  const leftOut = new Set(state.leftOut);
  if (ids.some((id) => leftOut.has(id))) {
    for (const id of ids) leftOut.delete(id);
    return rechosen(state, leftOut);
  }
  const doubtful = ids.filter((id) => gradeOf(state.facts.get(id) ?? NO_FACTS) !== 'safe');
  if (doubtful.length === 0) return { ...state, refusal: 'all of the chosen are safe to cancel' };
  return rechosen(state, new Set([...leftOut, ...doubtful]));
}

const NO_FACTS = { status: null, diagnosis: null } as const;

function scrolled(state: DraftState, move: Move, height: number): DraftState {
  const cursor = moveCursor(state.cursor, move, Math.max(1, height), state.survey.lines.length);
  const offset = keepInView(state.offset, cursor, height, state.survey.lines.length);
  return { ...state, cursor, offset, refusal: null };
}

/** Where the operator has to go when a confirm was refused. */
function fieldToFix(state: DraftState): DraftField {
  if (!checkReason(state.reason.text, { isRequired: state.requireReason }).ok) return 'reason';
  if (chosenIds(state).length === 0) return 'list';
  return needsCount(state) ? 'count' : 'confirm';
}

function reduced(state: DraftState, action: DraftAction): DraftState {
  switch (action.type) {
    case 'planned':
      return action.choice === state.choice ? planned(state, action) : state;
    case 'plan-failed': {
      if (action.choice !== state.choice) return state;
      const last = shownPlan(action.cascade ? state.plans.cascade : state.plans.alone);
      return withPlan(state, action.cascade, { kind: 'failed', message: action.message, last });
    }
    case 'evidence':
      return withEvidence(state, action.found);
    case 'evidence-failed':
      return { ...state, evidenceProblem: action.message };
    case 'facts':
      return { ...withFacts(state, action.facts), above: action.above ?? state.above };
    case 'toggle-cascade':
      if (state.plans.cascade.kind === 'ready' && !hasDescendants(state)) {
        return { ...state, refusal: 'there are no live descendants' };
      }
      // A number typed for the other plan must not confirm this one by chance.
      return { ...state, cascade: !state.cascade, cascadeChosen: true, count: emptyInput, refusal: null };
    case 'focus':
      return { ...state, focus: action.field, refusal: null };
    case 'next-field':
      return moved(state, 1);
    case 'previous-field':
      return moved(state, -1);
    case 'proceed':
      return proceeded(state);
    case 'edit-reason': {
      const reason = editText(state.reason, action.edit);
      return { ...withReason(state, reason), recent: -1, ownReason: reason.text };
    }
    case 'edit-count':
      return withCount(state, action.edit);
    case 'recent': {
      const recent = clamp(state.recent + action.by, -1, state.recentReasons.length - 1);
      const text = recent < 0 ? state.ownReason : (state.recentReasons[recent] ?? '');
      return { ...withReason(state, inputOf(text)), recent };
    }
    case 'recents':
      return { ...state, recentReasons: action.reasons, recent: -1 };
    case 'move':
      return scrolled(state, action.move, action.height);
    case 'toggle-row':
      return toggledRow(state);
    case 'toggle-doubtful':
      return toggledDoubtful(state);
    case 'refused':
      return { ...state, focus: fieldToFix(state), refusal: confirmProblem(state) };
  }
}

/** The list after what it shows has changed: the cursor stays on its execution, the focus on a field that is there. */
function surveyed(state: DraftState, before: DraftState): DraftState {
  const id = rowAt(before)?.executionId;
  const survey = surveyOf(state);
  const found = survey.lines.findIndex((line) => line.kind === 'row' && line.executionId === id);
  const cursor = found < 0 ? clamp(state.cursor, 0, Math.max(0, survey.lines.length - 1)) : found;
  const next = { ...state, survey, cursor };
  // Never on to the button: a key meant for a field that has gone must not confirm.
  return fieldsOf(next).includes(next.focus) ? next : { ...next, focus: 'reason' };
}

/** What the dialog becomes. No action adds an id to `targets`: the list behind it cannot reach in. */
export function draftReducer(state: DraftState, action: DraftAction): DraftState {
  const next = reduced(state, action);
  const { plans, cascade, facts, leftOut, above } = next;
  const isSame =
    plans === state.plans &&
    cascade === state.cascade &&
    facts === state.facts &&
    leftOut === state.leftOut &&
    above === state.above;
  return isSame ? next : surveyed(next, state);
}

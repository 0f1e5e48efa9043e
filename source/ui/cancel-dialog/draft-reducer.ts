import { type CancelPlan, checkReason } from '../../domain/cancellation.js';
import { clamp } from '../kit/scroll.js';
import { editText, emptyInput, inputOf, type TextEdit } from '../kit/text-input.js';
import {
  type BelowCounts,
  chosenIds,
  confirmProblem,
  type DraftField,
  type DraftState,
  fieldsOf,
  needsCount,
  type PlanState,
  unsafeTargets,
} from './draft-state.js';

export type DraftAction =
  | {
      readonly type: 'planned';
      readonly cascade: boolean;
      readonly choice: number;
      readonly plan: CancelPlan;
      readonly below: BelowCounts;
    }
  | { readonly type: 'plan-failed'; readonly cascade: boolean; readonly choice: number; readonly message: string }
  | { readonly type: 'plan-again'; readonly cascade: boolean }
  | { readonly type: 'toggle-cascade' }
  | { readonly type: 'focus'; readonly field: DraftField }
  | { readonly type: 'next-field' | 'previous-field' | 'proceed' }
  | { readonly type: 'edit-reason'; readonly edit: TextEdit }
  | { readonly type: 'edit-count'; readonly edit: TextEdit }
  | { readonly type: 'recent'; readonly by: 1 | -1 }
  | { readonly type: 'recents'; readonly reasons: readonly string[] }
  | { readonly type: 'unsafe-move'; readonly by: number }
  | { readonly type: 'unsafe-toggle' }
  | { readonly type: 'unsafe-all' }
  | { readonly type: 'refused' };

const READING: PlanState = { kind: 'reading' };

function withPlan(state: DraftState, cascade: boolean, plan: PlanState): DraftState {
  return { ...state, plans: cascade ? { ...state.plans, cascade: plan } : { ...state.plans, alone: plan } };
}

function moved(state: DraftState, by: 1 | -1): DraftState {
  const fields = fieldsOf(state);
  const from = Math.max(0, fields.indexOf(state.focus));
  return { ...state, focus: fields[(from + by + fields.length) % fields.length]!, refusal: null };
}

function withReason(state: DraftState, reason: DraftState['reason']): DraftState {
  const checked = checkReason(reason.text);
  return { ...state, reason, reasonProblem: checked.ok ? null : checked.problem, refusal: null };
}

/** Another choice of ids: both plans are out of date, and so is a number that was typed. */
function rechosen(state: DraftState, leftOut: DraftState['leftOut']): DraftState {
  return {
    ...state,
    leftOut,
    choice: state.choice + 1,
    plans: { cascade: READING, alone: READING },
    count: emptyInput,
    refusal: null,
  };
}

function toggledUnsafe(state: DraftState): DraftState {
  const target = unsafeTargets(state)[state.unsafeCursor];
  if (!target) return state;
  const leftOut = new Set(state.leftOut);
  if (!leftOut.delete(target.executionId)) leftOut.add(target.executionId);
  return rechosen(state, leftOut);
}

function toggledAllUnsafe(state: DraftState): DraftState {
  const ids = unsafeTargets(state).map((target) => target.executionId);
  const allOut = ids.every((id) => state.leftOut.has(id));
  return rechosen(state, allOut ? new Set() : new Set(ids));
}

/** Where the operator has to go when a confirm was refused. */
function fieldToFix(state: DraftState): DraftField {
  if (!checkReason(state.reason.text).ok) return 'reason';
  if (chosenIds(state).length === 0) return 'unsafe';
  return needsCount(state) ? 'count' : 'confirm';
}

/** What the dialog becomes. No action adds an id to `targets`: the list behind it cannot reach in. */
export function draftReducer(state: DraftState, action: DraftAction): DraftState {
  switch (action.type) {
    case 'planned':
      if (action.choice !== state.choice) return state;
      return withPlan(state, action.cascade, { kind: 'ready', plan: action.plan, below: action.below });
    case 'plan-failed':
      if (action.choice !== state.choice) return state;
      return withPlan(state, action.cascade, { kind: 'failed', message: action.message });
    case 'plan-again':
      return withPlan(state, action.cascade, READING);
    case 'toggle-cascade':
      // A number typed for the other plan must not confirm this one by chance.
      return { ...state, cascade: !state.cascade, count: emptyInput, refusal: null };
    case 'focus':
      return { ...state, focus: action.field, refusal: null };
    case 'next-field':
      return moved(state, 1);
    case 'previous-field':
      return moved(state, -1);
    case 'proceed':
      return { ...state, focus: needsCount(state) && state.focus !== 'count' ? 'count' : 'confirm', refusal: null };
    case 'edit-reason': {
      const reason = editText(state.reason, action.edit);
      return { ...withReason(state, reason), recent: -1, ownReason: reason.text };
    }
    case 'edit-count':
      return { ...state, count: editText(state.count, action.edit), refusal: null };
    case 'recent': {
      const recent = clamp(state.recent + action.by, -1, state.recentReasons.length - 1);
      const text = recent < 0 ? state.ownReason : (state.recentReasons[recent] ?? '');
      return { ...withReason(state, inputOf(text)), recent };
    }
    case 'recents':
      return { ...state, recentReasons: action.reasons, recent: -1 };
    case 'unsafe-move':
      return {
        ...state,
        unsafeCursor: clamp(state.unsafeCursor + action.by, 0, Math.max(0, unsafeTargets(state).length - 1)),
      };
    case 'unsafe-toggle':
      return toggledUnsafe(state);
    case 'unsafe-all':
      return toggledAllUnsafe(state);
    case 'refused':
      return { ...state, refusal: confirmProblem(state), focus: fieldToFix(state) };
  }
}

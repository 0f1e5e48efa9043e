import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CancelPlan } from '../../../source/domain/cancellation.js';
import { type DraftAction, draftReducer } from '../../../source/ui/cancel-dialog/draft-reducer.js';
import {
  chosenIds,
  confirmProblem,
  type DraftState,
  fieldsOf,
  openDraft,
  skipsResumed,
  takenByCascade,
} from '../../../source/ui/cancel-dialog/draft-state.js';
import type { FrozenTarget } from '../../../source/ui/shell/console-context.js';
import { diagnosis, NOW } from '../helpers/executions.js';

const target = (executionId: string, change: Partial<FrozenTarget> = {}): FrozenTarget => ({
  executionId,
  path: 'etl/load',
  status: 'STALE',
  diagnosis: diagnosis('orphaned'),
  chosen: 'explicit',
  hidden: false,
  lastEventAt: NOW - 60_000,
  ...change,
});
const unsafe = (executionId: string, chosen: FrozenTarget['chosen']) =>
  target(executionId, { diagnosis: diagnosis('live-claim'), chosen });

const planFor = (ids: readonly string[]): CancelPlan => ({
  requested: ids,
  targets: ids.map((executionId) => ({
    executionId,
    rootId: executionId,
    parentExecutionId: null,
    stack: 'rust',
    layout: 'rust',
    path: 'etl/load',
    depth: 0,
  })),
  ended: [],
  unknown: [],
});
const NOTHING_BELOW = { progressing: 0, unsafe: 0 };
const open = (...targets: readonly FrozenTarget[]) => openDraft(targets, NOW, ['old reason', 'older reason']);
const applied = (state: DraftState, ...actions: readonly DraftAction[]) => actions.reduce(draftReducer, state);
const planned = (state: DraftState, cascade = true, ids = chosenIds(state)): DraftState =>
  draftReducer(state, { type: 'planned', cascade, choice: state.choice, plan: planFor(ids), below: NOTHING_BELOW });
const typed = (text: string): DraftAction => ({ type: 'edit-count', edit: { type: 'set', text } });
const many = (count: number) => Array.from({ length: count }, (_, index) => target(`${index + 1}`));

describe('a cancel that is not yet written', () => {
  it('can be confirmed once its plan is there', () => {
    const state = open(target('1'));
    expect(confirmProblem(state)).toContain('still reading');
    expect(confirmProblem(planned(state))).toBeNull();
  });

  it('cannot be confirmed without a plan, without targets, or with a bad reason', () => {
    const state = planned(open(target('1')));
    const failed = applied(state, { type: 'plan-failed', cascade: true, choice: 0, message: 'gone' });
    expect(confirmProblem(failed)).toContain('could not be read');
    expect(confirmProblem(planned(open(target('1')), true, []))).toContain('nothing to cancel');
    const bad = applied(state, { type: 'edit-reason', edit: { type: 'insert', text: 'line\nbreak' } });
    expect(bad.reasonProblem).toContain('control characters');
    expect(confirmProblem(bad)).toContain('control characters');
    const long = applied(state, { type: 'edit-reason', edit: { type: 'insert', text: 'x'.repeat(1001) } });
    expect(confirmProblem(long)).toContain('1001');
  });

  it('wants the number typed above ten, exactly, and not at ten', () => {
    expect(confirmProblem(planned(open(...many(10))))).toBeNull();
    const eleven = planned(open(...many(11)));
    expect(fieldsOf(eleven)).toContain('count');
    expect(confirmProblem(eleven)).toBe('type 11 to confirm');
    expect(confirmProblem(applied(eleven, typed('1')))).not.toBeNull();
    expect(confirmProblem(applied(eleven, typed('111')))).not.toBeNull();
    expect(confirmProblem(applied(eleven, typed('11')))).toBeNull();
  });

  it('forgets a typed number when the toggle or the choice changes what it counts', () => {
    const eleven = applied(planned(planned(open(...many(11))), false), typed('11'));
    expect(confirmProblem(applied(eleven, { type: 'toggle-cascade' }))).toBe('type 11 to confirm');
    const choosing = applied(planned(open(...many(11), unsafe('99', 'bulk'))), typed('11'), { type: 'unsafe-toggle' });
    expect(choosing.count.text).toBe('');
    expect(chosenIds(choosing)).toContain('99');
  });

  it('answers the cascade toggle at once from the two plans', () => {
    const both = planned(planned(open(target('1')), true, ['1', '2', '3']), false, ['1']);
    expect(both.plans.cascade).toMatchObject({ plan: { requested: ['1', '2', '3'] } });
    expect(confirmProblem(applied(both, { type: 'toggle-cascade' }))).toBeNull();
  });

  it('throws away a plan that was read for another choice', () => {
    const state = open(target('1'), unsafe('2', 'bulk'));
    const chosen = applied(state, { type: 'unsafe-toggle' });
    const late = applied(chosen, {
      type: 'planned',
      cascade: true,
      choice: state.choice,
      plan: planFor(['1']),
      below: NOTHING_BELOW,
    });
    expect(late.plans.cascade.kind).toBe('reading');
    expect(confirmProblem(late)).toContain('still reading');
  });

  it('leaves unsafe ones out that a bulk key took, and takes those that were chosen one by one', () => {
    const state = open(target('1'), unsafe('2', 'bulk'), unsafe('3', 'explicit'));
    expect(chosenIds(state)).toEqual(['1', '3']);
    expect(chosenIds(applied(state, { type: 'unsafe-toggle' }))).toEqual(['1', '2', '3']);
    const none = applied(state, { type: 'unsafe-move', by: 1 }, { type: 'unsafe-toggle' });
    expect(chosenIds(none)).toEqual(['1']);
    expect(chosenIds(applied(none, { type: 'unsafe-all' }))).toEqual(['1', '2', '3']);
    expect(confirmProblem(open(unsafe('2', 'bulk')))).toContain('nothing is chosen');
  });

  it('says which left-out ones a cascade takes nevertheless', () => {
    const state = planned(open(target('1'), unsafe('2', 'bulk')), true, ['1', '2']);
    expect(takenByCascade(state).map((one) => one.executionId)).toEqual(['2']);
    const alone = applied(planned(state, false, ['1']), { type: 'toggle-cascade' });
    expect(takenByCascade(alone)).toEqual([]);
  });

  it('leaves what wakes up alone only when silence is the reason for all of it', () => {
    expect(skipsResumed(open(target('1'), target('2')))).toBe(true);
    expect(skipsResumed(open(target('1'), unsafe('2', 'bulk')))).toBe(true);
    expect(skipsResumed(open(target('1'), unsafe('2', 'explicit')))).toBe(false);
    expect(skipsResumed(open(target('1', { status: 'RUNNING', diagnosis: null })))).toBe(false);
  });

  it('goes through recent reasons and back to the own words', () => {
    const own = applied(open(target('1')), { type: 'edit-reason', edit: { type: 'insert', text: 'mine' } });
    const first = applied(own, { type: 'recent', by: 1 });
    expect(first.reason.text).toBe('old reason');
    expect(applied(first, { type: 'recent', by: 1 }, { type: 'recent', by: 1 }).reason.text).toBe('older reason');
    expect(applied(first, { type: 'recent', by: -1 }).reason.text).toBe('mine');
  });

  it('goes through its fields in a circle, and after a refusal to the one that is to be mended', () => {
    const state = planned(open(...many(11)));
    const fields = fieldsOf(state).map(
      (_, steps) =>
        Array.from({ length: steps }, (): DraftAction => ({ type: 'next-field' })).reduce(draftReducer, state).focus,
    );
    expect(fields).toEqual(['reason', 'cascade', 'count', 'confirm']);
    expect(applied(state, { type: 'previous-field' }).focus).toBe('confirm');
    expect(applied(state, { type: 'refused' })).toMatchObject({ focus: 'count', refusal: 'type 11 to confirm' });
  });

  it('never has a target that it was not opened on, whatever is done', () => {
    const action = fc.oneof(
      fc.constantFrom<DraftAction>(
        { type: 'toggle-cascade' },
        { type: 'unsafe-toggle' },
        { type: 'unsafe-all' },
        { type: 'next-field' },
        { type: 'previous-field' },
        { type: 'refused' },
        { type: 'recent', by: 1 },
        { type: 'unsafe-move', by: 1 },
      ),
      fc.string().map((text): DraftAction => ({ type: 'edit-reason', edit: { type: 'insert', text } })),
    );
    const state = open(target('1'), unsafe('2', 'bulk'), unsafe('3', 'explicit'));
    fc.assert(
      fc.property(fc.array(action), (actions) => {
        const end = applied(state, ...actions);
        expect(end.targets).toBe(state.targets);
        expect(['1', '2', '3']).toEqual(expect.arrayContaining(chosenIds(end)));
      }),
    );
  });
});

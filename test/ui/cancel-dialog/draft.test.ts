import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CancelPlan, CancelTarget } from '../../../source/domain/cancellation.js';
import { type DraftAction, draftReducer, rowAt } from '../../../source/ui/cancel-dialog/draft-reducer.js';
import {
  chosenIds,
  confirmProblem,
  type DraftState,
  fieldsOf,
  skipsResumed,
} from '../../../source/ui/cancel-dialog/draft-state.js';
import { cascadeText } from '../../../source/ui/cancel-dialog/notes.js';
import { openDraft } from '../../../source/ui/cancel-dialog/open-draft.js';
import type { FrozenTarget } from '../../../source/ui/shell/console-context.js';
import { diagnosis, MINUTE, NOW } from '../helpers/executions.js';

const target = (executionId: string, change: Partial<FrozenTarget> = {}): FrozenTarget => ({
  executionId,
  path: 'etl/load',
  status: 'STALE',
  diagnosis: diagnosis('orphaned'),
  chosen: 'explicit',
  hidden: false,
  lastEventAt: NOW - 60 * MINUTE,
  ...change,
});
const unsafe = (executionId: string, chosen: FrozenTarget['chosen']) =>
  target(executionId, { diagnosis: diagnosis('live-claim'), chosen });
const healthy = (executionId: string, chosen: FrozenTarget['chosen'] = 'explicit') =>
  target(executionId, { status: 'RUNNING', diagnosis: null, lastEventAt: NOW - 3000, chosen });

const planTarget = (executionId: string, parent: string | null): CancelTarget => ({
  executionId,
  rootId: parent ?? executionId,
  parentExecutionId: parent,
  stack: 'rust',
  layout: 'rust',
  path: 'etl/load',
  depth: parent === null ? 0 : 1,
});
const planFor = (ids: readonly string[], below: readonly string[] = []): CancelPlan => ({
  requested: ids,
  targets: [...ids.map((id) => planTarget(id, null)), ...below.map((id) => planTarget(id, ids[0] ?? id))],
  ended: [],
  unknown: [],
});
const open = (...targets: readonly FrozenTarget[]) =>
  openDraft(targets, { openedAt: NOW, staleAfterMs: 10 * MINUTE, recentReasons: ['old reason', 'older reason'] });
const applied = (state: DraftState, ...actions: readonly DraftAction[]) => actions.reduce(draftReducer, state);
const planned = (state: DraftState, cascade: boolean, plan = planFor(chosenIds(state))): DraftState =>
  draftReducer(state, { type: 'planned', cascade, choice: state.choice, plan, facts: [] });
/** Both plans, with these executions below the first that was chosen. */
const ready = (state: DraftState, below: readonly string[] = []): DraftState =>
  planned(planned(state, true, planFor(chosenIds(state), below)), false);
const typed = (text: string): DraftAction => ({ type: 'edit-count', edit: { type: 'insert', text } });
const reason = (text: string): DraftAction => ({ type: 'edit-reason', edit: { type: 'insert', text } });
const many = (count: number) => Array.from({ length: count }, (_, index) => target(`${index + 1}`));

describe('a cancel that is not yet written', () => {
  it('can be confirmed once its plan is there', () => {
    const state = open(target('1'));
    expect(confirmProblem(state)).toContain('still reading');
    expect(confirmProblem(ready(state))).toBeNull();
  });

  it('cannot be confirmed without a plan, without targets, or with a bad reason', () => {
    const state = ready(open(target('1')));
    const failed = applied(state, { type: 'plan-failed', cascade: false, choice: 0, message: 'gone' });
    expect(confirmProblem(failed)).toContain('could not be read');
    expect(confirmProblem(planned(state, false, planFor([])))).toContain('nothing to cancel');
    const bad = applied(state, reason('line\nbreak'));
    expect(bad.reasonProblem).toContain('control characters');
    expect(confirmProblem(bad)).toContain('control characters');
    expect(confirmProblem(applied(state, reason('x'.repeat(1229))))).toBe(
      'the reason is 229 characters too long (limit 1,000)',
    );
  });

  it('wants the number typed above ten, exactly, and not at ten', () => {
    expect(confirmProblem(ready(open(...many(10))))).toBeNull();
    const eleven = ready(open(...many(11)));
    expect(fieldsOf(eleven)).toContain('count');
    expect(confirmProblem(eleven)).toBe('type 11 to confirm');
    expect(confirmProblem(applied(eleven, typed('1')))).not.toBeNull();
    expect(confirmProblem(applied(eleven, typed('111')))).not.toBeNull();
    expect(confirmProblem(applied(eleven, typed('11')))).toBeNull();
  });

  it.each([
    ['healthy', healthy('1')],
    ['unsafe', unsafe('1', 'explicit')],
    ['stale without a diagnosis', target('1', { diagnosis: null })],
  ])('wants the number typed for a single target that is %s', (_, one) => {
    expect(confirmProblem(ready(open(one)))).toBe('type 1 to confirm');
    expect(confirmProblem(applied(ready(open(one)), typed('1')))).toBeNull();
  });

  it('wants it for a descendant that is not known to be safe too, and not while the cascade is off', () => {
    const state = ready(open(target('1')), ['2']);
    expect(state.cascade).toBe(true);
    expect(confirmProblem(state)).toBe('type 2 to confirm');
    expect(confirmProblem(applied(state, { type: 'toggle-cascade' }))).toBeNull();
  });

  it('takes digits only in the count', () => {
    const state = applied(ready(open(...many(11))), { type: 'focus', field: 'count' });
    for (const text of ['x', '1x', '1,1', ' ', '\n']) {
      expect(applied(state, typed(text))).toMatchObject({ count: { text: '' }, refusal: 'digits only' });
    }
    expect(applied(state, typed('1'), typed('z'), typed('1')).count.text).toBe('11');
  });

  it('forgets a typed number when the toggle or the choice changes what it counts', () => {
    const eleven = applied(ready(open(...many(11)), ['99']), typed('11'));
    expect(applied(eleven, { type: 'toggle-cascade' }).count.text).toBe('');
    const choosing = applied(ready(open(...many(11), unsafe('99', 'bulk'))), typed('11'), { type: 'toggle-doubtful' });
    expect(choosing.count.text).toBe('');
    expect(chosenIds(choosing)).toContain('99');
  });

  it('has the cascade on only where there are live descendants, until the operator decides', () => {
    expect(ready(open(target('1'))).cascade).toBe(false);
    expect(fieldsOf(ready(open(target('1'))))).not.toContain('cascade');
    expect(ready(open(target('1')), ['2']).cascade).toBe(true);
    expect(fieldsOf(ready(open(target('1')), ['2']))).toEqual(['list', 'reason', 'cascade', 'count', 'confirm']);
    const off = applied(open(target('1')), { type: 'toggle-cascade' });
    expect(ready(off, ['2']).cascade).toBe(false);
    expect(applied(ready(open(target('1'))), { type: 'toggle-cascade' })).toMatchObject({
      cascade: false,
      refusal: 'there are no live descendants',
    });
  });

  it('spells out both outcomes of the cascade', () => {
    expect(cascadeText(ready(open(target('1')), ['2', '3']))).toEqual({
      choice: '[x] include 2 live descendants',
      outcome: 'on: cancels 3 · off: cancels 1, 2 keep running, 2 as orphans',
    });
    expect(cascadeText(ready(open(target('1')), ['2', '3']), 49).outcome).toBe(
      'off: cancels 1, 2 keep running, 2 as orphans',
    );
    expect(cascadeText(ready(open(target('1')))).choice).toBe('no live descendants');
  });

  it('throws away a plan that was read for another choice', () => {
    const state = open(target('1'), unsafe('2', 'bulk'));
    const chosen = applied(state, { type: 'toggle-doubtful' });
    const late = applied(chosen, {
      type: 'planned',
      cascade: true,
      choice: state.choice,
      plan: planFor(['1']),
      facts: [],
    });
    expect(late.plans.cascade.kind).toBe('reading');
  });

  it('starts without what a bulk key marked and is not known to be safe, and keeps what was marked one by one', () => {
    expect(chosenIds(open(target('1'), unsafe('2', 'bulk'), healthy('3', 'bulk')))).toEqual(['1']);
    expect(chosenIds(open(unsafe('2', 'explicit'), healthy('3')))).toEqual(['2', '3']);
    expect(confirmProblem(open(unsafe('2', 'bulk')))).toContain('nothing is included');
  });

  it('leaves out and takes in the row under the cursor, and keeps the cursor on it', () => {
    const state = applied(ready(open(target('1'), target('2'))), { type: 'move', move: { by: 1 }, height: 5 });
    expect(rowAt(state)?.executionId).toBe('2');
    const without = applied(state, { type: 'toggle-row' });
    expect(chosenIds(without)).toEqual(['1']);
    expect([...without.leftOut]).toEqual(['2']);
    const again = planned(without, true, planFor(['1']));
    expect(rowAt(again)?.executionId).toBe('2');
    expect(chosenIds(applied(again, { type: 'toggle-row' }))).toEqual(['1', '2']);
  });

  it('has every target, descendant and ancestor among its lines', () => {
    const state = ready(
      open(...many(40)),
      Array.from({ length: 60 }, (_, index) => `9${index}`),
    );
    const ids = state.survey.lines.flatMap((line) => (line.kind === 'row' ? [line.executionId] : []));
    expect(new Set(ids).size).toBe(100);
    const last = applied(state, { type: 'move', move: { to: 'last' }, height: 6 });
    expect(last.offset).toBe(state.survey.lines.length - 6);
  });

  it('leaves what wakes up alone only when silence is the reason for all of it', () => {
    expect(skipsResumed(ready(open(target('1'), target('2'))))).toBe(true);
    expect(skipsResumed(ready(open(target('1'), unsafe('2', 'bulk'))))).toBe(true);
    expect(skipsResumed(ready(open(target('1'), unsafe('2', 'explicit'))))).toBe(false);
    expect(skipsResumed(ready(open(healthy('1'))))).toBe(false);
    expect(skipsResumed(ready(open(target('1')), ['2']))).toBe(false);
  });

  it('goes through recent reasons and back to the own words', () => {
    const own = applied(open(target('1')), reason('mine'));
    const first = applied(own, { type: 'recent', by: 1 });
    expect(first.reason.text).toBe('old reason');
    expect(applied(first, { type: 'recent', by: 1 }, { type: 'recent', by: 1 }).reason.text).toBe('older reason');
    expect(applied(first, { type: 'recent', by: -1 }).reason.text).toBe('mine');
  });

  it('goes through its fields from top to bottom and round, and after a refusal to the one to fix', () => {
    const state = applied(ready(open(...many(11)), ['99']), { type: 'focus', field: 'list' });
    const visited = fieldsOf(state).map(
      (_, steps) => applied(state, ...Array.from({ length: steps }, (): DraftAction => ({ type: 'next-field' }))).focus,
    );
    expect(visited).toEqual(['list', 'reason', 'cascade', 'count', 'confirm']);
    expect(applied(state, { type: 'previous-field' }).focus).toBe('confirm');
    expect(applied(state, { type: 'refused' })).toMatchObject({ focus: 'count', refusal: 'type 12 to confirm' });
  });

  it('never reaches the button by Enter alone while the form is empty', () => {
    const enter: DraftAction = { type: 'proceed' };
    for (const state of [ready(open(target('1'))), ready(open(...many(11))), ready(open(target('1')), ['2'])]) {
      for (const field of fieldsOf(state).filter((one) => one !== 'confirm')) {
        const end = applied(state, { type: 'focus', field }, ...Array.from({ length: 9 }, () => enter));
        expect(end.focus).not.toBe('confirm');
        expect(end.refusal).not.toBeNull();
      }
    }
    expect(applied(ready(open(target('1'))), reason('why'), enter).focus).toBe('confirm');
  });

  it('needs a reason where one is required', () => {
    const given = { openedAt: NOW, staleAfterMs: 10 * MINUTE, requireReason: true };
    const state = ready(openDraft([target('1')], given));
    expect(confirmProblem(state)).toBe('a reason is required');
    expect(applied(state, { type: 'focus', field: 'confirm' }, { type: 'refused' }).focus).toBe('reason');
    expect(confirmProblem(applied(state, reason('  ')))).toBe('a reason is required');
    expect(confirmProblem(applied(state, reason('why')))).toBeNull();
  });

  it('never stays on a field that has gone, and never slips on to the button', () => {
    const counted = applied(ready(open(target('1', { diagnosis: null }))), { type: 'focus', field: 'count' });
    const known = applied(counted, { type: 'evidence', found: new Map([['1', diagnosis('orphaned')]]) });
    expect(fieldsOf(known)).not.toContain('count');
    expect(known.focus).toBe('reason');
  });

  it('never has a target that it was not opened on, whatever is done', () => {
    const action = fc.oneof(
      fc.constantFrom<DraftAction>(
        { type: 'toggle-cascade' },
        { type: 'toggle-row' },
        { type: 'toggle-doubtful' },
        { type: 'next-field' },
        { type: 'previous-field' },
        { type: 'proceed' },
        { type: 'refused' },
        { type: 'recent', by: 1 },
        { type: 'move', move: { by: 1 }, height: 4 },
      ),
      fc.string().map((text): DraftAction => reason(text)),
    );
    const state = ready(open(target('1'), unsafe('2', 'bulk'), unsafe('3', 'explicit')), ['4']);
    fc.assert(
      fc.property(fc.array(action), (actions) => {
        const end = applied(state, ...actions);
        expect(end.targets).toBe(state.targets);
        expect(['1', '2', '3']).toEqual(expect.arrayContaining(chosenIds(end)));
        expect(fieldsOf(end)).toContain(end.focus);
      }),
    );
  });
});

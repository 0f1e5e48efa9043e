import { describe, expect, it } from 'vitest';
import { exitCodeOf, exitCodeOfPlan } from '../../../source/cli/output/exit-code.js';
import type { CancelOutcome, CancelPlan } from '../../../source/domain/cancellation.js';
import type { CancelReport } from '../../../source/service/cancel/cancel.js';
import { cancelResults } from '../../../source/service/cancel/cancel-results.js';

const target = (executionId: string, rootId = executionId) => ({
  executionId,
  rootId,
  parentExecutionId: null,
  stack: null,
  layout: 'rust' as const,
  path: null,
  depth: executionId === rootId ? 0 : 1,
});
const plan = (over: Partial<CancelPlan>): CancelPlan => ({
  requested: [],
  targets: [],
  ended: [],
  unknown: [],
  ...over,
});
const ended = (executionId: string) => ({
  executionId,
  rootId: executionId,
  as: 'COMPLETED' as const,
  endedAt: null,
  depth: 0,
});
const cancelled = (executionId: string, rootId = executionId, late = false): CancelOutcome => ({
  kind: 'cancelled',
  executionId,
  rootId,
  eventId: '1',
  at: 0,
  late,
});
const failed = (executionId: string, rootId = executionId): CancelOutcome => ({
  kind: 'failed',
  executionId,
  rootId,
  message: 'disk full',
});

function report(over: Partial<CancelPlan>, outcomes: readonly CancelOutcome[], interrupted = false): CancelReport {
  return {
    request: { reason: null, cancelledBy: 'x', cascade: true, batchId: 'b', source: 's' },
    plan: plan(over),
    outcomes,
    startedAt: 0,
    finishedAt: 0,
    interrupted,
    sweepProblem: null,
  };
}
const codeOf = (of: CancelReport, allSettled: boolean | null = null) =>
  exitCodeOf(cancelResults(of), { interrupted: of.interrupted, sweepProblem: of.sweepProblem, allSettled });

describe('cancelResults', () => {
  it('groups by what was asked for, in the order given', () => {
    const results = cancelResults(
      report(
        { requested: ['9', '1', '5', '7'], targets: [target('1'), target('2', '1'), target('9')], ended: [ended('5')] },
        [cancelled('1'), cancelled('2', '1'), cancelled('9'), cancelled('3', '1', true)],
      ),
    );
    expect(results.map(({ executionId, kind, message }) => [executionId, kind, message])).toEqual([
      ['9', 'cancelled', 'Cancelled 1 execution(s)'],
      ['1', 'cancelled', 'Cancelled 3 execution(s)'],
      ['5', 'ended', 'Execution 5 is already COMPLETED'],
      ['7', 'unknown', 'Execution 7 not found'],
    ]);
    expect(results[1]).toMatchObject({ cancelled: ['1', '2', '3'], late: ['3'], own: null });
  });

  it('says who was first where a race was lost', () => {
    const [lost] = cancelResults(
      report({ requested: ['1'], targets: [target('1')] }, [
        { kind: 'ended', executionId: '1', rootId: '1', as: 'CANCELLED', lostRace: true, endedBy: 'bob@desk' },
      ]),
    );
    expect(lost).toMatchObject({ kind: 'ended', message: 'Execution 1 is already CANCELLED (first: bob@desk)' });
  });
});

describe('the exit code', () => {
  const one = { requested: ['1'], targets: [target('1')] };
  const two = { requested: ['1', '2'], targets: [target('1'), target('2')] };
  it.each<[string, CancelReport, number]>([
    ['all cancelled', report(one, [cancelled('1')]), 0],
    ['some ended', report({ ...one, requested: ['1', '5'], ended: [ended('5')] }, [cancelled('1')]), 5],
    ['some unknown', report({ ...one, requested: ['1', '5'], unknown: ['5'] }, [cancelled('1')]), 5],
    ['a child failed', report(one, [cancelled('1'), failed('2', '1')]), 5],
    ['one of two failed', report(two, [cancelled('1'), failed('2')]), 5],
    ['all failed', report(one, [failed('1')]), 1],
    ['all ended', report({ requested: ['5'], ended: [ended('5')] }, []), 4],
    ['all unknown', report({ requested: ['5'], unknown: ['5'] }, []), 3],
    ['ended and unknown', report({ requested: ['5', '6'], ended: [ended('5')], unknown: ['6'] }, []), 3],
    ['interrupted', report(two, [cancelled('1')], true), 130],
  ])('%s', (_, of, code) => expect(codeOf(of)).toBe(code));

  it('tells of work that goes on only where all was cancelled', () => {
    expect(codeOf(report(one, [cancelled('1')]), false)).toBe(6);
    expect(codeOf(report(one, [cancelled('1')]), true)).toBe(0);
    expect(codeOf(report({ ...one, requested: ['1', '5'], unknown: ['5'] }, [cancelled('1')]), false)).toBe(5);
  });

  it('is not 0 where late children could not be looked for', () => {
    expect(
      exitCodeOf(cancelResults(report(one, [cancelled('1')])), {
        interrupted: false,
        sweepProblem: 'x',
        allSettled: null,
      }),
    ).toBe(5);
  });

  it('of a dry run is that of the run', () => {
    expect(exitCodeOfPlan(plan(one))).toBe(0);
    expect(exitCodeOfPlan(plan({ requested: ['5'], ended: [ended('5')] }))).toBe(4);
    expect(exitCodeOfPlan(plan({ requested: ['5', '6'], ended: [ended('5')], unknown: ['6'] }))).toBe(3);
    expect(exitCodeOfPlan(plan({ ...one, requested: ['1', '6'], unknown: ['6'] }))).toBe(5);
  });
});

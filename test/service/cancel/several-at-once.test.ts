import { describe, expect, it } from 'vitest';
import type { CancelPlan, CancelTarget } from '../../../source/domain/cancellation.js';
import { createCancelService } from '../../../source/service/cancel/cancel.js';
import type { CancelWriter } from '../../../source/store/cancellations/cancel-writer.js';
import { StoreError } from '../../../source/store/errors.js';
import type { AppendResult, EventStore } from '../../../source/store/event-store.js';
import { eventually } from '../../helpers/eventually.js';

const request = { reason: null, cancelledBy: 'me', cascade: false, batchId: 'one', source: 'test' };

const target = (executionId: string, depth: number, over: Partial<CancelTarget> = {}): CancelTarget => ({
  executionId,
  rootId: executionId,
  parentExecutionId: null,
  stack: 'rust',
  layout: 'rust',
  path: null,
  depth,
  ...over,
});

const planOf = (targets: readonly CancelTarget[]): CancelPlan => ({
  requested: targets.map(({ executionId }) => executionId),
  targets,
  ended: [],
  unknown: [],
});

const appended = (of: readonly CancelTarget[]): AppendResult[] =>
  of.map(({ executionId }) => ({ executionId, kind: 'appended', eventId: '1', at: 0 }));

interface Call {
  readonly ids: readonly string[];
  answer(): void;
  fail(error: Error): void;
}

/** A writer of two executions at a time whose calls are answered by the test. */
function stage(appendsAtOnce: number) {
  const calls: Call[] = [];
  const writer: CancelWriter = {
    via: 'table',
    executionsAtOnce: 2,
    appendsAtOnce,
    append: (targets) =>
      new Promise((resolve, reject) => {
        const ids = targets.map(({ executionId }) => executionId);
        calls.push({ ids, answer: () => resolve(appended(targets)), fail: reject });
      }),
  };
  const service = createCancelService({} as EventStore, { writer, mostRetryMs: 1 });
  return {
    calls,
    run: (targets: readonly CancelTarget[], signal?: AbortSignal) =>
      service.run(planOf(targets), request, signal ? { signal } : {}),
  };
}

/** What each call was given, once there are so many and time for one more was. */
async function begun(calls: readonly Call[], count: number): Promise<string[]> {
  await eventually(
    () => calls.length,
    (length) => length >= count,
  );
  await new Promise((resolve) => setTimeout(resolve, 10));
  return calls.map(({ ids }) => ids.join(' '));
}

describe('transactions of one run', () => {
  it('are under way beside one another, as many as the writer takes, and reported in the order in which they were sent', async () => {
    const { calls, run } = stage(2);
    const running = run(['1', '2', '3', '4', '5', '6'].map((id) => target(id, 0)));
    expect(await begun(calls, 2)).toEqual(['1 2', '3 4']);
    calls[1]!.answer();
    expect(await begun(calls, 3)).toEqual(['1 2', '3 4', '5 6']);
    calls[2]!.answer();
    calls[0]!.answer();
    const { outcomes } = await running;
    expect(outcomes.map(({ executionId, kind }) => `${executionId} ${kind}`)).toEqual(
      ['1', '2', '3', '4', '5', '6'].map((id) => `${id} cancelled`),
    );
  });

  it('hold no child before its parent is committed, whichever tree it is of', async () => {
    const { calls, run } = stage(4);
    // Two trees of three levels, as a plan names them: one after the other.
    const running = run([target('a', 0), target('a1', 1), target('a2', 2), target('b', 0), target('b1', 1)]);
    expect(await begun(calls, 1)).toEqual(['a b']);
    calls[0]!.answer();
    expect(await begun(calls, 2)).toEqual(['a b', 'a1 b1']);
    calls[1]!.answer();
    expect(await begun(calls, 3)).toEqual(['a b', 'a1 b1', 'a2']);
    calls[2]!.answer();
    const { outcomes } = await running;
    expect(outcomes.map(({ executionId }) => executionId)).toEqual(['a', 'b', 'a1', 'b1', 'a2']);
  });

  it('know a child that was asked for itself below a parent that was', async () => {
    const { calls, run } = stage(4);
    const running = run([target('1', 0), target('2', 0), target('below 1', 0, { level: 1 })]);
    expect(await begun(calls, 1)).toEqual(['1 2']);
    calls[0]!.answer();
    await begun(calls, 2);
    calls[1]!.answer();
    expect((await running).outcomes).toHaveLength(3);
  });

  it('are not begun after a stop; those under way are reported as they end', async () => {
    const { calls, run } = stage(2);
    const stop = new AbortController();
    const running = run(
      ['1', '2', '3', '4', '5'].map((id) => target(id, 0)),
      stop.signal,
    );
    await begun(calls, 2);
    stop.abort();
    calls[0]!.answer();
    calls[1]!.fail(new StoreError('outcome-unknown', 'the answer was lost'));
    const { outcomes, interrupted } = await running;
    expect(interrupted).toBe(true);
    expect(outcomes.map(({ kind }) => kind)).toEqual([
      'cancelled',
      'cancelled',
      'outcome-unknown',
      'outcome-unknown',
      'not-attempted',
    ]);
    expect(calls).toHaveLength(2);
  });
});

describe('a transaction that fails beside another', () => {
  const six = ['1', '2', '3', '4', '5', '6'].map((id) => target(id, 0));

  it('is tried again when the other is over, and the rest goes one at a time', async () => {
    const { calls, run } = stage(2);
    const running = run(six);
    await begun(calls, 2);
    calls[1]!.fail(new StoreError('busy', 'no free connection'));
    expect(await begun(calls, 2)).toEqual(['1 2', '3 4']);
    calls[0]!.answer();
    expect(await begun(calls, 3)).toEqual(['1 2', '3 4', '3 4']);
    calls[2]!.answer();
    expect(await begun(calls, 4)).toEqual(['1 2', '3 4', '3 4', '5 6']);
    calls[3]!.answer();
    expect((await running).outcomes.every(({ kind }) => kind === 'cancelled')).toBe(true);
  });

  it('takes turns with the other where both fail', async () => {
    const { calls, run } = stage(2);
    const running = run(six);
    await begun(calls, 2);
    for (const call of calls.slice(0, 2)) call.fail(new StoreError('unreachable', 'cut'));
    expect(await begun(calls, 3)).toEqual(['1 2', '3 4', '1 2']);
    calls[2]!.answer();
    expect(await begun(calls, 4)).toEqual(['1 2', '3 4', '1 2', '3 4']);
    calls[3]!.answer();
    await begun(calls, 5);
    calls[4]!.answer();
    expect((await running).outcomes.every(({ kind }) => kind === 'cancelled')).toBe(true);
  });

  it('and whose answer stays away leaves both open, each tried again in vain but once', async () => {
    const { calls, run } = stage(2);
    const running = run(six);
    await begun(calls, 2);
    for (const call of calls) call.fail(new StoreError('outcome-unknown', 'the answer was lost'));
    // Eight tries of the first; the second is not tried again once the first has been given up.
    for (let tried = 2; tried < 9; tried++) {
      await begun(calls, tried + 1);
      calls[tried]!.fail(new StoreError('unreachable', 'cannot reach'));
    }
    const { outcomes } = await running;
    expect(calls).toHaveLength(9);
    expect(outcomes.map(({ kind }) => kind)).toEqual([
      'outcome-unknown',
      'outcome-unknown',
      'outcome-unknown',
      'outcome-unknown',
      'failed',
      'failed',
    ]);
  });
});

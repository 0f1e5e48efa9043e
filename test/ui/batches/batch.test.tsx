import { afterEach, describe, expect, it } from 'vitest';
import type { CancelOutcome } from '../../../source/domain/cancellation.js';
import type { StopState } from '../../../source/domain/stopping/stopping.js';
import { StoreError } from '../../../source/store/errors.js';
import { isBusy } from '../../../source/ui/batches/job-state.js';
import { TestConsole } from '../helpers/console.js';
import { execution, MINUTE, row, staleRow } from '../helpers/executions.js';
import { cancelled } from '../helpers/fake-services.js';

const consoles: TestConsole[] = [];
const open = (...given: ConstructorParameters<typeof TestConsole>) => {
  const console = new TestConsole(...given);
  consoles.push(console);
  return console;
};
afterEach(async () => {
  for (const console of consoles.splice(0)) await console.close();
});

const many = (count: number) => Array.from({ length: count }, (_, index) => staleRow(`${1000 + index}`, 'orphaned'));
const ready = /Cancels \d+ execution/;

describe('a batch', () => {
  const begun = async (count: number) => {
    const ui = open(many(count));
    ui.press('*', 'c');
    await ui.until(ready);
    ui.press('tab', 'tab');
    if (count > 10) {
      ui.type(String(count));
      ui.press('tab');
    }
    ui.press('enter');
    await ui.until('Cancelling');
    const run = ui.fake.runs[0];
    if (!run) throw new Error('nothing was begun');
    return { ui, run };
  };

  it('shows progress, can be stopped, and says what was and was not done', async () => {
    const { ui, run } = await begun(20);
    const written = run.plan.targets.slice(0, 8).map(cancelled);
    run.options.onProgress?.({ phase: 'writing', done: 8, total: 20, latest: written });
    await ui.until('8/20');
    ui.press('x');
    await ui.until('stopping');
    expect(run.options.signal?.aborted).toBe(true);
    ui.fake.finish(
      run,
      (target, index): CancelOutcome =>
        index < 8
          ? cancelled(target)
          : { kind: 'not-attempted', executionId: target.executionId, rootId: target.rootId },
    );
    await ui.until('12 not tried');
    expect(ui.frame).toContain('8 cancelled');
    expect(ui.model.context.jobs.summaries()).toMatchObject([{ notCancelled: 12, interrupted: true }]);
  });

  it('tells of a write that failed in the middle: which were cancelled, which failed and why', async () => {
    const { ui, run } = await begun(4);
    ui.fake.finish(
      run,
      (target, index): CancelOutcome =>
        index < 2
          ? cancelled(target)
          : { kind: 'failed', executionId: target.executionId, rootId: target.rootId, message: 'connection reset' },
    );
    await ui.until('2 FAILED');
    expect(ui.frame).toContain('2 cancelled');
    expect(ui.frame).toContain('connection reset');
  });

  it('tells of a write that could not begin', async () => {
    const { ui, run } = await begun(2);
    run.report.reject(new StoreError('no-privilege', 'ann may not INSERT into noetl.event'));
    await ui.until('Cancel failed');
    expect(ui.frame).toContain('ann may not INSERT into noetl.event');
    expect(ui.model.context.jobs.summaries()).toMatchObject([{ cancelled: [], interrupted: true }]);
  });

  it('is followed until everything has stopped, with the evidence', async () => {
    const { ui, run } = await begun(2);
    ui.fake.finish(run);
    await ui.until(() => ui.fake.follows.length === 1);
    const [first, second] = run.plan.targets.map((target) => target.executionId);
    const violation = {
      eventId: '77',
      type: 'command.started',
      commandKey: 'k',
      node: 'load',
      workerId: 'worker-9',
      at: Date.now(),
    };
    ui.fake.follows[0]?.snapshot?.({
      asOf: 0,
      allSettled: false,
      states: [
        { executionId: first ?? '', phase: 'still-emitting', draining: 0, violation },
        { executionId: second ?? '', phase: 'stopped', draining: 0, violation: null },
      ],
    });
    await ui.until('1 STILL EMITTING');
    expect(ui.frame).toContain('command.started of load by worker-9');
    ui.fake.follows[0]?.ended.resolve({
      asOf: 0,
      allSettled: true,
      states: [first, second].map((id) => ({ executionId: id ?? '', phase: 'stopped', draining: 0, violation: null })),
    });
    await ui.until('all 2 stopped');
  });

  it('goes on when its screen is left, shows in a line, and can be come back to', async () => {
    const { ui, run } = await begun(3);
    ui.press('escape');
    await ui.until('batch cancelling 0/3');
    run.options.onProgress?.({
      phase: 'writing',
      done: 1,
      total: 3,
      latest: run.plan.targets.slice(0, 1).map(cancelled),
    });
    await ui.until('batch cancelling 1/3');
    ui.press('J', 'enter');
    await ui.until('Cancelling');
    ui.press('escape', 'escape');
    ui.fake.finish(run);
    await ui.until('cancelled 3 of 3');
  });

  it('is asked about on quit while it writes; the second q stops it and quits', async () => {
    const { ui, run } = await begun(3);
    ui.press('escape', 'q');
    await ui.until('q again stops it and quits');
    expect(ui.hasQuit).toBe(false);
    ui.press('j', 'q');
    expect(ui.hasQuit).toBe(false);
    ui.press('q');
    expect(ui.hasQuit).toBe(true);
    const closing = ui.model.close();
    expect(run.options.signal?.aborted).toBe(true);
    ui.fake.finish(
      run,
      (target): CancelOutcome => ({ kind: 'not-attempted', executionId: target.executionId, rootId: target.rootId }),
    );
    expect(await closing).toMatchObject([{ cancelled: [], notCancelled: 3, interrupted: true }]);
  });

  it('clears the marks it took, and only once it is confirmed', async () => {
    const { ui } = await begun(2);
    expect(ui.model.list.state.getState().marks.size).toBe(0);
    expect(ui.model.context.jobs.store.getState().jobs.filter(isBusy)).toHaveLength(1);
  });

  it('tells of rows that woke up, had ended, or were cancelled by somebody else first', async () => {
    const { ui, run } = await begun(3);
    const outcomes: ((id: string) => CancelOutcome)[] = [
      (id) => ({ kind: 'resumed', executionId: id, rootId: id, lastEventAt: 5 * MINUTE }),
      (id) => ({ kind: 'ended', executionId: id, rootId: id, as: 'CANCELLED', lostRace: true, endedBy: 'bob@ops' }),
      (id) => ({ kind: 'ended', executionId: id, rootId: id, as: 'COMPLETED', lostRace: true, endedBy: null }),
    ];
    ui.fake.finish(run, (target, index) => outcomes[index]?.(target.executionId) ?? cancelled(target));
    await ui.until('nothing was cancelled');
    expect(ui.frame).toContain('2 ended first');
    expect(ui.frame).toContain('1 woke up, left alone');
    expect(ui.frame).toContain('CANCELLED by bob@ops, which came first');
  });

  const emitting = (executionId: string): StopState => ({
    executionId,
    phase: 'still-emitting',
    draining: 0,
    violation: { eventId: '7', type: 'command.started', commandKey: 'k', node: 'load', workerId: null, at: Date.now() },
  });
  const stopped = (executionId: string): StopState => ({ executionId, phase: 'stopped', draining: 0, violation: null });

  it('tells what it cancelled apart from children that began later, and names both', async () => {
    const { ui, run } = await begun(3);
    ui.fake.finish(run);
    await ui.until(() => ui.fake.follows.length === 1);
    // Neither the plan nor the feed knows the one; the other is in the feed.
    ui.fake.executions.set('555', execution('555', { path: 'ops/born_late' }));
    ui.feed.put(staleRow('556', 'unknown', { path: 'ops/in_feed' }));
    const ids = run.plan.targets.map((target) => target.executionId);
    const late = ['555', '556'];
    const snapshot = (states: StopState[]) =>
      ui.fake.follows[0]?.snapshot?.({ asOf: 0, allSettled: false, states, late });
    snapshot([...ids.map(stopped), emitting('555'), stopped('556')]);
    await ui.until('3/3 stopped, 1 begun later STILL GOING');
    expect(ui.frame).toContain('3 cancelled · 2 begun after the cancel, not cancelled by this batch: 1 still going');
    await ui.until(/\+ begun later +555 +ops\/born_late +● still going/);
    expect(ui.frame).toMatch(/\+ begun later +556 +ops\/in_feed +✓ ended since/);
    snapshot([...ids.map(stopped), stopped('555'), stopped('556')]);
    await ui.until('2 begun after the cancel, not cancelled by this batch: ended since');
    expect(ui.fake.reads.filter((read) => read === 'executionsById')).toHaveLength(1);
    expect(ui.model.context.jobs.summaries()).toMatchObject([{ cancelled: ids, stopped: 3 }]);
  });

  it.each([60, 80, 120])(
    'at %i columns says of each what became of it, with space between, and a playbook that can be read',
    async (columns) => {
      const path = 'ops/reconcile_inventory';
      const done = row('7', { status: 'COMPLETED', endedAt: 1, path });
      const ui = open([staleRow('383403845222445553', 'orphaned', { path }), done], { size: { columns, rows: 20 } });
      ui.press('5');
      await ui.until('383403845222445553');
      ui.press('*');
      ui.model.list.dispatch({ type: 'mark', ids: ['7'], kind: 'explicit' });
      ui.press('c');
      await ui.until(ready);
      ui.confirm();
      const run = ui.fake.runs[0];
      if (run) ui.fake.finish(run);
      await ui.until('1 had ended before');
      expect(ui.frame).toMatch(/✓ had ended +7 +(ops|…)\S*reconcile_inventory/);
      expect(ui.frame).toMatch(/. \S[a-z ]+ +383403845222445553 +(ops|…)\S*reconcile_inventory/);
    },
  );

  it('offers only keys that do something now', async () => {
    const { ui, run } = await begun(2);
    expect(ui.lines.at(-1)).toContain('x stop');
    expect(ui.lines.at(-1)).not.toContain('watch');
    ui.fake.finish(run);
    await ui.until('0/2 stopped');
    expect(ui.lines.at(-1)).not.toContain('stop');
    ui.fake.follows[0]?.ended.resolve({ asOf: 0, allSettled: false, states: [] });
    await ui.until('f watch again');
  });
});

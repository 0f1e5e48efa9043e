import { describe, expect, it } from 'vitest';
import type { CancelOutcome } from '../../../source/domain/cancellation.js';
import type { StopState } from '../../../source/domain/stopping/stopping.js';
import { StoreError } from '../../../source/store/errors.js';
import { isBusy } from '../../../source/ui/batches/batch-state.js';
import { openConsole } from '../helpers/console.js';
import { execution, MINUTE, row, staleRow } from '../helpers/executions.js';
import { cancelled } from '../helpers/fake-services.js';

const many = (count: number) => Array.from({ length: count }, (_, index) => staleRow(`${1000 + index}`, 'orphaned'));
const ready = /Cancels \d+ execution/;

describe('a batch', () => {
  const begun = async (count: number) => {
    const ui = openConsole(many(count));
    ui.press('*', 'c');
    await ui.waitFor(ready);
    ui.confirm(count);
    await ui.waitFor('Cancelling');
    const run = ui.fake.runs[0];
    if (!run) throw new Error('nothing was begun');
    return { ui, run };
  };

  it('shows progress, can be stopped, and says what was and was not done', async () => {
    const { ui, run } = await begun(20);
    const written = run.plan.targets.slice(0, 8).map(cancelled);
    run.options.onProgress?.({ phase: 'writing', done: 8, total: 20, latest: written });
    await ui.waitFor('8/20');
    ui.press('x');
    await ui.waitFor('stopping');
    expect(run.options.signal?.aborted).toBe(true);
    ui.fake.finish(
      run,
      (target, index): CancelOutcome =>
        index < 8
          ? cancelled(target)
          : { kind: 'not-attempted', executionId: target.executionId, rootId: target.rootId },
    );
    await ui.waitFor('12 not tried');
    expect(ui.frame).toContain('8 cancelled');
    expect(ui.model.batches.summaries()).toMatchObject([{ notCancelled: 12, interrupted: true }]);
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
    await ui.waitFor('2 FAILED');
    expect(ui.frame).toContain('2 cancelled');
    expect(ui.frame).toContain('connection reset');
  });

  it('tells of a write that could not begin', async () => {
    const { ui, run } = await begun(2);
    run.report.reject(new StoreError('no-privilege', 'ann may not INSERT into noetl.event'));
    await ui.waitFor('Cancel failed');
    expect(ui.frame).toContain('ann may not INSERT into noetl.event');
    expect(ui.model.batches.summaries()).toMatchObject([{ cancelled: [], interrupted: true }]);
  });

  it('is followed until everything has stopped, with the evidence', async () => {
    const { ui, run } = await begun(2);
    ui.fake.finish(run);
    await ui.waitFor(() => ui.fake.follows.length === 1);
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
    await ui.waitFor('1 STILL EMITTING');
    expect(ui.frame).toContain('command.started of load by worker-9');
    ui.fake.follows[0]?.ended.resolve({
      asOf: 0,
      allSettled: true,
      states: [first, second].map((id) => ({ executionId: id ?? '', phase: 'stopped', draining: 0, violation: null })),
    });
    await ui.waitFor('all 2 stopped');
  });

  it('whose only execution is abandoned is settled, and nothing is said to have stopped', async () => {
    const { ui, run } = await begun(1);
    ui.fake.finish(run);
    await ui.waitFor(() => ui.fake.follows.length === 1);
    const [target] = run.plan.targets;
    const held = { commandKey: 'k', node: 'load', workerId: 'w', since: 0, workerAlive: false };
    const state: StopState = {
      executionId: target?.executionId ?? '',
      phase: 'abandoned',
      draining: 1,
      violation: null,
      holding: [held],
    };
    ui.fake.follows[0]?.ended.resolve({ asOf: 0, allSettled: true, states: [state] });
    await ui.waitFor('settled: 1 abandoned');
    expect(ui.frames.join()).not.toContain('settled: 0 stopped');
  });

  it('counts the age of the evidence on, while nothing else changes', async () => {
    const { ui, run } = await begun(1);
    ui.fake.finish(run);
    await ui.waitFor(() => ui.fake.follows.length === 1);
    const [target] = run.plan.targets;
    const at = ui.model.context.clock.store.getState().now;
    const violation = { eventId: '7', type: 'command.started', commandKey: 'k', node: 'load', workerId: null, at };
    const state = { executionId: target?.executionId ?? '', phase: 'still-emitting', draining: 0, violation } as const;
    ui.fake.follows[0]?.snapshot?.({ asOf: 0, allSettled: false, states: [state] });
    await ui.waitFor('command.started of load');
    await ui.waitFor(/command\.started of load [2-4]s ago/);
  });

  it('goes on when its screen is left, shows in a line, and can be come back to', async () => {
    const { ui, run } = await begun(3);
    ui.press('escape');
    await ui.waitFor('batch cancelling 0/3');
    run.options.onProgress?.({
      phase: 'writing',
      done: 1,
      total: 3,
      latest: run.plan.targets.slice(0, 1).map(cancelled),
    });
    await ui.waitFor('batch cancelling 1/3');
    ui.press('J', 'enter');
    await ui.waitFor('Cancelling');
    ui.press('escape', 'escape');
    ui.fake.finish(run);
    await ui.waitFor('cancelled 3 of 3');
  });

  it('is asked about on quit while it writes; the second q stops it and quits', async () => {
    const { ui, run } = await begun(3);
    ui.press('escape', 'q');
    await ui.waitFor('q again stops it and quits');
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
    expect(ui.model.batches.store.getState().batches.filter(isBusy)).toHaveLength(1);
  });

  it('tells of rows that woke up, had ended, or were cancelled by somebody else first', async () => {
    const { ui, run } = await begun(3);
    const outcomes: ((id: string) => CancelOutcome)[] = [
      (id) => ({ kind: 'resumed', executionId: id, rootId: id, lastEventAt: 5 * MINUTE }),
      (id) => ({ kind: 'ended', executionId: id, rootId: id, as: 'CANCELLED', lostRace: true, endedBy: 'bob@ops' }),
      (id) => ({ kind: 'ended', executionId: id, rootId: id, as: 'COMPLETED', lostRace: true, endedBy: null }),
    ];
    ui.fake.finish(run, (target, index) => outcomes[index]?.(target.executionId) ?? cancelled(target));
    await ui.waitFor('nothing was cancelled');
    expect(ui.frame).toContain('2 ended first');
    expect(ui.frame).toContain('1 resumed, skipped');
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
    await ui.waitFor(() => ui.fake.follows.length === 1);
    // Neither the plan nor the feed knows the one; the other is in the feed.
    ui.fake.executions.set('555', execution('555', { path: 'ops/born_late' }));
    ui.feed.put(staleRow('556', 'unknown', { path: 'ops/in_feed' }));
    const ids = run.plan.targets.map((target) => target.executionId);
    const late = ['555', '556'];
    const snapshot = (states: StopState[]) =>
      ui.fake.follows[0]?.snapshot?.({ asOf: 0, allSettled: false, states, late });
    snapshot([...ids.map(stopped), emitting('555'), stopped('556')]);
    await ui.waitFor('3/3 stopped, 1 started later STILL RUNNING');
    expect(ui.frame).toContain(
      '3 cancelled · 2 started after the cancel, not cancelled by this batch: 1 still running',
    );
    await ui.waitFor(/\+ began later +555 +ops\/born_late +● still running/);
    expect(ui.frame).toMatch(/\+ began later +556 +ops\/in_feed +✓ ended since/);
    snapshot([...ids.map(stopped), stopped('555'), stopped('556')]);
    await ui.waitFor('2 started after the cancel, not cancelled by this batch: ended since');
    expect(ui.fake.reads.filter((read) => read === 'executionsById')).toHaveLength(1);
    expect(ui.model.batches.summaries()).toMatchObject([{ cancelled: ids, stopped: 3 }]);
  });

  it('says where one is in a batch that is longer than the screen', async () => {
    const ui = openConsole(many(30), { size: { columns: 60, rows: 20 } });
    ui.press('*', 'c');
    await ui.waitFor(ready);
    ui.confirm(30);
    await ui.waitFor('Cancelling  1/30 · batch');
    ui.press('G');
    await ui.waitFor('30/30 · batch');
  });

  it.each([60, 80])(
    'at %i columns says all that became of a batch, and counts no commands where none is left',
    async (columns) => {
      const ui = openConsole(many(6), { size: { columns, rows: 20 } });
      ui.press('*', 'c');
      await ui.waitFor(ready);
      ui.confirm(6);
      await ui.waitFor(() => ui.fake.runs.length === 1);
      const run = ui.fake.runs[0]!;
      ui.fake.finish(
        run,
        (target, index): CancelOutcome =>
          index > 0
            ? cancelled(target)
            : {
                kind: 'ended',
                executionId: target.executionId,
                rootId: target.rootId,
                as: 'COMPLETED',
                lostRace: true,
                endedBy: null,
              },
      );
      await ui.waitFor(() => ui.fake.follows.length === 1);
      const [, ...ids] = run.plan.targets.map((target) => target.executionId);
      const draining: StopState[] = ids.map((executionId) => ({
        executionId,
        phase: 'draining',
        draining: 0,
        violation: null,
      }));
      ui.fake.follows[0]?.snapshot?.({
        asOf: 0,
        allSettled: false,
        states: [...draining, stopped('555')],
        late: ['555'],
      });
      await ui.waitFor(
        /1 started after the cancel,\s+not\s+cancelled\s+by\s+this\s+batch:\s+ended\s+since\s+·\s+1\s+ended\s+first/,
      );
      expect(ui.frame).toMatch(/◑ draining(?: *\n| {2})/);
      expect(ui.frame).not.toContain('draining 0');
    },
  );

  it.each([60, 80, 120])(
    'at %i columns says of each what became of it, with space between, and a playbook that can be read',
    async (columns) => {
      const path = 'ops/reconcile_inventory';
      const done = row('7', { status: 'COMPLETED', endedAt: 1, path });
      const ui = openConsole([staleRow('383403845222445553', 'orphaned', { path }), done], {
        size: { columns, rows: 20 },
      });
      ui.press('5');
      await ui.waitFor('383403845222445553');
      ui.press('*');
      ui.model.list.dispatch({ type: 'mark', ids: ['7'], kind: 'explicit' });
      ui.press('c');
      await ui.waitFor(ready);
      ui.confirm();
      const run = ui.fake.runs[0];
      if (run) ui.fake.finish(run);
      await ui.waitFor('1 had ended before');
      expect(ui.frame).toMatch(/✓ had ended +7 +(ops|…)\S*reconcile_inventory/);
      expect(ui.frame).toMatch(/. \S[a-z ]+ +383403845222445553 +(ops|…)\S*reconcile_inventory/);
    },
  );

  it('offers only keys that do something now', async () => {
    const { ui, run } = await begun(2);
    expect(ui.lines.at(-1)).toContain('x stop');
    expect(ui.lines.at(-1)).not.toContain('watch');
    ui.fake.finish(run);
    await ui.waitFor('0/2 stopped');
    expect(ui.lines.at(-1)).not.toContain('stop');
    ui.fake.follows[0]?.ended.resolve({ asOf: 0, allSettled: false, states: [] });
    await ui.waitFor('f watch again');
  });
});

import { describe, expect, it } from 'vitest';
import { StoreError } from '../../../source/store/errors.js';
import { openConsole } from '../helpers/console.js';
import { row, staleRow } from '../helpers/executions.js';
import { deferred } from '../helpers/fake-services.js';

const stuck = [staleRow('201', 'worker-lost'), staleRow('202', 'orphaned'), staleRow('203', 'live-claim')];
const many = (count: number) => Array.from({ length: count }, (_, index) => staleRow(`${1000 + index}`, 'orphaned'));
const ready = /Cancels \d+ execution/;

describe('the cancel dialog', () => {
  it('takes an operator from what is stuck to a cancel with a reason', async () => {
    const ui = openConsole(stuck);
    ui.press('2');
    await ui.waitFor('evidence for');
    const id = ui.model.list.state.getState().cursorId;
    ui.press('c');
    await ui.waitFor(ready);
    ui.type('stuck since the deploy');
    ui.press('enter');
    await ui.waitFor('Enter cancels, Esc goes back');
    expect(ui.fake.runs).toHaveLength(0);
    ui.press('enter');
    await ui.waitFor('Cancelling');
    expect(ui.fake.runs).toHaveLength(1);
    expect(ui.fake.runs[0]?.plan.requested).toEqual([id]);
    expect(ui.fake.runs[0]?.request).toMatchObject({
      reason: 'stuck since the deploy',
      cancelledBy: 'ann@ops',
      cascade: true,
      source: 'noetl-console/test',
    });
  });

  it('writes nothing before the last Enter, and nothing at all on Esc from any field', async () => {
    const ui = openConsole(many(12));
    for (const steps of [0, 1, 2, 3]) {
      ui.press('*', 'c');
      await ui.waitFor(ready);
      ui.type('half a rea');
      for (let step = 0; step < steps; step += 1) ui.press('tab');
      ui.press('escape');
      await ui.waitFor('nothing was cancelled');
    }
    expect(ui.fake.runs).toHaveLength(0);
    expect(ui.model.batches.store.getState().batches).toHaveLength(0);
    expect(ui.model.list.state.getState().marks.size).toBe(12);
  });

  it('cancels what it was opened on, whatever the list does meanwhile', async () => {
    const ui = openConsole(stuck);
    ui.press('2');
    await ui.waitFor('evidence for');
    const id = ui.model.list.state.getState().cursorId;
    ui.press('c');
    await ui.waitFor(ready);
    const others = ['201', '202', '203'].filter((other) => other !== id);
    // Rows come, leave and change places under the dialog, and the list behind it is sorted and filtered anew.
    ui.feed.put(...many(50), staleRow(id ?? '', 'orphaned', { silentMs: 1 }));
    ui.feed.remove(...others);
    ui.model.list.dispatch({ type: 'filter', text: 'path:elsewhere' });
    ui.model.list.dispatch({ type: 'next-sort' });
    ui.model.list.dispatch({ type: 'view', view: 'all' });
    ui.model.list.dispatch({ type: 'move', move: { to: 'last' } });
    ui.model.list.dispatch({ type: 'unmark' });
    ui.model.list.dispatch({ type: 'mark', ids: others, kind: 'explicit' });
    ui.confirm();
    await ui.waitFor(() => ui.fake.runs.length === 1);
    expect(ui.fake.runs[0]?.plan.requested).toEqual([id]);
    expect(ui.fake.plans.every((plan) => plan.ids.length === 1 && plan.ids[0] === id)).toBe(true);
  });

  it('writes once, however often Enter is pressed', async () => {
    const ui = openConsole(stuck);
    ui.press('c');
    await ui.waitFor(ready);
    ui.press('enter', 'enter', 'enter', 'enter', 'enter', 'enter');
    await ui.waitFor('Cancelling');
    expect(ui.fake.runs).toHaveLength(1);
  });

  it('does not write while the plan is being read', async () => {
    const ui = openConsole(stuck, { prepare: (fake) => Object.assign(fake, { planGate: deferred<void>() }) });
    ui.press('c');
    await ui.waitFor('Reading what would be cancelled');
    ui.press('enter', 'enter', 'enter');
    await ui.waitFor('still reading');
    expect(ui.fake.runs).toHaveLength(0);
    ui.fake.planGate?.resolve();
    await ui.waitFor(ready);
    expect(ui.fake.runs).toHaveLength(0);
    ui.press('enter');
    await ui.waitFor(() => ui.fake.runs.length === 1);
  });

  it('keeps a half-typed reason through a lost connection, says so, and goes on by itself', async () => {
    const ui = openConsole(stuck);
    ui.press('c');
    await ui.waitFor(ready);
    ui.type('half a reason');
    ui.fake.planFailure = new StoreError('unreachable', 'the database does not answer');
    ui.feed.health({ kind: 'reconnecting', attempt: 2, nextTryAt: Date.now() + 4000, problem: 'connection refused' });
    ui.model.input({ kind: 'key', name: 't', text: '', ctrl: true, meta: false, shift: false });
    await ui.waitFor('connection lost');
    await ui.waitFor('half a reason');
  });

  it('says that a plan could not be read, writes nothing, and reads it again', async () => {
    const ui = openConsole(stuck, {
      prepare: (fake) => Object.assign(fake, { planFailure: new StoreError('timeout', 'the server took too long') }),
    });
    ui.press('c');
    await ui.waitFor('the server took too long');
    ui.confirm();
    await ui.waitFor('could not be read');
    expect(ui.fake.runs).toHaveLength(0);
    ui.fake.planFailure = null;
    await ui.waitFor(ready);
  });

  it('wants the number typed above ten', async () => {
    const ui = openConsole(many(11));
    ui.press('*', 'c');
    await ui.waitFor('type 11 to confirm');
    ui.confirm();
    expect(ui.fake.runs).toHaveLength(0);
    ui.type('12');
    ui.press('enter', 'enter');
    expect(ui.fake.runs).toHaveLength(0);
    ui.press('backspace');
    ui.type('1');
    ui.press('enter', 'enter');
    await ui.waitFor(() => ui.fake.runs.length === 1);
    expect(ui.fake.runs[0]?.plan.targets).toHaveLength(11);
  });

  it('shows both numbers of the cascade toggle and writes the plan that is shown', async () => {
    const ui = openConsole([row('1'), row('2', { parentExecutionId: '1', startedAt: 0 })], {
      prepare: (fake) => fake.links.push({ parent: '1', child: '2' }),
    });
    ui.press('c');
    await ui.waitFor('include 1 live descendant · with: 2, without: 1');
    expect(ui.frame).toContain('1 chosen + 1 live descendant');
    ui.press('ctrl-t');
    await ui.waitFor('Cancels 1 execution: 1 chosen');
    ui.confirm();
    await ui.waitFor(() => ui.fake.runs.length === 1);
    expect(ui.fake.runs[0]?.request.cascade).toBe(false);
    expect(ui.fake.runs[0]?.plan.targets.map((target) => target.executionId)).toEqual(['1']);
  });

  it('lists unsafe ones apart, says why, and leaves them out until they are chosen', async () => {
    const ui = openConsole(stuck);
    ui.press('*', 'c');
    await ui.waitFor('1 unsafe: 0 included, 1 excluded');
    expect(ui.frame).toContain('live-claim: a live worker holds a command');
    expect(ui.fake.plans.at(-1)?.ids.toSorted()).toEqual(['201', '202']);
    ui.press('tab', 'tab', 'space');
    await ui.waitFor('Cancels 3 executions');
    expect(ui.fake.plans.at(-1)?.ids.toSorted()).toEqual(['201', '202', '203']);
    ui.confirm();
    await ui.waitFor(() => ui.fake.runs.length === 1);
  });

  it('marks only the safe ones with a', async () => {
    const ui = openConsole(stuck);
    ui.press('a');
    expect([...ui.model.list.state.getState().marks.keys()].toSorted()).toEqual(['201', '202']);
  });

  it('calls out marks that the filter hides', async () => {
    const ui = openConsole([...stuck, staleRow('301', 'orphaned', { path: 'billing/close' })]);
    ui.press('a', '/');
    ui.type('path:etl/*');
    ui.press('enter');
    await ui.waitFor('3 marked (1 hidden)');
    ui.press('c');
    await ui.waitFor('1 marked execution is hidden by the filter or view: 301');
  });

  it('lists what has ended apart and leaves it alone', async () => {
    const ui = openConsole(stuck);
    ui.press('a');
    ui.feed.put(row('201', { status: 'COMPLETED', endedAt: 1 }));
    ui.press('c');
    await ui.waitFor('Already ended, skipped: 1 COMPLETED');
    expect(ui.frame).toContain('Cancels 1 execution');
  });

  it('refuses control characters of a paste while they stand there, and takes no line break for Enter', async () => {
    const ui = openConsole(stuck);
    ui.press('c');
    await ui.waitFor(ready);
    ui.paste('first line\nsecond line\u001b[31m');
    await ui.waitFor('control characters');
    expect(ui.frame).toContain('first line␊second line␛[31m');
    ui.press('enter', 'enter');
    expect(ui.fake.runs).toHaveLength(0);
    ui.press('ctrl-u');
    ui.paste(`${'long '.repeat(150)}end\n`);
    ui.confirm();
    await ui.waitFor(() => ui.fake.runs.length === 1);
    expect(ui.fake.runs[0]?.request.reason).toBe(`${'long '.repeat(150)}end`);
  });

  it('is not there in a read-only console, which says why', async () => {
    const ui = openConsole(stuck, { readOnly: true });
    ui.press('c');
    await ui.waitFor('read-only');
    expect(ui.model.top.kind).toBe('list');
    expect(ui.frame).toContain('READ-ONLY');
    ui.model.context.open('cancel', [], { clearMarks: () => {} });
    expect(ui.model.top.kind).toBe('list');
  });

  it('leaves what wakes up alone when all of it is stale and safe', async () => {
    const ui = openConsole(stuck);
    ui.press('a', 'c');
    await ui.waitFor('Executions that emit an event before the write are skipped');
    ui.confirm();
    await ui.waitFor(() => ui.fake.runs.length === 1);
    expect(ui.fake.runs[0]?.options.quietSince).toBeGreaterThan(0);
  });
});

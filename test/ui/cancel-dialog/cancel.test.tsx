import { describe, expect, it } from 'vitest';
import type { Runaway } from '../../../source/domain/runaway/facts.js';
import { StoreError } from '../../../source/store/errors.js';
import { frozenTarget } from '../../../source/ui/rows/list-row.js';
import type { FrozenTarget } from '../../../source/ui/shell/console-context.js';
import { openConsole } from '../helpers/console.js';
import { diagnosis, MINUTE, NOW, row, staleRow } from '../helpers/executions.js';
import { deferred } from '../helpers/fake-services.js';

const stuck = [staleRow('201', 'worker-lost'), staleRow('202', 'orphaned'), staleRow('203', 'live-claim')];
const safe = stuck.slice(0, 2);
const many = (count: number) => Array.from({ length: count }, (_, index) => staleRow(`${1000 + index}`, 'orphaned'));
/** What the list would hand to the dialog. */
const frozen = async (ui: ReturnType<typeof openConsole>, id: string): Promise<FrozenTarget> => {
  await ui.waitFor(() => ui.model.list.known(id) !== undefined);
  const clock = { now: NOW, staleAfterMs: 10 * MINUTE };
  return frozenTarget(id, ui.model.list.known(id), clock, { chosen: 'explicit', hidden: false });
};
const ready = /Cancels \d+ execution/;

describe('the cancel dialog', () => {
  it('knows a runaway as one from the tree and the timeline too, not only from the list', async () => {
    const loop = row('301', { silentMs: 1000 });
    const evidence = { node: 'poll', commandId: null, workerId: null, observed: 900, isAtLeast: false, usual: 12 };
    const runaway: Runaway = {
      executionId: '301',
      code: 'repeating',
      also: [],
      rate: null,
      evidence: { ...evidence, sentence: '`poll` issued 900 times in 30m', baselineRuns: 50 },
    };
    for (const screen of ['enter', 'e']) {
      const ui = openConsole([loop], { prepare: (fake) => fake.runaways.set('301', runaway) });
      ui.press(screen, 'c');
      await ui.waitFor('1 is running away, last event 1s ago: repeating');
      expect(ui.frame).not.toContain('healthy');
    }
  });

  it('takes an operator from what is stuck to a cancel with a reason', async () => {
    const ui = openConsole(safe);
    ui.press('2');
    await ui.waitFor('evidence for');
    const id = ui.model.list.state.getState().cursorId;
    ui.press('c');
    await ui.waitFor(ready);
    // All of it is in sight, so the rule below it has nothing to say.
    expect(ui.lines).toContain('─'.repeat(120));
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
      cascade: false,
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
    ui.type('1');
    ui.confirm();
    await ui.waitFor(() => ui.fake.runs.length === 1);
    expect(ui.fake.runs[0]?.plan.requested).toEqual([id]);
    expect(ui.fake.plans.every((plan) => plan.ids.length === 1 && plan.ids[0] === id)).toBe(true);
  });

  it('writes once, however often Enter is pressed', async () => {
    const ui = openConsole(safe);
    ui.press('c');
    await ui.waitFor(ready);
    ui.type('why');
    ui.press('enter', 'enter', 'enter', 'enter', 'enter', 'enter');
    await ui.waitFor('Cancelling');
    expect(ui.fake.runs).toHaveLength(1);
  });

  it('does not write while the plan is being read', async () => {
    const ui = openConsole(safe, { prepare: (fake) => Object.assign(fake, { planGate: deferred<void>() }) });
    ui.press('c');
    await ui.waitFor('Reading what would be cancelled');
    ui.type('why');
    ui.press('enter', 'enter', 'enter');
    await ui.waitFor('still reading');
    expect(ui.fake.runs).toHaveLength(0);
    ui.fake.planGate?.resolve();
    await ui.waitFor(ready);
    await ui.waitFor('Enter cancels');
    expect(ui.frame).not.toContain('still reading');
    expect(ui.fake.runs).toHaveLength(0);
    ui.press('enter');
    await ui.waitFor(() => ui.fake.runs.length === 1);
  });

  it('keeps a half-typed reason through a lost connection, and says so', async () => {
    const ui = openConsole(stuck);
    ui.press('c');
    await ui.waitFor(ready);
    ui.type('half a reason');
    ui.fake.planFailure = new StoreError('unreachable', 'the database does not answer');
    ui.feed.health({ kind: 'reconnecting', attempt: 2, nextTryAt: Date.now() + 4000, problem: 'connection refused' });
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
    ui.type('x');
    await ui.waitFor('digits only');
    ui.press('backspace');
    ui.type('1');
    ui.press('enter', 'enter');
    await ui.waitFor(() => ui.fake.runs.length === 1);
    expect(ui.fake.runs[0]?.plan.targets).toHaveLength(11);
  });

  it('never cancels by Enter on an empty form, however often', async () => {
    const ui = openConsole(stuck);
    ui.press('a', 'c');
    await ui.waitFor(ready);
    for (let times = 0; times < 20; times += 1) ui.press('enter');
    await ui.waitFor('no reason; the next field goes on without one');
    expect(ui.fake.runs).toHaveLength(0);
    expect(ui.model.top.kind).toBe('cancel');
  });

  it('shows both outcomes of the cascade toggle and writes the plan that is shown', async () => {
    const ui = openConsole([row('1'), row('2', { parentExecutionId: '1', startedAt: 0 })], {
      prepare: (fake) => fake.links.push({ parent: '1', child: '2' }),
    });
    ui.press('c');
    await ui.waitFor('[x] include 1 live descendant');
    await ui.waitFor('on: cancels 2 · off: cancels 1, 1 keeps running, 1 as an orphan');
    expect(ui.frame).toContain('1 chosen + 1 live descendant');
    ui.press('ctrl-t');
    await ui.waitFor('Cancels 1 execution: 1 chosen');
    expect(ui.frame).toContain('[ ] include 1 live descendant');
    ui.confirm();
    await ui.waitFor('type 1 to confirm');
    ui.type('1');
    ui.confirm();
    await ui.waitFor(() => ui.fake.runs.length === 1);
    expect(ui.fake.runs[0]?.request.cascade).toBe(false);
    expect(ui.fake.runs[0]?.plan.targets.map((target) => target.executionId)).toEqual(['1']);
  });

  it('shows no toggle where there are no live descendants', async () => {
    const ui = openConsole([...stuck, row('209', { status: 'COMPLETED', endedAt: 1 })], {
      prepare: (fake) => fake.links.push({ parent: '201', child: '209' }),
    });
    ui.press('a', 'c');
    await ui.waitFor('Descendants: 0 live, 1 ended (1 COMPLETED)');
    await ui.waitFor('no live descendants');
    expect(ui.frame).not.toMatch(/\[.\] include/);
    expect(ui.frame).not.toContain('Ctrl-T');
  });

  it('shows status, silence, worker and evidence of targets and descendants, each by its real status', async () => {
    const below = [
      staleRow('301', 'worker-lost', { parentExecutionId: '201' }),
      row('302', { parentExecutionId: '201', workerId: 'worker-7' }),
    ];
    const ui = openConsole([...stuck, ...below], {
      size: { columns: 160, rows: 40 },
      prepare: (fake) => {
        fake.links.push({ parent: '201', child: '301' }, { parent: '301', child: '302' });
      },
    });
    ui.model.context.open('cancel', [await frozen(ui, '201')], { clearMarks: () => {} });
    await ui.waitFor('1 is healthy: last event');
    expect(ui.lines.find((line) => line.includes(' 201 '))).toMatch(/◌ STALE .*1h.*worker-1.*worker-lost: evidence/);
    expect(ui.lines.find((line) => line.includes(' 301 '))).toMatch(/\[x\] ◌ STALE .*1h.*worker-lost: evidence/);
    expect(ui.lines.find((line) => line.includes(' 302 '))).toMatch(/\[x\] ● RUNNING .*s .*worker-7.*! healthy/);
    expect(ui.frame).not.toContain('LIVE');
  });

  it('reads the evidence of a stale execution that the list does not hold, and then says it', async () => {
    const unlisted = staleRow('401', 'orphaned').execution;
    const ui = openConsole(stuck, {
      prepare: (fake) => {
        fake.executions.set('401', unlisted);
        fake.links.push({ parent: '201', child: '401' });
        fake.diagnoses.set('401', diagnosis('never-claimed'));
      },
    });
    ui.model.context.open('cancel', [await frozen(ui, '201')], { clearMarks: () => {} });
    await ui.waitFor('never-claimed');
    expect(ui.fake.reads.filter((read) => read === 'diagnoseMany')).toHaveLength(1);
    // All that it takes is safe by now, so that nothing has to be typed.
    expect(ui.frame).not.toContain('to confirm');
  });

  it('says that evidence and ancestors could not be read, and then asks for the number', async () => {
    const unread = staleRow('501', 'orphaned', { parentExecutionId: '500', diagnosis: null });
    const ui = openConsole([unread]);
    ui.press('2');
    await ui.waitFor('501');
    ui.fake.storeFailure = new StoreError('timeout', 'the server took too long');
    ui.press('c');
    await ui.waitFor('1 is stale without a diagnosis: the server took too long');
    await ui.waitFor('Ancestors could not be read: the server took too long');
    await ui.waitFor('type 1 to confirm');
    ui.fake.storeFailure = null;
    ui.fake.diagnoses.set('501', diagnosis('orphaned'));
    await ui.waitFor('Executions that emit an event before the write are skipped');
    expect(ui.frame).not.toContain('to confirm');
  });

  it('names ancestors that have not ended and may wait on a target', async () => {
    const ui = openConsole([
      row('100', { path: 'etl/nightly' }),
      staleRow('201', 'worker-lost', { parentExecutionId: '100' }),
    ]);
    ui.press('2');
    await ui.waitFor('evidence for');
    ui.press('c');
    await ui.waitFor('1 ancestor not ended may wait on these: etl/nightly');
    await ui.waitFor('Above these, not cancelled: 1 ancestor');
    ui.confirm();
    await ui.waitFor(() => ui.fake.runs.length === 1);
    expect(ui.fake.runs[0]?.plan.targets.map((target) => target.executionId)).toEqual(['201']);
  });

  it('lets every one of many targets be scrolled to and read at 60x20', async () => {
    const ui = openConsole(many(30), { size: { columns: 60, rows: 20 } });
    ui.press('a', 'c');
    await ui.waitFor(ready);
    const seen = new Set<string>();
    const look = () => {
      for (const [id] of ui.frame.matchAll(/\b10[0-2]\d\b/g)) seen.add(id);
    };
    ui.press('shift-tab');
    for (let step = 0; step < 34; step += 1) {
      await ui.waitFor(/▸/);
      look();
      ui.press('down');
      await ui.settled();
    }
    ui.press('up');
    await ui.settled();
    look();
    expect(seen.size).toBe(30);
    expect(ui.frame).toContain('worker worker-1 · silent 1h');
    expect(ui.lines.filter((line) => line.length > 60)).toEqual([]);
  });

  it('lists unsafe ones with the rest, says why, and leaves them out until they are included', async () => {
    const ui = openConsole(stuck);
    ui.press('*', 'c');
    await ui.waitFor('1 left out; in the list, Space includes one and a all of them');
    expect(ui.lines.find((line) => line.includes(' 203 '))).toMatch(/\[ \] .*! live-claim/);
    expect(ui.fake.plans.at(-1)?.ids.toSorted()).toEqual(['201', '202']);
    ui.press('shift-tab', 'a');
    await ui.waitFor('Cancels 3 executions');
    await ui.waitFor('1 is unsafe: live-claim');
    expect(ui.fake.plans.at(-1)?.ids.toSorted()).toEqual(['201', '202', '203']);
    ui.confirm();
    await ui.waitFor('type 3 to confirm');
    expect(ui.fake.runs).toHaveLength(0);
    ui.type('3');
    ui.confirm();
    await ui.waitFor(() => ui.fake.runs.length === 1);
  });

  it('leaves healthy ones out of * and out of the cascade of what is above them', async () => {
    const ui = openConsole([...stuck, row('301', { parentExecutionId: '201' })], {
      prepare: (fake) => fake.links.push({ parent: '201', child: '301' }, { parent: '301', child: '302' }),
    });
    ui.press('5', '*');
    await ui.waitFor('1 healthy left out, also of the cascade');
    expect([...ui.model.list.state.getState().marks.keys()].toSorted()).toEqual(['201', '202', '203']);
    ui.press('c');
    await ui.waitFor('1 descendant left out, with everything below: 301');
    ui.confirm();
    await ui.waitFor(() => ui.fake.runs.length === 1);
    expect(ui.fake.runs[0]?.plan.targets.map((target) => target.executionId).toSorted()).toEqual(['201', '202']);
    expect(ui.fake.runs[0]?.plan.leftOut?.ids).toEqual(expect.arrayContaining(['203', '301']));
  });

  it('leaves a descendant out that was unmarked in the tree', async () => {
    const child = staleRow('301', 'orphaned', { parentExecutionId: '201' });
    const ui = openConsole([...stuck, child], { prepare: (fake) => fake.links.push({ parent: '201', child: '301' }) });
    ui.model.context.open('tree', '201');
    await ui.waitFor('Tree');
    await ui.waitFor('2 executions');
    ui.press('m', 'down', 'space', 'c');
    await ui.waitFor('1 descendant left out, with everything below: 301');
    await ui.waitFor('Cancels 1 execution');
    ui.confirm();
    await ui.waitFor(() => ui.fake.runs.length === 1);
    expect(ui.fake.runs[0]?.plan.targets.map((target) => target.executionId)).toEqual(['201']);
  });

  it('needs a reason where the configuration requires one', async () => {
    const ui = openConsole(stuck, { requireReason: true });
    ui.press('a', 'c');
    await ui.waitFor('why? (required)');
    await ui.waitFor(ready);
    ui.confirm();
    await ui.waitFor('a reason is required');
    expect(ui.fake.runs).toHaveLength(0);
    ui.type('disk full');
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
    const ui = openConsole(safe);
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

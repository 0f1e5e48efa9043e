import { describe, expect, it } from 'vitest';
import type { Condition, EngineState } from '../../../source/domain/conditions/conditions.js';
import { openConsole, type TestConsole } from '../helpers/console.js';
import { MINUTE, NOW, staleRow } from '../helpers/executions.js';

const NO_WORKERS: Condition = {
  code: 'no-workers',
  sentence: '3 commands wait and none of 2 worker pools is alive; worker-\u001b[31m1 beat last',
  remedy: 'start a worker pool',
  since: NOW - MINUTE,
  until: null,
  count: 3,
  names: [],
};

/** An engine whose conditions the test changes, and a console on it. */
function onEngine(conditions: readonly Condition[]) {
  const state = { conditions };
  const read = async (): Promise<EngineState> => ({
    asOf: NOW,
    unknown: [],
    workers: { alive: 1, registered: 2 },
    ...state,
  });
  const ui = openConsole([staleRow('11', 'orphaned')], { conditions: { read } });
  const become = async (next: readonly Condition[]) => {
    state.conditions = next;
    await ui.model.context.engine.look();
  };
  const notice = () => ui.model.context.notices.store.getState().notice;
  return { ui, become, notice };
}

async function settle(ui: TestConsole): Promise<void> {
  ui.press('*', 'c');
  await ui.waitFor(/Cancels/);
  ui.confirm();
  const [run] = ui.fake.runs;
  if (!run) throw new Error('nothing was begun');
  ui.fake.finish(run);
  await ui.waitFor(() => ui.fake.follows.length === 1);
  const states = run.plan.targets.map(
    ({ executionId }) => ({ executionId, phase: 'stopped', draining: 0, violation: null }) as const,
  );
  ui.fake.follows[0]?.ended.resolve({ asOf: 0, allSettled: true, states });
}

describe('a condition of the engine', () => {
  it('is announced when it begins and when it ends, on whatever screen, in visible text', async () => {
    const { ui, become } = onEngine([]);
    await become([]);
    ui.press('?');
    await become([NO_WORKERS]);
    await ui.waitFor('no-workers: 3 commands wait');
    expect(ui.frame).toContain('worker-␛[31m1 beat last');
    await become([]);
    await ui.waitFor('no-workers has ended after');
    expect(ui.frame).not.toContain('3 commands wait');
  });

  it('is no news where it holds already when the console opens', async () => {
    const { ui, become, notice } = onEngine([NO_WORKERS]);
    await become([NO_WORKERS]);
    await ui.waitFor('no-workers');
    expect(notice()).toBeNull();
  });

  it('waits until an error has been read, and is taken back when it ends meanwhile', async () => {
    const { ui, become, notice } = onEngine([]);
    await become([]);
    ui.model.context.notices.say('the report could not be written', 'bad');
    await become([NO_WORKERS]);
    expect(notice()?.text).toBe('the report could not be written');
    ui.model.context.notices.clear();
    expect(notice()?.text).toContain('no-workers: 3 commands wait');
    await become([]);
    expect(notice()?.text).toContain('no-workers has ended');
  });
});

describe('the bell and the title', () => {
  it('are left alone unless they are asked for', async () => {
    const ui = openConsole([staleRow('11', 'orphaned')]);
    await settle(ui);
    await ui.waitFor('stopped');
    ui.feed.put(staleRow('12', 'orphaned'));
    await ui.waitFor(() => ui.model.list.source.store.getState().counts.stale === 2);
    expect([ui.bells, ui.titles]).toEqual([0, []]);
  });

  it('report a batch that settles; a key takes the news from the title', async () => {
    const ui = openConsole([staleRow('11', 'orphaned')], { bell: true, title: true, profile: 'prod' });
    await ui.waitFor(() => ui.titles.at(-1) === '1 stale · noetl-console prod');
    await settle(ui);
    await ui.waitFor(() => ui.bells === 1);
    expect(ui.titles.at(-1)).toBe('■ cancelled 1 of 1; stopped · 1 stale · noetl-console prod');
    ui.press('j');
    expect(ui.titles.at(-1)).toBe('1 stale · noetl-console prod');
  });

  it('report more stale executions once, until the operator is back', async () => {
    const ui = openConsole([staleRow('11', 'orphaned')], { bell: true, title: true });
    const staleIs = (count: number) => ui.waitFor(() => ui.titles.at(-1)?.startsWith(`${count} stale`) === true);
    await staleIs(1);
    ui.feed.put(staleRow('12', 'orphaned'));
    await staleIs(2);
    ui.feed.put(staleRow('13', 'orphaned'));
    await staleIs(3);
    expect(ui.bells).toBe(1);
    ui.press('j');
    ui.feed.put(staleRow('14', 'orphaned', { path: 'etl/other' }));
    await staleIs(4);
    ui.feed.put(staleRow('15', 'orphaned'));
    await staleIs(5);
    expect(ui.bells).toBe(2);
  });
});

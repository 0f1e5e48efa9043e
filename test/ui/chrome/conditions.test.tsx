import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import type { Condition, EngineState } from '../../../source/domain/conditions/conditions.js';
import type { ConditionsService } from '../../../source/service/conditions.js';
import { CancelModel } from '../../../source/ui/cancel-dialog/cancel-model.js';
import { openConsole, type TestConsole } from '../helpers/console.js';
import { MINUTE, NOW, row, staleRow } from '../helpers/executions.js';

const NO_WORKERS: Condition = {
  code: 'no-workers',
  sentence: '3 commands wait (3 unclaimed) and none of 2 worker pools is alive; worker-\u001b[31m1 beat last, 4m ago',
  remedy: 'start a worker pool, then give it 10m to work off what waits',
  since: NOW - 4 * MINUTE,
  until: null,
  count: 3,
  names: ['worker-1'],
};
const RETURNED: Condition = {
  ...NO_WORKERS,
  code: 'workers-returned',
  sentence: 'worker-2 registered 3m ago: the engine may still be handing out what waited, 7m left',
  remedy: 'wait 7m: what is only late goes on by then',
  until: NOW + 7 * MINUTE + 30_000,
};

/** An engine that is what the test says at each look. */
class FakeEngine implements ConditionsService {
  conditions: readonly Condition[] = [];
  workers: EngineState['workers'] = { alive: 1, registered: 2 };
  looks = 0;
  failure: Error | null = null;
  read = async (): Promise<EngineState> => {
    this.looks += 1;
    if (this.failure) throw this.failure;
    return { asOf: NOW, conditions: this.conditions, unknown: [], workers: this.workers };
  };
}

const stale = [
  row('11'),
  staleRow('13', 'worker-lost'),
  staleRow('14', 'awaiting-callback'),
  staleRow('15', 'orphaned'),
];
function open(engine: FakeEngine, size?: { columns: number; rows: number }): TestConsole {
  return openConsole(stale, { conditions: engine, ...(size ? { size } : {}) });
}

describe('a condition of the engine', () => {
  it.each([
    [60, 20],
    [80, 24],
    [120, 40],
  ])(
    'has a line of its own above the list in every view at %i×%i, and the list keeps its place',
    async (columns, rows) => {
      const engine = new FakeEngine();
      engine.conditions = [NO_WORKERS];
      const ui = open(engine, { columns, rows });
      await ui.waitFor('no-workers');
      for (const view of ['1', '2', '3', '4']) {
        ui.press(view);
        await ui.waitFor(() => ui.lines[2]?.includes('no-workers') === true);
        expect(ui.lines[2]).toContain('no-workers · nothing is safe · 3 commands wait');
        expect(ui.frame.match(/nothing is safe/g)).toHaveLength(1);
        expect(ui.frame).not.toContain('\u001b[31m');
        const drawn = ui.frame.replace(/\n+$/, '').split('\n');
        expect(drawn.length).toBeLessThanOrEqual(rows);
        for (const line of drawn) expect(stringWidth(line)).toBeLessThanOrEqual(columns);
        // Tabs above, the state of the list and its heads below, the footer last.
        expect(ui.lines[1]).toContain('Stale');
        expect(ui.lines[3]).toMatch(/first|stale after/);
        expect(drawn.at(-1)).toContain('help');
      }
      ui.press('2');
      await ui.waitFor('worker-lost');
      // A click lands on the row that is drawn there.
      const first = ui.lines.findIndex((line) => line.includes('load_orders'));
      ui.click(20, first + 1);
      await ui.waitFor(() => ui.lines[first + 1]?.startsWith('▸') === true);
    },
  );

  it('goes when it ends, and the rows are judged again', async () => {
    const engine = new FakeEngine();
    engine.conditions = [NO_WORKERS];
    const ui = open(engine);
    await ui.waitFor('nothing is safe');
    const refreshes = ui.feed.refreshes;
    expect(refreshes).toBe(1);
    engine.conditions = [];
    await ui.model.context.engine.look();
    await ui.waitFor(() => !ui.frame.includes('nothing is safe'));
    expect(ui.feed.refreshes).toBe(refreshes + 1);
    await ui.model.context.engine.look();
    expect(ui.feed.refreshes).toBe(refreshes + 1);
  });

  it('stays while it cannot be looked at', async () => {
    const engine = new FakeEngine();
    engine.conditions = [NO_WORKERS];
    const ui = open(engine);
    await ui.waitFor('nothing is safe');
    engine.failure = new Error('connection refused');
    await ui.model.context.engine.look();
    expect(ui.frame).toContain('nothing is safe');
  });

  it('shows all that hold, by code first, and counts down by the clock', async () => {
    const engine = new FakeEngine();
    engine.conditions = [RETURNED, { ...NO_WORKERS, code: 'log-behind' }];
    const ui = open(engine, { columns: 60, rows: 20 });
    await ui.waitFor('workers-returned, 7m left + log-behind');
  });

  it('lets "mark safe" mark nothing, says why, and marks again when it has ended', async () => {
    const engine = new FakeEngine();
    engine.conditions = [NO_WORKERS];
    const ui = open(engine);
    await ui.waitFor('nothing is safe');
    ui.press('2');
    await ui.waitFor('worker-lost');
    expect(ui.frame).not.toContain('a marks');
    ui.press('a');
    await ui.waitFor('nothing marked (no-workers): start a worker pool');
    expect(ui.model.list.state.getState().marks.size).toBe(0);
    engine.conditions = [];
    await ui.model.context.engine.look();
    await ui.waitFor('a marks 2 safe');
    ui.press('a');
    await ui.waitFor('marked 2 stale executions');
    expect([...ui.model.list.state.getState().marks.keys()].sort()).toEqual(['13', '15']);
  });

  it('does not keep anyone from cancelling what was chosen', async () => {
    const engine = new FakeEngine();
    engine.conditions = [NO_WORKERS];
    const ui = open(engine);
    await ui.waitFor('nothing is safe');
    ui.press('2');
    await ui.waitFor('worker-lost');
    ui.press('c');
    await ui.waitFor(() => ui.fake.plans.length > 0);
    expect(ui.model.top).toBeInstanceOf(CancelModel);
  });

  it('that cannot be seen is said: worker liveness unknown', async () => {
    const engine = new FakeEngine();
    engine.workers = null;
    const ui = open(engine, { columns: 80, rows: 24 });
    await ui.waitFor('worker liveness unknown');
    expect(ui.frame).not.toContain('nothing is safe');
  });
});

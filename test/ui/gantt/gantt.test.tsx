import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { EventDetail } from '../../../source/store/event-store.js';
import { displayWidth } from '../../../source/text/width.js';
import { openConsole, TERMINAL_SIZES, type TestConsole } from '../helpers/console.js';
import { eventDetail } from '../helpers/events.js';
import { NOW, row } from '../helpers/executions.js';

const BEGAN = NOW - 100_000;

let ids = 100;
const event = (seconds: number, type: string, node: string, change: Partial<EventDetail> = {}): EventDetail =>
  eventDetail(++ids, { type, node, at: BEGAN + seconds * 1000, ...change });
const HOSTILE = 'boom\u001b]0;owned\u0007';
/** A loop of two, one of which fails, and a step that is still running. */
const events = (): EventDetail[] => [
  event(0, 'playbook_started', 'etl/root'),
  event(1, 'command.issued', 'fetch', { commandId: 'f0', iteration: 0 }),
  event(1, 'command.issued', 'fetch', { commandId: 'f1', iteration: 1 }),
  event(2, 'command.claimed', 'fetch', { commandId: 'f0', workerId: 'worker-1' }),
  event(30, 'command.completed', 'fetch', { commandId: 'f0', workerId: 'worker-1' }),
  event(31, 'command.claimed', 'fetch', { commandId: 'f1', workerId: 'worker-2' }),
  event(50, 'command.failed', 'fetch', { commandId: 'f1', workerId: 'worker-2', error: HOSTILE }),
  event(55, 'command.issued', 'call_child\u202e', { commandId: 'c' }),
  event(60, 'command.claimed', 'call_child\u202e', { commandId: 'c', workerId: 'worker-1' }),
];
const family = [
  row('1', { path: 'etl/root', startedAt: BEGAN }),
  row('2', { path: 'etl/child', parentExecutionId: '1', startedAt: BEGAN + 62_000 }),
  row('3', {
    path: 'etl/done',
    parentExecutionId: '2',
    startedAt: BEGAN + 70_000,
    status: 'COMPLETED',
    endedAt: BEGAN + 80_000,
  }),
];
const links = [
  { parent: '1', child: '2' },
  { parent: '2', child: '3' },
];

function open(options: ConstructorParameters<typeof TestConsole>[1] = {}, keys = ['e', 'b']): TestConsole {
  const ui = openConsole(family, {
    ...options,
    prepare: (fake) => {
      fake.events.push(...events());
      fake.links.push(...links);
    },
  });
  ui.press('G', ...keys);
  return ui;
}
const lineOf = (ui: TestConsole, text: string) =>
  ui.lines.map(stripVTControlCharacters).find((line) => line.includes(text)) ?? '';

describe.each(TERMINAL_SIZES)('bars at %i×%i', (columns, rows) => {
  it('fit by step, by iteration and for the tree, and obey nothing of the database', async () => {
    const ui = open({ size: { columns, rows } });
    const expectFits = () => {
      expect(ui.lines).toHaveLength(rows);
      for (const line of ui.lines) expect(displayWidth(stripVTControlCharacters(line))).toBeLessThanOrEqual(columns);
      expect(ui.frame).not.toContain('\u001b]0;');
      expect(ui.frame).not.toContain('\u202e');
    };
    await ui.waitFor(/fetch ×2 .*█+.*✗/);
    expectFits();
    ui.press('j', 'j');
    await ui.waitFor(/▸.*call_chil/);
    // It is at work until its child begins, and waits from then on.
    await ui.waitFor(/call_chil.*█─+»/);
    await ui.waitFor(/waits .+ on 1 child: 2 etl\/child/);
    ui.press('t');
    await ui.waitFor('fetch[1]');
    expect(lineOf(ui, 'fetch[1]')).toMatch(/░+█+✗/);
    ui.press('g', 'j', 'j');
    await ui.waitFor('failed: boom␛]0;owned␇');
    await ui.waitFor(/waited\s30.0s/);
    expectFits();
    ui.press('t');
    await ui.waitFor('whole tree');
    await ui.waitFor('etl/done');
    expect(lineOf(ui, '● etl/root')).toMatch(/█+─+»/);
    expectFits();
  });
});

describe('keys', () => {
  it('lead from a step to its iterations, to the event itself, and back', async () => {
    const ui = open();
    await ui.waitFor('by step');
    await ui.waitFor('fetch ×2');
    ui.press('j', 'enter');
    await ui.waitFor(/▸.*fetch\[0\]/);
    ui.press('j', 'enter');
    await ui.waitFor('Events of 1');
    await ui.waitFor(/▸.*command.issued +fetch\[1\]/);
    ui.press('escape');
    await ui.waitFor(/▸.*fetch\[1\]/);
    ui.press('escape');
    await ui.waitFor(/▸.*fetch ×2/);
    ui.press('escape');
    await ui.waitFor('Events of 1');
  });

  it('lead from the tree to the bars of an execution, and cancel what is under the cursor', async () => {
    const ui = open({}, ['enter', 'b']);
    await ui.waitFor('whole tree');
    await ui.waitFor('etl/child');
    ui.press('j', 'c');
    await ui.waitFor('1 chosen');
    expect(ui.fake.plans.every((plan) => plan.ids.join() === '2')).toBe(true);
    ui.press('escape');
    await ui.waitFor('whole tree');
    ui.press('enter');
    await ui.waitFor('Bars of 2');
    ui.press('e');
    await ui.waitFor('Events of 2');
  });

  it('take in what comes, but not while paused', async () => {
    const ui = open();
    await ui.waitFor('fetch ×2');
    ui.press('p');
    await ui.waitFor('paused (p resumes)');
    ui.fake.events.push(event(90, 'command.issued', 'late', { commandId: 'l' }));
    ui.press('p');
    await ui.waitFor(/◔ late/);
  });
});

describe('a long execution', () => {
  it('of 10,000 events is laid out within a frame or two of its query, and grows without reading it again', async () => {
    const ui = openConsole(family, {
      prepare: (fake) => {
        for (let at = 0; at < 2500; at++) {
          const change = { commandId: `c${at}`, iteration: at, workerId: `w${at % 16}` };
          fake.events.push(
            event(at, 'command.issued', 'item', change),
            event(at + 1, 'command.claimed', 'item', change),
            event(at + 1, 'command.started', 'item', change),
            event(at + 2, 'command.completed', 'item', change),
          );
        }
      },
    });
    ui.press('G', 'e', 'b');
    await ui.waitFor('item ×2500');
    ui.press('t');
    await ui.waitFor('item[9]');
    const begun = performance.now();
    ui.press('G');
    await ui.waitFor('item[2499]');
    // 16 ms on an idle machine; quadratic work on 2,500 commands would take seconds.
    expect(performance.now() - begun).toBeLessThan(1000);
  });
});

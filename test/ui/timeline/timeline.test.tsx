import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { EventDetail } from '../../../source/store/event-store.js';
import { displayWidth } from '../../../source/text/width.js';
import { openConsole, TERMINAL_SIZES, type TestConsole } from '../helpers/console.js';
import { eventDetail } from '../helpers/events.js';
import { NOW, row, staleRow } from '../helpers/executions.js';

const event = (id: number, change: Partial<EventDetail> = {}): EventDetail =>
  eventDetail(id, {
    type: 'command.started',
    node: 'load',
    status: 'STARTED',
    workerId: 'worker-1',
    at: NOW - 1000,
    nodeType: 'http',
    commandId: 'c1',
    ...change,
  });
const steps = (count: number, change: (id: number) => Partial<EventDetail> = () => ({})) =>
  Array.from({ length: count }, (_, index) => event(1001 + index, { node: `step-${index + 1}`, ...change(index + 1) }));

function open(events: readonly EventDetail[], options: ConstructorParameters<typeof TestConsole>[1] = {}): TestConsole {
  const ui = openConsole([staleRow('9', 'orphaned')], { ...options, prepare: (fake) => fake.events.push(...events) });
  ui.press('e');
  return ui;
}
const cursorLine = (ui: TestConsole) => ui.lines.map(stripVTControlCharacters).find((line) => line.includes('▸')) ?? '';
const failure = (id: number): Partial<EventDetail> =>
  id % 150 === 0 ? { type: 'command.failed', status: 'FAILED', error: `disk full ${id}` } : {};

describe('the timeline', () => {
  it('stays at the newest event while it follows, and stays where it is when it does not', async () => {
    const ui = open(steps(60));
    await ui.waitFor('step-60');
    ui.fake.events.push(event(2000, { node: 'step-new' }));
    await ui.waitFor('step-new');
    ui.press('k', 'k');
    await ui.waitFor('not following');
    const shown = cursorLine(ui);
    ui.fake.events.push(event(2001, { node: 'step-newer' }));
    await ui.waitFor('62 events');
    expect(cursorLine(ui)).toBe(shown);
    ui.press('f');
    await ui.waitFor('step-newer');
  });

  it('says that the execution has ended once its end is read, and does not call it live again', async () => {
    const ui = open(steps(6000));
    await ui.waitFor('live, following');
    ui.fake.events.push(event(8000, { type: 'playbook.completed', node: null }));
    await ui.waitFor('ended as COMPLETED, following');
    ui.fake.events.push(event(9000, { type: 'command.completed', node: 'after-the-end' }));
    await ui.waitFor('after-the-end');
    ui.press('k');
    await ui.waitFor('ended as COMPLETED, not following (f follows)');
    ui.press('g');
    await ui.waitFor(/▸.*step-1 /);
    ui.press('f');
    await ui.waitFor('ended as COMPLETED, following');
    expect(ui.frame).not.toContain('live,');
  });

  it('takes from the feed an end that lies beyond the events it holds', async () => {
    const ended = row('9', { status: 'CANCELLED', endedAt: NOW });
    const ui = openConsole([ended], { view: 'all', prepare: (fake) => fake.events.push(...steps(10)) });
    ui.press('e');
    await ui.waitFor('ended as CANCELLED, following');
  });

  it('goes to the real ends, whatever has been read', async () => {
    const ui = open(steps(6000));
    await ui.waitFor('200 events, older above');
    ui.press('g');
    await ui.waitFor(/▸.*step-1 /);
    expect(ui.lines[1]).toContain('newer events below (G)');
    ui.fake.events.push(event(9000, { node: 'the-newest' }));
    ui.press('G');
    await ui.waitFor(/▸.*the-newest/);
    expect(ui.lines[1]).toContain('live, following');
    ui.press('g');
    await ui.waitFor(/▸.*step-1 /);
    ui.press('f');
    await ui.waitFor(/▸.*the-newest/);
  });

  it('reads on from a window in both directions', async () => {
    const ui = open(steps(700));
    await ui.waitFor('step-700');
    ui.press('g');
    await ui.waitFor(/▸.*step-1 /);
    for (let page = 0; page < 30; page++) {
      ui.press('pagedown');
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await ui.waitFor(/▸.*step-700/);
    await ui.waitFor('live, following');
    expect(ui.lines[1]).toContain('700 events');
  });

  it('is one pause for the whole console, and never live meanwhile', async () => {
    const ui = open(steps(5));
    await ui.waitFor('live, following');
    ui.press('p');
    await ui.waitFor('paused (p resumes)');
    expect(ui.frame).not.toContain('live, following');
    expect(ui.frame).not.toContain('● live');
    ui.fake.events.push(event(2000, { node: 'meanwhile' }));
    await new Promise((resolve) => setTimeout(resolve, 1200));
    expect(ui.frame).not.toContain('meanwhile');
    // The end that was asked for is the real one.
    ui.press('G');
    await ui.waitFor('meanwhile');
    expect(ui.lines[1]).toContain('paused');
    ui.fake.events.push(event(2001, { node: 'later' }));
    ui.press('p');
    await ui.waitFor('later');
    expect(ui.lines[1]).toContain('live');
  });

  it('reads no payload before the reveal key was pressed twice, and then of the opened event only', async () => {
    const ui = open(steps(5));
    await ui.waitFor('step-5');
    ui.press('enter');
    await ui.waitFor('are masked');
    ui.press('x');
    await ui.waitFor('press x again to show them');
    ui.press('k', 'x');
    await ui.waitFor('press x again to show them');
    expect(ui.fake.reads).not.toContain('eventsOf with payloads');
    expect(ui.frame).not.toContain('s3cret');
    ui.press('x');
    await ui.waitFor('s3cret');
    expect(ui.fake.reads.filter((read) => read === 'eventsOf with payloads')).toHaveLength(1);
    ui.press('x');
    await ui.waitFor(() => !ui.frame.includes('s3cret'));
  });

  it('shows times in UTC or by the local clock, says which, and begins with the one that is set', async () => {
    const before = process.env.TZ;
    process.env.TZ = 'Asia/Kolkata';
    try {
      const ui = open([event(5, { at: Date.UTC(2026, 7, 1, 20, 0, 5) })], { time: 'local' });
      await ui.waitFor(/TIME \+05:30/);
      expect(cursorLine(ui)).toContain('08-02 01:30:05');
      ui.press('z', 'enter');
      await ui.waitFor(/TIME UTC/);
      expect(cursorLine(ui)).toContain('▸ 20:00:05');
      await ui.waitFor(/at +2026-08-01 20:00:05.000 UTC/);
      ui.press('z');
      await ui.waitFor(/at +2026-08-02 01:30:05.000 UTC\+05:30/);
    } finally {
      if (before === undefined) delete process.env.TZ;
      else process.env.TZ = before;
    }
  });
});

describe('failures', () => {
  it('are gone through down and up in the whole log, and on from its other end', async () => {
    const ui = open(steps(600, failure));
    await ui.waitFor('step-600');
    expect(cursorLine(ui)).toContain('disk full 600');
    ui.press('[');
    await ui.waitFor(/▸.*disk full 450/);
    ui.press('[');
    await ui.waitFor(/▸.*disk full 300/);
    ui.press('[');
    await ui.waitFor(/▸.*disk full 150/);
    ui.press('[');
    await ui.waitFor(/▸.*disk full 600/);
    await ui.waitFor('last failure: none further up');
    ui.press(']');
    await ui.waitFor(/▸.*disk full 150/);
  });

  it('are all that is shown when asked, and the rest comes back around the same one', async () => {
    const ui = open(steps(600, failure));
    await ui.waitFor('step-600');
    ui.press('!');
    await ui.waitFor('ERRORS ONLY');
    await ui.waitFor('4 events');
    expect(ui.frame).toContain('disk full 150');
    expect(ui.frame).not.toContain('step-599');
    ui.press('g', '!');
    await ui.waitFor(/▸.*disk full 150/);
    await ui.waitFor('step-149 ');
    expect(ui.frame).not.toContain('ERRORS ONLY');
  });

  it('say that there are none', async () => {
    const ui = open(steps(5));
    await ui.waitFor('step-5');
    ui.press('!');
    await ui.waitFor('No event reports a failure');
    ui.press('escape');
    await ui.waitFor('step-5');
    ui.press(']');
    await ui.waitFor('no failure');
  });
});

describe('a search', () => {
  it('finds in the whole log, goes on with n and N, and is taken back by Esc', async () => {
    const ui = open(steps(900, (id) => (id === 7 || id === 500 ? { workerId: 'Worker-Odd' } : {})));
    await ui.waitFor('step-900');
    ui.press('/');
    await ui.waitFor('Enter searches all events');
    ui.type('worker-ODD');
    ui.press('enter');
    await ui.waitFor(/▸•.*step-7 /);
    ui.press('n');
    await ui.waitFor(/▸•.*step-500/);
    ui.press('n');
    await ui.waitFor(/▸•.*step-7 /);
    await ui.waitFor('none further down');
    ui.press('N');
    await ui.waitFor(/▸•.*step-500/);
    expect(ui.lines[1]).toContain('/worker-ODD (n, N)');
    ui.press('escape');
    await ui.waitFor(() => !ui.frame.includes('/worker-ODD'));
    ui.press('escape');
    await ui.waitFor('[1 Active');
  });

  it('says that nothing matches, and takes letters for text', async () => {
    const ui = open(steps(5));
    await ui.waitFor('step-5');
    ui.press('n');
    await ui.waitFor('nothing to search for yet');
    ui.press('/');
    ui.type('q!c');
    await ui.waitFor('q!c');
    ui.press('enter');
    await ui.waitFor('no match for "q!c"');
    expect(ui.hasQuit).toBe(false);
  });
});

const HOSTILE = 'boom\u001b]0;owned\u0007\nsecond';
describe.each(TERMINAL_SIZES)('at %i×%i', (columns, rows) => {
  const events = [
    event(1, { type: 'playbook.initialized', at: 0, node: 'extract', status: null, workerId: null }),
    event(2, { type: 'command.completed', durationMs: 2500, iteration: 3, at: 1 }),
    event(3, { type: 'call.error', status: 'FAILED', error: HOSTILE, node: 'x\u202e', at: 2 }),
  ];
  it('aligns its columns, says the error first, and obeys nothing of the database', async () => {
    const ui = open(events, { size: { columns, rows } });
    await ui.waitFor('playbook.initialized');
    const lines = ui.lines.map(stripVTControlCharacters);
    for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(columns);
    expect(lines).toHaveLength(rows);
    const lineOf = (text: string) => lines.find((line) => line.includes(text)) ?? '';
    const heading = lineOf('TIME UTC');
    for (const type of ['playbook.initialized', 'command.completed', 'call.error']) {
      expect(lineOf(type).indexOf(type)).toBe(heading.indexOf('EVENT'));
    }
    expect(lineOf('playbook.initialized').indexOf('extract')).toBe(heading.indexOf('STEP'));
    expect(lineOf('command.completed')).toContain('load[3]');
    // At 60 columns the error comes before the step, elsewhere right after it.
    const error = lineOf('call.error').indexOf('boom␛');
    expect(error).toBe(columns === 60 ? heading.indexOf('STEP') : heading.indexOf('STATUS'));
    if (columns >= 80) expect(lineOf('command.completed').indexOf('2.5s')).toBe(heading.indexOf('TOOK'));
    ui.press('enter');
    await ui.waitFor(/error +boom␛\]0;owned␇␊second/);
    expect(ui.frame).not.toContain('\u001b]0;');
    expect(ui.frame).not.toContain('\u202e');
    for (const line of ui.lines) expect(displayWidth(line)).toBeLessThanOrEqual(columns);
    expect(ui.lines).toHaveLength(rows);
    // The opened event takes what it needs: the list keeps the rows that are left.
    expect(ui.frame).toContain('playbook.initialized');
    expect(ui.frame).toContain('(asks first)');
  });
});

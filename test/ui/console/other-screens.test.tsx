import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { EventDetail } from '../../../source/store/event-store.js';
import { openConsole, type TestConsole } from '../helpers/console.js';
import { NOW, row, staleRow } from '../helpers/executions.js';

const family = [
  row('1', { path: 'etl/root', startedAt: NOW }),
  row('2', { path: 'etl/child', parentExecutionId: '1', startedAt: NOW - 2000 }),
  row('3', { path: 'etl/grandchild', parentExecutionId: '2', startedAt: NOW - 3000 }),
  row('4', { path: 'etl/done', parentExecutionId: '1', status: 'COMPLETED', endedAt: NOW, startedAt: NOW - 1000 }),
];
const links = [
  { parent: '1', child: '2' },
  { parent: '2', child: '3' },
  { parent: '1', child: '4' },
  { parent: '3', child: '1' },
  { parent: '2', child: '77' },
];
const tree = () => {
  const ui = openConsole(family, { prepare: (fake) => fake.links.push(...links) });
  ui.press('g', 'enter');
  return ui;
};
const lineOf = (ui: TestConsole, text: string) => ui.lines.find((line) => line.includes(text)) ?? '';

describe('the tree', () => {
  it('shows depth, what is live and what ended, cycles, and executions without rows', async () => {
    const ui = tree();
    await ui.waitFor('executions, 3 not');
    expect(lineOf(ui, 'etl/root')).toContain('▾');
    expect(lineOf(ui, 'etl/done')).toContain('✓ COMPLETED');
    expect(ui.frame).toContain('↺ CYCLE');
    expect(ui.frame).toContain('already shown above');
    expect(ui.frame).toContain('no rows in the event table');
    expect(ui.frame).toContain('5 executions, 3 not ended');
  });

  it('folds and unfolds, and goes to the parent', async () => {
    const ui = tree();
    await ui.waitFor('executions, 3 not');
    ui.press('z');
    await ui.waitFor(() => !ui.frame.includes('etl/grandchild'));
    expect(lineOf(ui, 'etl/child')).toContain('▸');
    ui.press('Z');
    await ui.waitFor('etl/grandchild');
    ui.press('h');
    await ui.waitFor(() => !ui.frame.includes('etl/child'));
    ui.press('l', 'j', 'h');
    await ui.waitFor(() => ui.frame.includes('etl/child'));
  });

  it('hides what has ended', async () => {
    const ui = tree();
    await ui.waitFor('executions, 3 not');
    ui.press('t');
    await ui.waitFor('LIVE BRANCHES ONLY');
    expect(ui.frame).not.toContain('etl/done');
    expect(ui.frame).toContain('etl/grandchild');
  });

  it('marks a sub-tree, cancels it, and comes back', async () => {
    const ui = tree();
    await ui.waitFor('executions, 3 not');
    ui.press('m');
    await ui.waitFor('5 marked');
    ui.press('c');
    await ui.waitFor(/Cancels 3 executions/);
    expect(ui.frame).toContain('Already ended, skipped: 1 COMPLETED');
    expect(ui.frame).toContain('Not found: 77');
    ui.press('escape');
    await ui.waitFor('Tree of 1');
    ui.press('escape');
    ui.press('escape');
    await ui.waitFor('[1 Active');
  });

  it('cancels the execution under the cursor', async () => {
    const ui = tree();
    await ui.waitFor('executions, 3 not');
    ui.press('j', 'c');
    await ui.waitFor('1 chosen');
    expect(ui.fake.plans.every((plan) => plan.ids.join() === '2')).toBe(true);
  });

  it('says that it could not be read, and that there is nothing', async () => {
    const failing = openConsole(family, {
      prepare: (fake) => Object.assign(fake, { storeFailure: new Error('took too long') }),
    });
    failing.press('enter');
    await failing.waitFor('The tree could not be read');
    expect(failing.frame).toContain('took too long');
  });
});

const event = (id: number, change: Partial<EventDetail> = {}): EventDetail => ({
  eventId: String(id),
  type: 'command.started',
  node: 'load',
  status: 'STARTED',
  workerId: 'worker-1',
  at: NOW - 1000,
  nodeType: 'http',
  durationMs: null,
  commandId: 'c1',
  error: null,
  payload: null,
  ...change,
});

describe('the timeline', () => {
  const timeline = (count: number) => {
    const ui = openConsole([staleRow('9', 'orphaned')], {
      prepare: (fake) => {
        for (let id = 1; id <= count; id += 1) fake.events.push(event(1000 + id, { node: `step-${id}` }));
      },
    });
    ui.press('e');
    return ui;
  };

  it('stays at the newest event while it follows, and stays where it is when it does not', async () => {
    const ui = timeline(60);
    await ui.waitFor('step-60');
    ui.fake.events.push(event(2000, { node: 'step-new' }));
    await ui.waitFor('step-new');
    ui.press('k', 'k');
    await ui.waitFor('not following');
    const shown = lineOf(ui, '▸');
    ui.fake.events.push(event(2001, { node: 'step-newer' }));
    await ui.waitFor(() => ui.frame.includes('62 events'));
    expect(lineOf(ui, '▸')).toBe(shown);
    ui.press('f');
    await ui.waitFor('step-newer');
  });

  it('pages back to the first event', async () => {
    const ui = timeline(450);
    await ui.waitFor('200 events, older events above');
    ui.press('g');
    await ui.waitFor('400 events');
    ui.press('g');
    await ui.waitFor('450 events');
    ui.press('g');
    await ui.waitFor('step-1 ');
    expect(ui.frame).not.toContain('older events above');
  });

  it('reads no payload before the reveal key was pressed twice, and then of the opened event only', async () => {
    const ui = timeline(5);
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

  it('shows errors and payloads of the database without obeying them', async () => {
    const ui = openConsole([staleRow('9', 'orphaned')], {
      prepare: (fake) => fake.events.push(event(5, { error: 'boom\u001b]0;owned\u0007\nsecond', node: 'x\u202e' })),
    });
    ui.press('e', 'enter');
    await ui.waitFor('boom␛]0;owned␇␊second');
    expect(ui.frame).not.toContain('\u001b]0;');
    expect(ui.frame).not.toContain('\u202e');
  });
});

describe('an opened event at 60 columns', () => {
  it('is shown line by line, and its time stands apart from its type', async () => {
    const ui = openConsole([staleRow('9', 'orphaned')], {
      size: { columns: 60, rows: 24 },
      prepare: (fake) => fake.events.push(event(5, { at: 0, type: 'playbook.initialized', node: 'extract' })),
    });
    ui.press('e');
    await ui.waitFor('01-01 00:00:00 playbook.initialized');
    expect(ui.lines[1]).toContain('1 events · following');
    ui.press('enter');
    await ui.waitFor(/at +1970-01-01T00:00:00.000Z/);
    expect(ui.frame).toMatch(/node +extract/);
    expect(ui.frame).toContain('(asks first)');
  });
});

describe('help', () => {
  it('is made from the keymap in force', async () => {
    const ui = openConsole(family, { size: { columns: 120, rows: 200 }, keys: { cancel: 'X' } });
    ui.press('?');
    await ui.waitFor('From stuck to stopped');
    expect(ui.frame).toMatch(/X +cancel the marked executions/);
    expect(ui.frame).toContain('awaiting-callback');
    ui.press('escape');
    await ui.waitFor('[1 Active');
  });

  it('says in a read-only console what is absent', async () => {
    const ui = openConsole(family, { readOnly: true, size: { columns: 120, rows: 200 } });
    ui.press('?');
    await ui.waitFor('not available: cancel');
  });

  it('says on the demo how other commands reach it', async () => {
    const ui = openConsole(family, { demo: true, size: { columns: 120, rows: 200 } });
    ui.press('?');
    await ui.waitFor('`noetl-console --demo <command>` in another terminal reaches this same demo');
    expect(ui.frame).toContain('`noetl-console demo`');
  });
});

describe('a batch', () => {
  it('can be written into a report, which is never written over another', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'noetl-console-report-'));
    try {
      const ui = openConsole(family, { reportDirectory: directory });
      ui.press('c');
      await ui.waitFor('Cancels 1 execution');
      ui.confirm(1);
      await ui.waitFor('Cancelling');
      ui.press('o');
      await ui.waitFor('report not written: the batch has not finished');
      const [run] = ui.fake.runs;
      if (run) ui.fake.finish(run);
      await ui.waitFor('Cancelled');
      ui.press('o');
      await ui.waitFor('report written');
      const files = readdirSync(directory);
      expect(files).toHaveLength(1);
      expect(readFileSync(join(directory, files[0] ?? ''), 'utf8')).toContain('ann@ops');
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

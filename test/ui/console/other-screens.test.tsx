import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import type { TreeModel } from '../../../source/ui/tree/tree-model.js';
import { openConsole, type TestConsole } from '../helpers/console.js';
import { NOW, row } from '../helpers/executions.js';

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

  it.each([60, 80, 120, 200])("has the list's columns and panel at %i columns, and fits", async (columns) => {
    const ui = openConsole(family, { size: { columns, rows: 24 }, prepare: (fake) => fake.links.push(...links) });
    ui.press('g', 'enter');
    await ui.waitFor('executions, 3 not');
    expect(ui.lines[2]).toMatch(/STATUS .*EXECUTION .*PLAYBOOK .*SILENT/);
    if (columns >= 120) expect(ui.lines[2]).toMatch(/RUN.* STEP .*LIVE\/ALL .*WHY/);
    expect(lineOf(ui, '── 1 ')).toContain('etl/root');
    for (const line of ui.lines) expect(stringWidth(line)).toBeLessThanOrEqual(columns);
    expect(ui.lines.length).toBeLessThanOrEqual(24);
  });

  it('shows live branches first, and points at what is clicked', async () => {
    const older = [...family.slice(0, 1), ...family.slice(1).reverse()];
    const ui = openConsole(older, { prepare: (fake) => fake.links.push({ parent: '1', child: '4' }, ...links) });
    ui.press('g', 'enter');
    await ui.waitFor('executions, 3 not');
    const at = (text: string) => ui.lines.findIndex((line) => line.includes(text));
    expect(at('etl/done')).toBeGreaterThan(at('etl/grandchild'));
    ui.click(5, at('etl/done'));
    await ui.waitFor(() => lineOf(ui, 'etl/done').startsWith('▸'));
  });

  it("says why of a runaway in the list's words, in its column and in the panel, and to the cancel dialog", async () => {
    const sentence = '`poll` issued 99 times in 40m; at most 12 in its last 50 runs';
    const ui = openConsole(family, {
      prepare: (fake) => {
        fake.links.push(...links);
        const evidence = { commandId: null, workerId: null, isAtLeast: false, usual: 12, baselineRuns: 50 };
        for (const executionId of ['2', '4']) {
          fake.runaways.set(executionId, {
            executionId,
            code: 'repeating',
            evidence: { ...evidence, sentence, node: 'poll', observed: 99 },
            also: [],
            rate: null,
          });
        }
      },
    });
    await ui.waitFor('! repeating');
    ui.press('g', 'enter');
    await ui.waitFor('executions, 3 not');
    await ui.waitFor(() => lineOf(ui, 'etl/child').includes('! repeating'));
    expect(lineOf(ui, 'etl/root')).not.toContain('repeating');
    expect(lineOf(ui, 'etl/done')).not.toContain('repeating');
    ui.press('j');
    await ui.waitFor(`repeating: ${sentence}`);
    ui.press('c');
    await ui.waitFor(/1 is running away/);
  });

  it('shows the tree where what runs away cannot be read', async () => {
    const ui = openConsole(family, {
      prepare: (fake) => {
        fake.links.push(...links);
        fake.runaways.get = () => {
          throw new Error('permission denied');
        };
      },
    });
    ui.press('g', 'enter');
    await ui.waitFor('executions, 3 not');
    await ui.waitFor(() => ui.fake.reads.lastIndexOf('runaway') > ui.fake.reads.lastIndexOf('linksBelow'));
    const top = ui.model.top as TreeModel;
    expect(top.state.getState()).toMatchObject({ problem: null, loading: false });
    expect(ui.frame).toContain('5 executions, 3 not ended');
  });

  it('goes to the parent, and from the root into the tree of its parent', async () => {
    const ui = tree();
    await ui.waitFor('executions, 3 not');
    ui.press('j', 'j');
    await ui.waitFor(() => lineOf(ui, 'etl/grandchild').startsWith('▸'));
    ui.press('P');
    await ui.waitFor(() => lineOf(ui, 'etl/child').startsWith('▸'));
    ui.press('P', 'P');
    await ui.waitFor('this execution has no parent');
    ui.press('escape');
    ui.model.context.open('tree', '2');
    await ui.waitFor('Tree of 2');
    await ui.waitFor('etl/grandchild');
    ui.press('P');
    await ui.waitFor('Tree of 1');
    await ui.waitFor(() => lineOf(ui, 'etl/child').startsWith('▸'));
    ui.press('escape');
    await ui.waitFor('Tree of 2');
  });

  it('says which ancestor waits for what a cancel would end', async () => {
    const ui = tree();
    await ui.waitFor('executions, 3 not');
    expect(ui.frame).not.toContain('frees or fails');
    ui.press('j');
    await ui.waitFor('a cancel here frees or fails step load of 1, which waits for it');
    ui.press('m');
    await ui.waitFor(/cancelling these \d frees or fails step load of 1/);
    ui.press('u');
    await ui.waitFor('unmarked: u marks them again');
    ui.press('u');
    await ui.waitFor('marked again');
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

describe('help', () => {
  it('is made from the keymap in force', async () => {
    const ui = openConsole(family, { size: { columns: 120, rows: 260 }, keys: { cancel: 'X' } });
    ui.press('?');
    await ui.waitFor('From stuck to stopped');
    expect(ui.frame).toMatch(/X +cancel the marked executions/);
    expect(ui.frame).toContain('awaiting-callback');
    ui.press('escape');
    await ui.waitFor('[1 Active');
  });

  it('says in a read-only console what is absent', async () => {
    const ui = openConsole(family, { readOnly: true, size: { columns: 120, rows: 260 } });
    ui.press('?');
    await ui.waitFor('not available: cancel');
  });

  it('says on the demo how other commands reach it', async () => {
    const ui = openConsole(family, { demo: true, size: { columns: 120, rows: 260 } });
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
      await ui.waitFor('no report yet: the batch has not finished');
      const [run] = ui.fake.runs;
      if (run) ui.fake.finish(run);
      await ui.waitFor('Cancelled');
      ui.press('o');
      await ui.waitFor('Cancellation of');
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

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cancelRows, execution } from '../cli/helpers/executions.js';
import { createStage, expectFits, goToButton, type Stage } from './console-stage.js';
import { mouseBytes, pasteBytes } from './key-bytes.js';

let stage: Stage;

beforeAll(async () => {
  stage = await createStage();
});
beforeEach(() => stage.reset());
afterEach(() => stage.program.closeAll());
afterAll(() => stage.close());

describe('what is live', () => {
  it('a new execution appears, and the cursor stays on its execution', async () => {
    const terminal = await stage.program.open({ columns: 100, rows: 30 });
    await terminal.waitFor(stage.sample().root);
    const cursor = () => terminal.screen().find((line) => line.startsWith('▸'));
    terminal.press('down');
    await terminal.waitFor('2/5');
    const before = /\d{15,}/.exec(cursor() ?? '')?.[0];
    const added = await execution(stage.db, { path: 'etl/brand_new', ago: 0 });
    await terminal.waitFor('etl/brand_new');
    expect(terminal.text()).toContain(added);
    expect(cursor()).toContain(before);
  });

  it('a resize in the middle of a dialog keeps what was typed', async () => {
    const terminal = await stage.openDialog();
    terminal.press('half a rea');
    await terminal.waitFor('half a rea');
    for (const [columns, rows] of [
      [60, 20],
      [150, 45],
      [30, 6],
      [80, 24],
    ] as const) {
      terminal.resize(columns, rows);
      if (columns >= 60) await expectFits(terminal, columns, rows);
      else await terminal.waitFor(/small|60/);
    }
    await terminal.waitFor('half a rea');
    await expectFits(terminal, 80, 24);
  });

  it('a terminal that is too small says so, and recovers', async () => {
    const terminal = await stage.program.open({ columns: 100, rows: 30 });
    terminal.resize(20, 5);
    await terminal.waitFor(/needs\s+60/);
    terminal.resize(100, 30);
    await terminal.waitFor(stage.sample().root);
    await expectFits(terminal, 100, 30);
  });

  it('a window made small and large again in one go shows everything again', async () => {
    const terminal = await stage.program.open({ columns: 100, rows: 30 });
    await terminal.waitFor(stage.sample().root);
    for (let turn = 0; turn < 5; turn++) {
      terminal.resize(20, 5);
      terminal.resize(100, 30);
      await terminal.waitFor(stage.sample().root);
      await terminal.waitFor('● live');
      await expectFits(terminal, 100, 30);
    }
  });
});

describe('nothing is written', () => {
  it('by Esc, wherever it is pressed before the last Enter', async () => {
    const terminal = await stage.openDialog();
    terminal.press('why not');
    await goToButton(terminal);
    terminal.press('escape');
    await terminal.waitFor('1/1');
    expect(await cancelRows(stage.db)).toBe(0);
  });

  it('in read-only mode, which says why', async () => {
    const terminal = await stage.program.open({ args: ['--read-only'], columns: 100, rows: 30 });
    await terminal.waitFor(stage.sample().root);
    terminal.press('c');
    await terminal.waitFor(/read.only/i);
    expect(terminal.text()).not.toContain('[ Cancel');
  });
});

describe('what comes from the database or the clipboard', () => {
  it('is shown and never obeyed', async () => {
    const terminal = await stage.program.open({ columns: 200, rows: 50 });
    terminal.press('2');
    await terminal.waitFor('␛');
    expect(terminal.output()).not.toContain('\u001b]0;');
    expect(terminal.output()).not.toContain('\u202e');
  });

  it('a pasted reason comes whole, and its line ends press nothing', async () => {
    const terminal = await stage.openDialog();
    const reason = `The source bucket was wrong,\rsee the incident. ${'x'.repeat(300)} end`;
    terminal.send(pasteBytes(reason));
    await terminal.waitFor('end');
    await terminal.waitForIdle();
    expect(terminal.text()).toContain('[ Cancel 3 executions ]');
    expect(await cancelRows(stage.db)).toBe(0);
  });

  it('the wheel and a click move the cursor', async () => {
    const terminal = await stage.program.open({ columns: 100, rows: 30 });
    await terminal.waitFor(stage.sample().root);
    await terminal.waitForIdle();
    const line = terminal.screen().findIndex((text) => text.includes(stage.sample().root));
    terminal.send(mouseBytes('press', 20, line));
    await terminal.waitFor((text) => text.split('\n')[line]?.startsWith('▸') === true);
  });
});

describe('for a screen reader', () => {
  it("Ink's variable gives the words line by line, none of them broken in two, and keys work", async () => {
    const terminal = await stage.program.open({ columns: 100, rows: 30, env: { INK_SCREEN_READER: 'true' } });
    await terminal.waitFor(`● RUNNING ${stage.sample().root} ops/reconcile`);
    expect(terminal.screen()[0]).toMatch(/^\S+@\S+ · cancels via table · workers – ● live$/);
    expect(terminal.text()).toContain('? help');
    terminal.press('2');
    await terminal.waitFor('[2 Stale');
    terminal.press('q');
    expect((await terminal.waitForExit()).exitCode).toBe(0);
  });
});

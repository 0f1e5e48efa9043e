import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { mouseBytes, pasteBytes } from './key-bytes.js';
import { buildProbe, expectRestored, expectWholeScreen, type Probe } from './probe.js';

let probe: Probe;

beforeAll(async () => {
  probe = await buildProbe();
});
afterEach(() => probe.closeAll());
afterAll(() => probe.program.remove());

describe('what is on the screen', () => {
  for (const [columns, rows] of [
    [60, 20],
    [80, 24],
    [120, 40],
    [200, 50],
  ] as const) {
    it(`is the frame at ${columns}×${rows}, and after a selection has moved`, async () => {
      const terminal = await probe.open({ columns, rows });
      await terminal.waitForIdle();
      expectWholeScreen(terminal, columns, rows);
      terminal.press('down', 'down', 'down', 'up');
      await terminal.waitFor('events 4');
      await terminal.waitForIdle();
      expectWholeScreen(terminal, columns, rows);
      const highlighted = terminal.cells().map((line) => line.every((cell) => cell.background.kind === 'palette'));
      expect(highlighted.map((isOn, row) => (isOn ? row : -1)).filter((row) => row >= 0)).toEqual([4]);
    });
  }

  it('is whole after every resize, without a line of the size before', async () => {
    const terminal = await probe.open();
    for (const [columns, rows] of [
      [60, 20],
      [200, 50],
      [80, 24],
      [79, 24],
      [80, 25],
      [40, 8],
      [120, 40],
    ] as const) {
      terminal.resize(columns, rows);
      await terminal.waitFor(`last line of ${rows}`);
      await terminal.waitFor(`size ${columns}x${rows}`);
      await terminal.waitForIdle();
      expectWholeScreen(terminal, columns, rows);
    }
  });

  it('survives a terminal of one cell and recovers', async () => {
    const terminal = await probe.open();
    terminal.resize(2, 1);
    await terminal.waitForIdle();
    terminal.resize(80, 24);
    await terminal.waitFor('last line of 24');
    await terminal.waitForIdle();
    expectWholeScreen(terminal, 80, 24);
  });

  it('never scrolls: the ordinary buffer is as it was', async () => {
    const terminal = await probe.open();
    terminal.press('down', 'down', 'q');
    await terminal.waitForExit();
    const lines = terminal.ordinaryLines().filter((line) => line !== '');
    expect(lines).toEqual(['ended quit  raw=false']);
  });
});

describe('for a screen reader', () => {
  it('the text comes line by line, changed lines whole, with the cursor visible', async () => {
    const terminal = await probe.open({ env: { PROBE_SCREEN_READER: '1' } });
    await terminal.waitForIdle();
    expect(terminal.modes()).toContain(25);
    expect(terminal.screen()[2]).toBe('row 0 ascii only | after end');
    const before = terminal.output().length;
    terminal.press('x');
    await terminal.waitFor('heard key x');
    await terminal.waitForIdle();
    expect(terminal.output().slice(before)).toContain('heard key x text="x"');
  });
});

describe('what is written', () => {
  it('stays far below a frame when a selection moves', async () => {
    const terminal = await probe.open({ columns: 200, rows: 50 });
    await terminal.waitForIdle();
    const before = terminal.bytesWritten();
    terminal.press('down');
    await terminal.waitFor('events 1');
    await terminal.waitForIdle();
    expect(terminal.bytesWritten() - before).toBeLessThan(1_024);
  });

  it('is a few cells when a few cells change', async () => {
    const terminal = await probe.open({ columns: 200, rows: 50 });
    terminal.press('x');
    await terminal.waitFor('events 1');
    await terminal.waitForIdle();
    const before = terminal.bytesWritten();
    terminal.press('z');
    await terminal.waitFor('key z');
    await terminal.waitForIdle();
    expect(terminal.bytesWritten() - before).toBeLessThan(80);
  });
});

describe('input', () => {
  it('tells keys from one another', async () => {
    const terminal = await probe.open();
    for (const key of ['a', 'G', '?', 'backspace', 'delete', 'f1', 'shift-tab', 'pageup', 'ctrl-t', 'alt-x', 'enter']) {
      terminal.press(key);
      await terminal.waitFor(`heard key ${key} `);
    }
    terminal.press('escape');
    await terminal.waitFor('heard key escape text=""');
  });

  it('takes a paste whole, also when it comes in pieces', async () => {
    const terminal = await probe.open();
    terminal.send(pasteBytes('one\rtwo q'));
    await terminal.waitFor('heard paste 9 "one\\ntwo q"');
    const long = pasteBytes('x'.repeat(9_000));
    for (let start = 0; start < long.length; start += 1_000) terminal.send(long.slice(start, start + 1_000));
    await terminal.waitFor('heard paste 9000 ');
  });

  it('hears the mouse when asked to', async () => {
    const terminal = await probe.open({ env: { PROBE_MOUSE: '1' } });
    expect(terminal.modes()).toContain(1006);
    terminal.send(mouseBytes('press', 120, 3));
    await terminal.waitFor('heard press left 120,3');
    terminal.send(mouseBytes('wheel-down', 4, 5));
    await terminal.waitFor('heard wheel-down none 4,5');
    terminal.press('q');
    await terminal.waitForExit();
    expectRestored(terminal);
  });

  it('copies through OSC 52', async () => {
    const terminal = await probe.open();
    terminal.press('y');
    await terminal.waitFor('key y');
    expect(terminal.copied()).toEqual(['copied ✓']);
  });
});

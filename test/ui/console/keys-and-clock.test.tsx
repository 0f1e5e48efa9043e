import { describe, expect, it } from 'vitest';
import { STALE_CODES } from '../../../source/domain/staleness/staleness-types.js';
import { openConsole, type TestConsole } from '../helpers/console.js';
import { diagnosis, MINUTE, NOW, row, staleRow } from '../helpers/executions.js';
import { inTimeZone } from '../helpers/time-zone.js';

const ID = '543857931469455601';
const lineOf = (ui: TestConsole, text: string) => ui.lines.find((line) => line.includes(text)) ?? '';

describe('a text that names a key', () => {
  it('names the one that the config file sets', async () => {
    const ui = openConsole([row(ID, { path: 'etl/a' }), row('2', { path: 'etl/b' })], {
      keys: {
        pause: 'ctrl-p',
        filter: 'ctrl-l',
        range: 'V',
        mark: 'M',
        follow: 'F',
        reveal: 'X',
        search: '%',
        open: 'O',
      },
    });
    ui.press('V');
    await ui.waitFor('range of 1: V or M marks it');
    ui.press('escape', 'ctrl-p');
    await ui.waitFor('paused: Ctrl-P resumes live updates');
    ui.press('ctrl-p', 'ctrl-l');
    ui.type('nowhere');
    ui.press('enter');
    await ui.waitFor('Ctrl-L edits it, Esc clears it');
    ui.press('escape', 'b');
    await ui.waitFor('O lists those of one cause');
    ui.press('escape', 'e');
    await ui.waitFor('Events of');
    ui.press('n');
    await ui.waitFor('nothing to search for yet: % begins a search');
    ui.press('X');
    await ui.waitFor('press X again to show them');
    ui.press('ctrl-p');
    await ui.waitFor('paused (Ctrl-P resumes)');
  });

  it('opens the help of the bars over time as of every screen', async () => {
    const ui = openConsole([row(ID)]);
    ui.press('e', 'b');
    await ui.waitFor(/Bars of \d+ /);
    expect(ui.lines.at(-1)).toMatch(/^\? help/);
    ui.press('?');
    await ui.waitFor('Help: Bars over time');
    expect(ui.frame).toContain('cancel the execution under the cursor (asks first)');
    ui.press('escape');
    await ui.waitFor(/Bars of \d+ /);
  });
});

describe("the computer's own clock", () => {
  it('is that of the list where the config says so, and one key changes it', async () => {
    inTimeZone('Asia/Kolkata');
    const ui = openConsole([row(ID, { startedAt: Date.UTC(2026, 6, 31, 20, 0, 5) })], {
      size: { columns: 200, rows: 30 },
      time: 'local',
    });
    await ui.waitFor('START LOCAL▼');
    expect(lineOf(ui, `▸ ● RUNNING    ${ID}`)).toContain(' 08-01 01:30 ');
    ui.press('z');
    await ui.waitFor('STARTED UTC▼');
    expect(lineOf(ui, `▸ ● RUNNING    ${ID}`)).toContain(' 07-31 20:00 ');
    ui.press('z');
    await ui.waitFor('START LOCAL▼');
    expect(ui.frame).toContain("times by this computer's clock");
  });

  it('is that of the evidence too, in the panel, in the line below a low list and in the cancel dialog', async () => {
    inTimeZone('Asia/Kolkata');
    const lost = staleRow(ID, 'worker-lost');
    const sentence = 'w claimed `load` 1h ago and has not been heard of since 11:10 UTC';
    const why = diagnosis('worker-lost', { sentence, namedAt: NOW - 50 * MINUTE });
    for (const size of [
      { columns: 120, rows: 40 },
      { columns: 110, rows: 20 },
    ]) {
      const ui = openConsole([{ ...lost, diagnosis: why }], { size, view: 'stale', time: 'local' });
      await ui.waitFor('since 16:40 UTC+05:30');
      ui.press('c');
      await ui.waitFor('Cancel ');
      await ui.waitFor('since 16:40 UTC+05:30');
      expect(ui.frame).not.toContain('11:10');
    }
  });
});

describe('the causes', () => {
  it('can all be reached where the screen is too low for them', async () => {
    const rows = STALE_CODES.map((code, at) => staleRow(String(at + 1), code, { silentMs: (60 + at) * MINUTE }));
    const undiagnosed = row('99', { silentMs: 60 * MINUTE, startedAt: NOW - 90 * MINUTE });
    const ui = openConsole([...rows, undiagnosed], { size: { columns: 60, rows: 20 } });
    ui.press('b');
    await ui.waitFor('▸ imported');
    expect(ui.lines[2]).toMatch(/^ {2}WHY +SAFE +EXECUTIONS +LONGEST/);
    ui.press('G');
    await ui.waitFor(/▸ all +15/);
    expect(ui.frame).not.toContain('imported');
    expect(ui.lines).toHaveLength(20);
    ui.press('g');
    await ui.waitFor('▸ imported');
  });
});

describe('the panel', () => {
  it('says first whether a cancel is safe, and in the Cancelled view who cancelled, at 80 columns', async () => {
    const sentence = 'worker-7 started `load` 1h ago and has not been heard of since then, nor has anything else';
    const lost = staleRow(ID, 'worker-lost', { parentExecutionId: '77' });
    const diagnosis = lost.diagnosis && {
      ...lost.diagnosis,
      evidence: { ...lost.diagnosis.evidence, sentence },
    };
    const ended = row('500', { status: 'CANCELLED', endedAt: NOW - MINUTE });
    const ui = openConsole([{ ...lost, diagnosis }, ended], {
      size: { columns: 80, rows: 24 },
      view: 'stale',
      prepare: (fake) =>
        fake.cancellations.push({
          executionId: '500',
          path: 'etl/load_orders',
          at: NOW - MINUTE,
          eventId: '1',
          reason: 'Runaway loop',
          cancelledBy: 'ana@ops',
          cascade: null,
          parentCancelId: null,
          batchId: null,
          source: null,
        }),
    });
    await ui.waitFor('worker-lost: ◇ safe to cancel · child of 77');
    expect(ui.frame.replace(/\s+/g, ' ')).toContain(sentence);
    ui.press('4');
    await ui.waitFor(/reason: Runaway loop · by ana@ops, 1m ago/);
  });
});

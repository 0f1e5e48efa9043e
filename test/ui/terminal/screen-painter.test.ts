import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createScreenPainter } from '../../../source/ui/terminal/screen-painter.js';
import { createScreenModel, type ScreenModel } from '../../terminal/screen-model.js';

const COLUMNS = 16;
const ROWS = 5;

const word = fc.constantFrom(
  'a',
  'bc',
  ' ',
  '   ',
  '한글',
  '漢',
  '│',
  '●',
  '→',
  '👍',
  'e\u0301',
  '\u200b',
  '❤️',
  'long word here',
);
const style = fc.constantFrom('', '31', '1', '2', '1;44', '7', '38;5;200', '48;2;10;20;30', '3;4', '9;53', '97;100');
const styled = fc.tuple(style, word).map(([codes, text]) => (codes === '' ? text : `\u001b[${codes}m${text}\u001b[0m`));
const frame = fc
  .array(fc.array(styled, { maxLength: 7 }), { maxLength: ROWS + 2 })
  .map((lines) => lines.map((parts) => parts.join('')).join('\n'));

type Painted = { readonly model: ScreenModel; readonly paint: (frame: string) => Promise<string> };

function screen(wholeRows = false): Painted {
  const model = createScreenModel(COLUMNS, ROWS);
  const size = { columns: COLUMNS, rows: ROWS };
  let written = '';
  const painter = createScreenPainter(
    (output) => {
      written += output;
    },
    () => size,
    wholeRows,
  );
  return {
    model,
    paint: async (next) => {
      written = '';
      painter.paint(next);
      await model.write(Buffer.from(`\u001b[?7l${written}`));
      return written;
    },
  };
}

/** What an eye sees: a space has no text colour or weight, unless it is inverted. */
function seen({ model }: Painted) {
  const hidden = { foreground: { kind: 'default' }, bold: false, dim: false, italic: false };
  return model
    .cells()
    .map((line) => line.map((cell) => (cell.text === ' ' && !cell.inverse ? { ...cell, ...hidden } : cell)));
}

describe('differences', () => {
  it('lead to the same screen as painting the last frame alone', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(frame, { minLength: 2, maxLength: 5 }), fc.boolean(), async (frames, wholeRows) => {
        const [stepwise, direct] = [screen(wholeRows), screen()];
        for (const next of frames) await stepwise.paint(next);
        await direct.paint(frames.at(-1)!);
        expect(seen(stepwise)).toEqual(seen(direct));
      }),
      { numRuns: 300 },
    );
  });

  it('lead to the same screen where lines get shorter and longer by words with blanks between them', async () => {
    const gappy = fc.array(fc.constantFrom('a', 'b', '  ', '   '), { maxLength: 8 }).map((parts) => parts.join(''));
    const frames = fc.array(fc.array(gappy, { minLength: ROWS, maxLength: ROWS }), { minLength: 2, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(frames, async (steps) => {
        const [stepwise, direct] = [screen(), screen()];
        for (const lines of steps) await stepwise.paint(lines.join('\n'));
        await direct.paint(steps.at(-1)!.join('\n'));
        expect(seen(stepwise)).toEqual(seen(direct));
      }),
      { numRuns: 300 },
    );
  });

  it('begin where the cursor is after a line that lost a word behind blanks', async () => {
    const { model, paint } = screen();
    await paint('one two\nabc d');
    await paint('one\nabc e');
    expect(model.lines().slice(0, 2)).toEqual(['one', 'abc e']);
  });

  it('are nothing when the frame is the same', async () => {
    const { paint } = screen();
    await paint('one\n\u001b[31mtwo\u001b[0m');
    expect(await paint('one\n\u001b[31mtwo\u001b[0m')).toBe('');
  });

  it('name only the cells that changed', async () => {
    const { paint } = screen();
    await paint('count 1 of 9    ');
    expect(await paint('count 2 of 9    ')).toBe('\u001b[?2026h\u001b[1;7H2\u001b[?2026l');
  });

  it('erase what a shorter line leaves', async () => {
    const { paint, model } = screen();
    await paint('a long line');
    await paint('a');
    expect(model.lines()[0]).toBe('a');
  });
});

describe('a list that scrolls', () => {
  const LINES = ['alpha', '\u001b[44mbeta\u001b[0m', '漢字', 'delta d', 'epsilon', 'zeta', 'eta eta', 'theta', 'iota'];

  it('by any number of rows, with other changes, leads to the same screen', async () => {
    const change = fc.record({ by: fc.integer({ min: -4, max: 4 }), row: fc.integer({ min: 0, max: 30 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 6 }), async (changes) => {
        const stepwise = screen();
        let [top, newest] = [0, ''];
        for (const { by, row } of [{ by: 0, row: 30 }, ...changes]) {
          top = Math.min(Math.max(0, top + by), LINES.length - ROWS);
          const lines = LINES.slice(top, top + ROWS).map((line, at) => (at === row ? `>${line}` : line));
          newest = lines.join('\n');
          await stepwise.paint(newest);
        }
        const direct = screen();
        await direct.paint(newest);
        expect(seen(stepwise)).toEqual(seen(direct));
      }),
      { numRuns: 200 },
    );
  });

  it('is moved by the terminal, and only the rows that come in are written', async () => {
    const { paint, model } = screen();
    await paint(LINES.slice(0, ROWS).join('\n'));
    const written = await paint(LINES.slice(1, ROWS + 1).join('\n'));
    expect(written).toBe('\u001b[?2026h\u001b[1;5r\u001b[1H\u001b[M\u001b[r\u001b[5Hzeta\u001b[?2026l');
    expect(model.lines()).toEqual(['beta', '漢字', 'delta d', 'epsilon', 'zeta']);
  });

  it('is moved by the terminal although every age has grown by a second meanwhile', async () => {
    const NAMES = ['alpha beta', 'gamma delta', 'epsilon zet', 'theta iotas', 'kappa lambd', 'omicron chi'];
    const lines = (from: number, age: number) => NAMES.slice(from, from + ROWS).map((name) => `${name} ${age}s`);
    const { paint, model } = screen();
    await paint(lines(0, 8).join('\n'));
    const written = await paint(lines(1, 9).join('\n'));
    expect(written).toContain('\u001b[M');
    expect(written).not.toContain('epsilon');
    expect(model.lines().map((line) => line.trimEnd())).toEqual(lines(1, 9));
  });
});

describe('a frame that does not fit', () => {
  it('is cut at the right and at the bottom, and never scrolls', async () => {
    const { paint, model } = screen();
    await paint(Array.from({ length: 9 }, (_, row) => `${row}${'x'.repeat(30)}`).join('\n'));
    expect(model.lines()).toEqual(Array.from({ length: ROWS }, (_, row) => `${row}${'x'.repeat(COLUMNS - 1)}`));
  });

  it('shows no half of a wide character', async () => {
    const { paint, model } = screen();
    await paint(`${'x'.repeat(COLUMNS - 1)}漢`);
    expect(model.lines()[0]).toBe('x'.repeat(COLUMNS - 1));
  });
});

describe('text that a terminal would obey', () => {
  it.each([
    '\u0007',
    '\u009b2J',
    '\u202ex',
    '\u0000',
    '\u007f',
    '\u001b[2J',
    '\u001b]0;title\u0007',
    '\u001bc',
    '\u001b[5;5H',
  ])('%j does not reach it', async (text) => {
    const { paint } = screen();
    const written = (await paint(`a${text}b`)).replaceAll(/\u001b\[(?:\d*;?\d*H|\?2026[hl]|K|\d*[BCG]|m)/g, '');
    expect(written).toMatch(/^[\u0020-\u007e]*$/);
  });
});

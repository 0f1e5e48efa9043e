import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { NO_PATH } from '../../../source/domain/execution.js';
import { padded, truncate, wrap } from '../../../source/text/width.js';
import { editText, inputOf, splitAtCursor, textWindow } from '../../../source/ui/kit/text-input.js';
import { tabAt, tabLine } from '../../../source/ui/list/format-tabs.js';
import { columnsFor, GUTTER, headPieces, NARROWING } from '../../../source/ui/rows/columns.js';
import { cellText } from '../../../source/ui/rows/row-cells.js';
import { VIEWS } from '../../../source/ui/shell/views.js';
import { MINUTE, NOW, row, staleRow } from '../helpers/executions.js';

const awkward = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('集計/売上_日次📦', 'e\u0301tl/cafe\u0301', '👩‍👩‍👧‍👦/family', 'a\u0000b\u001b[31mred\u202e'),
);

describe('a text in a width', () => {
  it('is never wider than told, and exactly as wide when padded', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 0, max: 40 }), (text, width) => {
        expect(stringWidth(truncate(text, width))).toBeLessThanOrEqual(width);
        expect(stringWidth(truncate(text, width, 'end'))).toBeLessThanOrEqual(width);
        expect(stringWidth(padded(text, width))).toBe(width);
      }),
    );
  });

  it('keeps its start or its end, and says that it was cut', () => {
    expect(truncate('etl/load_orders', 8)).toBe('etl/loa…');
    expect(truncate('etl/load_orders', 8, 'end')).toBe('…_orders');
    expect(truncate('集計売上', 5)).toBe('集計…');
    expect(truncate('集計売上', 5, 'end')).toBe('…売上');
    expect(padded('7s', 5, { align: 'right' })).toBe('   7s');
  });

  it('is cut quickly however long it is', () => {
    expect(truncate('x'.repeat(100_000), 10)).toBe('xxxxxxxxx…');
    expect(truncate('売'.repeat(100_000), 10, 'end')).toBe('…売売売売');
  });

  it('is wrapped at spaces, loses nothing but them, and has no line too wide', () => {
    expect(wrap('worker-7 claimed load 2h ago', 10)).toEqual(['worker-7', 'claimed', 'load 2h', 'ago']);
    expect(wrap('abcdefghij', 4)).toEqual(['abcd', 'efgh', 'ij']);
    expect(wrap('one two three four', 8, 2)).toEqual(['one two', 'three f…']);
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii' }), fc.integer({ min: 2, max: 20 }), (text, width) => {
        const lines = wrap(text, width);
        expect(lines.every((line) => stringWidth(line) <= width)).toBe(true);
        expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
      }),
    );
  });
});

const TABLES = [...VIEWS, 'tree'] as const;

describe('columns', () => {
  it.each(TABLES)('of %s fit at every width from 60 on', (view) => {
    for (let width = 60; width <= 250; width += 1) {
      const columns = columnsFor(view, width);
      const used = columns.reduce((sum, column) => sum + column.width + 1, GUTTER - 1);
      expect(used).toBeLessThanOrEqual(width);
      const sort = { column: 'path', descending: false } as const;
      expect(
        stringWidth(
          headPieces(columns, sort)
            .map(({ text }) => text)
            .join(''),
        ),
      ).toBe(used);
      expect(columns.find((column) => column.id === 'path')?.width).toBeGreaterThanOrEqual(12);
    }
  });

  it('give way in the stated order, and what an operator needs to cancel never goes', () => {
    const shown = (width: number) => columnsFor('stale', width).map((column) => column.id);
    expect(shown(60)).toEqual(['id', 'path', 'age', 'why']);
    expect(shown(80)).toEqual(['status', 'id', 'path', 'age', 'why']);
    expect(columnsFor('active', 60).map((column) => column.id)).toEqual(['status', 'id', 'path', 'age']);
    for (const table of ['active', 'stale', 'all', 'tree'] as const) {
      for (let width = 60; width <= 250; width += 1) {
        const ids = columnsFor(table, width).map((column) => column.id);
        expect(ids).toContain('age');
        if (width < 120) continue;
        expect(ids).toContain('step');
        expect(ids.includes('started') || ids.includes('run')).toBe(true);
      }
    }
    for (const view of TABLES) {
      const widest = columnsFor(view, 250);
      const steps = NARROWING[view].map(({ id, to }) => ({
        id,
        to,
        full: widest.find((one) => one.id === id)?.width ?? 0,
      }));
      for (let width = 60; width <= 250; width += 1) {
        const at = new Map(columnsFor(view, width).map((column) => [column.id, column.width]));
        const taken = steps.map(({ id, to, full }) => !at.has(id) || (to === 'short' && (at.get(id) ?? 0) < full));
        expect(taken, `${view} at ${width}`).toEqual([...taken].sort((a, b) => Number(b) - Number(a)));
      }
    }
  });

  it('keep the id whole and the safe codes unshortened at 60', () => {
    const one = staleRow('764638396416799027', 'never-claimed', { path: 'ops/reconcile_inventory' });
    const line = columnsFor('stale', 60).map((column) => cellText(one, column, NOW, 'STALE'));
    expect(line).toEqual(['764638396416799027 ', '…ile_inventory', '     1h', '◇ never-claimed']);
    const status = columnsFor('tree', 60)[0];
    expect(status && cellText(one, status, NOW, 'CANCELLED')).toBe('■ CANC ');
  });

  it('give a sentence its room before a playbook', () => {
    const width = (table: 'runaway' | 'cancelled', id: string, columns = 200) =>
      columnsFor(table, columns).find((column) => column.id === id)?.width ?? 0;
    expect(width('runaway', 'evidence')).toBeGreaterThan(80);
    expect(width('runaway', 'evidence', 120)).toBeGreaterThan(48);
    expect(width('cancelled', 'reason')).toBe(80);
  });

  it('say what the children are, and mark the sorted one', () => {
    const heads = (width: number) =>
      headPieces(columnsFor('active', width), { column: 'run', descending: true }).map(({ text }) => text.trim());
    expect(heads(120)).toEqual(expect.arrayContaining(['LIVE/ALL', 'RUN▼', 'STEP', 'SILENT']));
    expect(heads(200)).toEqual(expect.arrayContaining(['CHILDREN LIVE/ALL', 'RUN▼', 'STARTED UTC']));
  });
});

describe('the tabs', () => {
  it.each([
    [0, 0],
    [28, 34],
    [10_000, 90_000],
  ])('with %i running and %i stale say so from 60 columns on', (running, stale) => {
    for (const view of VIEWS) {
      for (let width = 60; width <= 120; width += 1) {
        const { tabs, tally } = tabLine(view, { running, stale, runaway: null }, width);
        const text = tabs.map((tab) => tab.text).join('');
        expect(stringWidth(text + tally)).toBeLessThanOrEqual(width);
        expect(tally).toMatch(new RegExp(`^●?${running} .*${stale}`));
        for (const { id } of tabs) expect(tabAt(tabs, text.toLowerCase().indexOf(id))).toBe(id);
      }
    }
  });
});

describe('a cell', () => {
  const columns = columnsFor('all', 200);
  it('is exactly as wide as its column and obeys nothing that the database says', () => {
    fc.assert(
      fc.property(awkward, awkward, (path, worker) => {
        const one = row('5', { path, workerId: worker, currentStep: path });
        for (const column of columns) {
          const text = cellText(one, column, NOW, 'RUNNING');
          expect(stringWidth(text)).toBe(column.width);
          expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
        }
      }),
    );
  });

  it('says what is known, and that a path is missing', () => {
    const one = staleRow('5', 'orphaned', { path: null, children: { live: 1, all: 3 }, silentMs: 134 * MINUTE });
    const text = columns.map((column) => cellText(one, column, NOW, 'STALE').trim());
    expect(text).toEqual(expect.arrayContaining(['◌ STALE', '5', NO_PATH, '2h 14m', '1/3', '◇ orphaned', '30m']));
  });

  it('shows what is unknown as –, and none as 0', () => {
    const one = row('5', { startedAt: null, workerId: null, currentStep: null });
    const cells = (known: typeof one) =>
      new Map(columns.map((column) => [column.id, cellText(known, column, NOW, 'STALE').trim()]));
    const unknown = cells(one);
    for (const id of ['started', 'run', 'step', 'children', 'worker', 'why'] as const)
      expect(unknown.get(id)).toBe('–');
    expect(cells({ ...one, children: { live: 0, all: 0 } }).get('children')).toBe('0');
  });

  it('shows that a log holds more than one end', () => {
    const one = row('5', { status: 'COMPLETED', ends: ['COMPLETED', 'CANCELLED'], endedAt: NOW });
    const status = columns.find((column) => column.id === 'status');
    expect(status && cellText(one, status, NOW, 'COMPLETED')).toBe('✓ COMPLETED!');
  });
});

describe('a line of text being edited', () => {
  it('never splits a character', () => {
    const family = inputOf('a👩‍👩‍👧‍👦');
    expect(editText(family, { type: 'backspace' }).text).toBe('a');
    expect(splitAtCursor(editText(family, { type: 'left' })).under).toBe('👩‍👩‍👧‍👦');
    expect(editText(inputOf('two words'), { type: 'word-back' }).text).toBe('two ');
    expect(editText(editText(inputOf('abc'), { type: 'home' }), { type: 'insert', text: 'é' }).text).toBe('éabc');
  });

  it('is shown around its cursor, within its width', () => {
    fc.assert(
      fc.property(awkward, fc.nat({ max: 30 }), fc.integer({ min: 4, max: 40 }), (text, cursor, width) => {
        const { before, under, after } = textWindow({ text, cursor }, width);
        expect(stringWidth(before + under + after)).toBeLessThanOrEqual(Math.max(width, stringWidth(under)));
      }),
    );
  });
});

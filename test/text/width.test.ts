import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { createStyle } from '../../source/cli/output/style.js';
import { table } from '../../source/cli/output/table.js';
import { displayWidth, padded, truncate, wrap } from '../../source/text/width.js';

const FAMILY = '👨‍👩‍👧‍👦';

describe('the width of a text', () => {
  it('is the same whatever its length, also where a character lies across two pieces', () => {
    for (const before of [0, 1, 1020, 1021, 1022, 1023, 1024, 1030, 2040]) {
      const text = `${'ä'.repeat(before)}${FAMILY}é日本${'x'.repeat(50)}`;
      expect(displayWidth(text)).toBe(stringWidth(text));
    }
    // One cluster longer than a piece.
    expect(displayWidth(`e${'\u0301'.repeat(3000)}`)).toBeLessThan(4);
  });

  // Work that grows with the square of the length would take hours here, and run into the suite's time limit.
  it.each([
    ['accents', 'äöü '],
    ['wide characters', '日本語'],
    ['emoji', FAMILY],
    ['combining marks', 'e\u0301\u0302'],
  ])('of %s is found in time in proportion to its length', (_, unit) => {
    const count = Math.ceil(100_000 / unit.length);
    const one = displayWidth(unit);
    expect(Math.abs(displayWidth(unit.repeat(count)) - count * one)).toBeLessThanOrEqual(count * one * 0.01);
  });

  it('is bounded before it is measured where it is cut', () => {
    // Measuring it whole, a thousand times, would take minutes.
    const text = '日本語 ä'.repeat(400_000);
    for (let n = 0; n < 1000; n++) {
      expect(displayWidth(truncate(text, 80))).toBeLessThanOrEqual(80);
      expect(truncate(text, 80, 'end').startsWith('…')).toBe(true);
      padded(text, 20);
    }
    expect(wrap(text, 80, 5)).toHaveLength(5);
  });

  it('of a text that is wrapped whole costs its length, not its square', () => {
    expect(wrap('word ä '.repeat(30_000), 40).length).toBeGreaterThan(4000);
  });
});

describe('a table that is not cut', () => {
  it('prints a cell of a megabyte whole, and no other row as long', () => {
    const rows = [{ text: 'ä'.repeat(1_000_000) }, { text: 'short' }, { text: 'x' }];
    const columns = [
      { title: 'TEXT', cell: (row: { text: string }) => row.text },
      { title: 'END', cell: () => 'end' },
    ];
    const lines = table(rows, columns, createStyle(false));
    expect(lines[1]).toContain('ä'.repeat(1_000_000));
    expect(lines[2]!.length).toBeLessThan(1100);
  });
});

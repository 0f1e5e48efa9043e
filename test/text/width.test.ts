import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { createStyle } from '../../source/cli/output/style.js';
import { table } from '../../source/cli/output/table.js';
import { displayWidth, padded, truncate, wrap } from '../../source/text/width.js';

const FAMILY = '👨‍👩‍👧‍👦';

function best(work: () => unknown): number {
  return Math.min(
    ...[1, 2, 3].map(() => {
      const start = performance.now();
      work();
      return performance.now() - start;
    }),
  );
}

describe('the width of a text', () => {
  it('is the same whatever its length, also where a character lies across two pieces', () => {
    for (const before of [0, 1, 1020, 1021, 1022, 1023, 1024, 1030, 2040]) {
      const text = `${'ä'.repeat(before)}${FAMILY}é日本${'x'.repeat(50)}`;
      expect(displayWidth(text)).toBe(stringWidth(text));
    }
    // One cluster longer than a piece.
    expect(displayWidth(`e${'\u0301'.repeat(3000)}`)).toBeLessThan(4);
  });

  it.each([
    ['accents', 'äöü '],
    ['wide characters', '日本語'],
    ['emoji', FAMILY],
    ['combining marks', 'e\u0301\u0302'],
  ])('of %s is found in time in proportion to its length', (_, unit) => {
    const time = (length: number) => {
      const text = unit.repeat(Math.ceil(length / unit.length));
      return best(() => displayWidth(text));
    };
    time(5_000);
    expect(time(40_000)).toBeLessThan(12 * Math.max(1, time(10_000)));
  });

  it('is bounded before it is measured where it is cut', () => {
    const text = '日本語 ä'.repeat(40_000);
    const work = () => [truncate(text, 80), truncate(text, 80, 'end'), padded(text, 20), wrap(text, 80, 5)];
    work();
    expect(best(work)).toBeLessThan(best(() => displayWidth(text)) / 4);
    expect(displayWidth(truncate(text, 80))).toBeLessThanOrEqual(80);
    expect(truncate(text, 80, 'end').startsWith('…')).toBe(true);
  });

  it('of a text that is wrapped whole costs its length, not its square', () => {
    const time = (length: number) => best(() => wrap('word ä '.repeat(length / 7), 40));
    time(7_000);
    expect(time(56_000)).toBeLessThan(12 * Math.max(1, time(14_000)));
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

import { describe, expect, it } from 'vitest';
import { withGenerated, withSections } from '../../bench/harness/document.js';
import { flatLaw, linearFit, linearLaw, powerFit } from '../../bench/harness/fit.js';
import type { BenchResult } from '../../bench/harness/report.js';

const machine = { cores: 2, processor: 'x', memoryGb: 24, node: '20', platform: 'linux x64', postgres: '18.4' };
const titles = ['Starting', 'Finding', 'Reading'];
const result = (title: string, ...verdicts: string[]): BenchResult => ({
  name: title.toLowerCase(),
  title,
  seconds: 90,
  rows: verdicts.map((verdict, index) => ({
    what: `row ${index}`,
    sizes: 'a | b',
    ours: '1 ms',
    reference: '2 ms',
    ratio: '0.5 ×',
    target: '≤ 1 ×',
    verdict,
  })),
});
const stamp = (date: string) => ({ date, mode: 'normal' as const });

describe('docs/benchmarks.md', () => {
  const first = withSections('', [result('Reading', 'printed'), result('Starting', 'met', 'missed by 20 %')], {
    titles,
    machine,
    stamp: stamp('2026-11-24'),
  });

  it('has its sections in the order of the catalogue, and counts their verdicts', () => {
    expect(first.match(/^## .*/gm)).toEqual(['## Starting', '## Reading']);
    expect(first).toContain('Run of 2026-11-24: 1 targets met, 1 missed, 1 figures without a target.');
    expect(first).toContain('Measured on 2026-11-24 in 1.5 minutes.');
  });

  it('keeps the other sections to the letter where one is measured again', () => {
    const options = { titles, machine, stamp: stamp('2026-12-01') };
    const second = withSections(first, [result('Starting', 'met', 'met')], options);
    const reading = (text: string) => text.slice(text.indexOf('## Reading'));
    expect(reading(second)).toBe(reading(first));
    expect(second).toContain(
      'Sections of 2026-11-24, 2026-12-01: 2 targets met, 0 missed, 1 figures without a target.',
    );
    expect(withSections(second, [], options)).toBe(second);
  });

  it('adds a section, says why one could not be measured, and drops what is no longer measured', () => {
    const failed = { ...result('Finding'), failure: 'no\n  server' };
    const options = { titles: titles.slice(0, 2), machine, stamp: stamp('2026-12-01') };
    const second = withSections(first, [failed], options);
    expect(second.match(/^## .*/gm)).toEqual(['## Starting', '## Finding']);
    expect(second).toContain('Could not be measured: no server');
  });

  it('gives a section without a date the one of the head, which changes with the next run', () => {
    const older = first.replaceAll(/^Measured on .*\n\n/gm, '');
    const options = { titles, machine, stamp: stamp('2026-12-01') };
    const second = withSections(older, [result('Starting', 'met')], options);
    const third = withSections(second, [result('Starting', 'met')], options);
    expect(third).toBe(second);
    expect(third).toContain('Sections of 2026-11-24, 2026-12-01');
  });
});

describe('a generated part of a document', () => {
  const document = 'before\n<!-- model: made -->\nold\n\n<!-- end of model -->\nafter\n';

  it('is replaced between its marks', () => {
    const replaced = withGenerated(document, 'model', ['| $1 |']);
    expect(replaced).toBe('before\n<!-- model: made -->\n\n| $1 |\n\n<!-- end of model -->\nafter\n');
    expect(withGenerated(replaced, 'model', ['| $1 |'])).toBe(replaced);
  });

  it('must have a place', () => {
    expect(() => withGenerated(document, 'other', [])).toThrow('there is no place for other');
  });
});

describe('a fit', () => {
  const sizes = [250_000, 1_000_000, 5_000_000];

  it('finds the line and the exponent that made the points', () => {
    const { a, b } = linearFit(sizes.map((n) => ({ n, y: 40 + n / 10_000 })));
    expect(a).toBeCloseTo(40);
    expect(b).toBeCloseTo(1 / 10_000);
    const { exponent, constant } = powerFit(sizes.map((n) => ({ n, y: 3 * n ** 0.5 })));
    expect(exponent).toBeCloseTo(0.5);
    expect(constant).toBeCloseTo(3);
  });

  it('never says that a cost falls, or begins below nothing', () => {
    const falling = sizes.map((n) => ({ n, y: 10 - n / 1_000_000 }));
    expect(linearFit(falling).b).toBe(0);
    expect(linearLaw(falling, 1_000_000).at(1e9)).toBeGreaterThan(4);
    expect(flatLaw(falling, 1_000_000).at(1e9)).toBeLessThan(10);
    const steep = linearFit(sizes.map((n) => ({ n, y: n / 1000 - 100 })));
    expect(steep.a).toBe(0);
    expect(steep.b).toBeGreaterThan(0);
  });

  it('goes on with a power where a cost should not grow', () => {
    const law = flatLaw(
      sizes.map((n) => ({ n, y: 5 * (n / 1_000_000) ** 0.05 })),
      1_000_000,
    );
    expect(law.text).toBe('5 ms · n^0.05');
    expect(law.at(1e9)).toBeCloseTo(5 * 1000 ** 0.05);
  });
});

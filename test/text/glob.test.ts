import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileGlob, matchesGlob } from '../../source/text/glob.js';

/** What the matcher means, without regard to time. */
function reference(pattern: string, text: string): boolean {
  const wanted = /[*?]/.test(pattern) ? pattern : `*${pattern}*`;
  const source = wanted.replace(/[*?]|[^*?]/gu, (part) =>
    part === '*' ? '.*' : part === '?' ? '.' : part.replace(/[.+^${}()|[\]\\/-]/, '\\$&'),
  );
  return new RegExp(`^${source}$`, 'su').test(text);
}

/** Milliseconds, the best of three: a growth is compared, never a time with a limit. */
function best(work: () => unknown): number {
  return Math.min(
    ...[1, 2, 3].map(() => {
      const start = performance.now();
      work();
      return performance.now() - start;
    }),
  );
}

describe('a glob', () => {
  it('means what a regular expression of it means', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '/', '😀'), maxLength: 12 });
    const globs = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '/', '😀'), maxLength: 8 });
    fc.assert(
      fc.property(globs, letters, (glob, text) => matchesGlob(glob, text) === reference(glob, text)),
      {
        numRuns: 5000,
      },
    );
  });

  it('is looked for anywhere without wildcards, and case does not count', () => {
    expect(matchesGlob('Load', 'etl/LOADER')).toBe(true);
    expect(matchesGlob('etl/*', 'x/etl/load')).toBe(false);
    expect(matchesGlob('*', '')).toBe(true);
    expect(matchesGlob('?', '')).toBe(false);
    expect(matchesGlob('a*a', 'a')).toBe(false);
  });

  it.each([
    ['many stars', (n: number) => [`${'*a'.repeat(n)}*b`, 'a'.repeat(20 * n)] as const],
    ['one long piece', (n: number) => [`*${'a'.repeat(n)}b*`, 'a'.repeat(20 * n)] as const],
    ['no wildcard', (n: number) => [`${'a'.repeat(n)}b`, 'a'.repeat(20 * n)] as const],
    ['question marks', (n: number) => [`*${'a?'.repeat(10)}b*`, 'a'.repeat(20 * n)] as const],
  ])('with %s takes time in proportion to its length', (_, of) => {
    const time = (n: number) => {
      const [pattern, text] = of(n);
      return best(() => compileGlob(pattern)(text));
    };
    time(1000);
    // Twelve times the time for four times the input at most; quadratic work would take sixteen.
    expect(time(8_000)).toBeLessThan(12 * Math.max(1, time(2_000)));
  });
});

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

  // Work that grows with the product of the lengths would take hours here, and run into the suite's time limit.
  it.each([
    ['many stars', `${'*a'.repeat(100_000)}*b`, 'a'.repeat(2_000_000)],
    ['one long piece', `*${'a'.repeat(200_000)}b*`, 'a'.repeat(2_000_000)],
    ['no wildcard', `${'a'.repeat(200_000)}b`, 'a'.repeat(2_000_000)],
    ['question marks', `*${'a?'.repeat(10)}b*`, 'a'.repeat(2_000_000)],
  ])('with %s takes time in proportion to its length', (_, pattern, text) => {
    expect(compileGlob(pattern)(text)).toBe(false);
  });
});

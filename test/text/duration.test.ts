import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration } from '../../source/text/duration.js';

describe('a duration', () => {
  it.each([
    ['90s', 90_000],
    ['10m', 600_000],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
    ['1h30m', 5_400_000],
    ['0s', 0],
  ])('%s is %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', '10', 'm', '-5m', '1.5h', '10 m', '10M', 'ten', '1h30'])('%j is none', (text) => {
    expect(parseDuration(text)).toBeNull();
  });

  it.each([
    [0, '0s'],
    [-5, '0s'],
    [59_999, '59s'],
    [60_000, '1m'],
    [8_040_000, '2h 14m'],
    [7_200_000, '2h'],
    [90_000_000, '1d 1h'],
    [172_800_000, '2d'],
  ])('%d ms reads %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  it('reads back as itself, to its coarse unit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 40 * 86_400_000 }), (ms) => {
        const back = parseDuration(formatDuration(ms).replaceAll(' ', ''));
        expect(back).not.toBeNull();
        expect(back).toBeLessThanOrEqual(ms);
        expect(ms - (back ?? 0)).toBeLessThan(3_600_000);
      }),
    );
  });
});

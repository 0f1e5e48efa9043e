import { describe, expect, it } from 'vitest';
import { ratioRow } from '../../bench/harness/rows.js';
import { sample } from '../../bench/harness/statistics.js';

const row = { what: 'a read', sizes: '5 rows', unit: 'ms', referenceName: 'the floor' };
const ours = sample([10, 10, 30]);
const reference = sample([10, 10, 10]);

describe('a ratio', () => {
  it('meets its target by its worst round', () => {
    const { ratio, verdict } = ratioRow({ ...row, ours, reference, target: { atMost: 3 } });
    expect({ ratio, verdict }).toEqual({ ratio: '1 ×, at worst 3 ×', verdict: 'met' });
  });

  it('misses it by a single round, and shows that the median meets it', () => {
    const { verdict } = ratioRow({ ...row, ours, reference, target: { atMost: 2 } });
    expect(verdict).toBe('missed by 50 % at worst, met by the median');
  });

  it('has its smallest round as the worst where more is better', () => {
    const faster = ratioRow({ ...row, ours: reference, reference: ours, times: 'reference/ours' });
    expect(faster).toMatchObject({ ratio: '1 ×, at worst 1 ×', target: '', verdict: 'printed' });
    expect(ratioRow({ ...row, ours, reference, target: { atLeast: 2 } }).verdict).toBe('missed by 50 %');
  });

  it('refuses samples of different rounds', () => {
    expect(() => ratioRow({ ...row, ours, reference: sample([10]) })).toThrow('not of the same rounds');
  });
});

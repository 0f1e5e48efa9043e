import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseFilter, passes } from '../../../source/domain/filter.js';
import { matchesGlob } from '../../../source/text/glob.js';
import type { ListRow } from '../../../source/ui/rows/list-row.js';
import { MINUTE, NOW, row, staleRow } from '../../ui/helpers/executions.js';

const clock = { now: NOW, staleAfterMs: 10 * MINUTE };

function keeps(text: string, one: ListRow): boolean {
  const result = parseFilter(text);
  if (!result.ok) throw new Error(result.problem.message);
  return passes(result.filter, one, clock);
}

const problemOf = (text: string) => {
  const result = parseFilter(text);
  return result.ok ? null : result.problem;
};

describe('the filter', () => {
  const running = row('101', { path: 'etl/load_orders', workerId: 'worker-7', parentExecutionId: '55' });
  const stale = staleRow('202', 'worker-lost', { path: 'billing/issue' });

  it.each([
    ['', true, true],
    ['orders', true, false],
    ['ORDERS', true, false],
    ['101', true, false],
    ['status:stale', false, true],
    ['status:run', true, false],
    ['-status:stale', true, false],
    ['path:etl/*', true, false],
    ['path:*issue', false, true],
    ['age>10m', false, true],
    ['age<10m', true, false],
    ['run>29m', true, true],
    ['run>1h', false, false],
    ['why:worker-lost', false, true],
    ['why:worker', false, true],
    ['why:*lost', false, true],
    ['-why:worker-lost', true, false],
    ['parent:55', true, false],
    ['worker:worker-7', true, false],
    ['step:load', true, true],
    ['path:etl/* age>10m', false, false],
    ['"load orders"', false, false],
    ['id:202', false, true],
  ])('%s', (text, keepsRunning, keepsStale) => {
    expect([keeps(text, running), keeps(text, stale)]).toEqual([keepsRunning, keepsStale]);
  });

  it('looks at who cancelled and why', () => {
    const record = { reason: 'duplicate run', cancelledBy: 'ann@ops' } as ListRow['cancellation'];
    const cancelled: ListRow = { ...row('303', { status: 'CANCELLED' }), ...(record ? { cancellation: record } : {}) };
    expect(keeps('reason:dup*', cancelled)).toBe(true);
    expect(keeps('by:ann*', cancelled)).toBe(true);
    expect(keeps('by:bob*', cancelled)).toBe(false);
    expect(keeps('by:ann*', running)).toBe(false);
  });

  it.each([
    ['age>soon', 0, 8, 'duration'],
    ['orders color:red', 7, 9, 'no field "color"'],
    ['status:asleep', 0, 13, 'no status'],
    ['why:gremlins', 0, 12, 'no code'],
    ['parent:-4', 0, 9, 'negative'],
    ['parent:abc', 0, 10, 'not a decimal number'],
    ['x "never closed', 2, 13, 'unclosed quote'],
    ['path:', 0, 5, 'needs a value'],
    ['age:10m', 0, 7, 'age>10m'],
  ])('points at what is wrong in %s', (text, at, length, message) => {
    const problem = problemOf(text);
    expect(problem).toMatchObject({ at, length });
    expect(problem?.message).toContain(message);
  });

  it('never throws and never points outside of the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const problem = problemOf(text);
        if (problem) expect(problem.at + problem.length).toBeLessThanOrEqual(text.length);
      }),
    );
  });
});

describe('a glob', () => {
  it('is the same as its regular expression', () => {
    const letters = fc.stringMatching(/^[ab/]{0,8}$/);
    const pattern = fc.stringMatching(/^[ab/]{0,3}[*?][ab/*?]{0,4}$/);
    fc.assert(
      fc.property(pattern, letters, (glob, text) => {
        const expression = new RegExp(`^${glob.replaceAll('*', '.*').replaceAll('?', '.')}$`);
        expect(matchesGlob(glob, text)).toBe(expression.test(text));
      }),
    );
  });

  it('stays quick on patterns made to be slow', () => {
    // A backtracking matcher would not come back from this one at all.
    expect(matchesGlob('*a*a*a*a*a*a*a*a*a*a*a*a*b', 'a'.repeat(10_000))).toBe(false);
  });
});

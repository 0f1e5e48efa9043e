import { expect, it } from 'vitest';
import { withinDepth } from '../../source/domain/payload.js';
import { payload } from '../../source/service/json.js';

const nested = (levels: number, list: boolean): unknown =>
  JSON.parse(`${(list ? '[' : '{"a":').repeat(levels)}1${(list ? ']' : '}').repeat(levels)}`);

it.each([true, false])('a payload of 100,000 levels can be printed, revealed or masked (lists: %s)', (list) => {
  for (const view of ['revealed', 'masked'] as const) {
    const text = JSON.stringify(payload(nested(100_000, list), view));
    expect(text.length).toBeLessThan(10_000);
  }
  expect(JSON.stringify(withinDepth(nested(100_000, list)))).toContain('nested more than 1,000 levels deep');
});

it('what is not deeper stays the same value', () => {
  const value = nested(999, true);
  expect(withinDepth(value)).toBe(value);
  expect(withinDepth(null)).toBeNull();
});

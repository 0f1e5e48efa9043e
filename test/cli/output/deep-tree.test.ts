import { expect, it } from 'vitest';
import { treeLines } from '../../../source/cli/commands/tree.js';
import { createStyle } from '../../../source/cli/output/style.js';
import { arrange } from '../../../source/service/tree.js';

const chain = (depth: number) => {
  const links = Array.from({ length: depth }, (_, index) => ({ parent: `${index + 1}`, child: `${index + 2}` }));
  return { root: '1', ...arrange('1', links, new Map()), truncated: false, asOf: 0 };
};
const lengthOf = (depth: number) =>
  treeLines(chain(depth), { now: 0, staleAfterMs: 1 }, createStyle(false)).reduce((sum, line) => sum + line.length, 0);

it('a tree of 10,000 levels is printed in text that grows with its executions, and names the depth', () => {
  expect(lengthOf(10_000)).toBeLessThan(5 * lengthOf(2500));
  expect(treeLines(chain(50), { now: 0, staleAfterMs: 1 }, createStyle(false)).at(-1)).toContain('(level 50)');
});

it('a parent of 200,000 children is arranged and printed', () => {
  const links = Array.from({ length: 200_000 }, (_, index) => ({ parent: '1', child: `${index + 2}` }));
  const tree = { root: '1', ...arrange('1', links, new Map()), truncated: false, asOf: 0 };
  expect(treeLines(tree, { now: 0, staleAfterMs: 1 }, createStyle(false))).toHaveLength(200_001);
});

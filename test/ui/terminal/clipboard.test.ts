import { expect, it } from 'vitest';
import { clipboardSequence } from '../../../source/ui/terminal/sequences.js';

it('is base64 of UTF-8', () => {
  expect(clipboardSequence('id ✓', {})).toBe(`\u001b]52;c;${Buffer.from('id ✓').toString('base64')}\u0007`);
});

it('is wrapped for GNU screen, but not for a tmux that calls itself screen', () => {
  expect(clipboardSequence('1', { TERM: 'screen-256color' })).toMatch(/^\u001bP.*\u001b\\$/);
  expect(clipboardSequence('1', { TERM: 'screen-256color', TMUX: '/tmp/tmux' })).not.toMatch(/^\u001bP/);
});

it('is refused for what terminals would not take', () => {
  expect(clipboardSequence('x'.repeat(56_000), {})).toBeDefined();
  expect(clipboardSequence('x'.repeat(57_000), {})).toBeUndefined();
});

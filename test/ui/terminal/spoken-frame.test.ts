import { expect, it } from 'vitest';
import { spokenFrame } from '../../../source/ui/terminal/ink-output.js';

it('a frame for a screen reader keeps the words and loses what only makes it a picture', () => {
  const frame = ['DEMO   ann@db        ● live', '▸  ● RUNNING     383   etl/a  ', '', '', '── 383  etl/a ─────', ''];
  expect(spokenFrame(frame.join('\n'))).toBe('DEMO ann@db ● live\n▸ ● RUNNING 383 etl/a\n\n── 383 etl/a\n');
});

import { expect, it } from 'vitest';
import { untilAborted } from '../../../source/store/connection/lender.js';

it('lets one signal stand for any number of statements under way, without a warning of Node.js', async () => {
  const warnings: Error[] = [];
  const note = (warning: Error) => warnings.push(warning);
  process.on('warning', note);
  const stop = new AbortController();
  const never = Array.from({ length: 40 }, () => untilAborted(new Promise(() => {}), stop.signal));
  await new Promise((resolve) => setImmediate(resolve));
  stop.abort();
  const ends = await Promise.allSettled(never);
  process.off('warning', note);
  expect(ends.every((end) => end.status === 'rejected')).toBe(true);
  expect(warnings).toEqual([]);
});

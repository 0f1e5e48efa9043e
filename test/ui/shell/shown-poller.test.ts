import { expect, it, onTestFinished, vi } from 'vitest';
import { ShownPoller } from '../../../source/ui/shell/shown-poller.js';
import { FakeFeed } from '../helpers/fake-feed.js';

function poller(read: (signal: AbortSignal) => Promise<void> = async () => {}) {
  vi.useFakeTimers();
  const feed = new FakeFeed();
  const seen = { reads: 0, signals: [] as AbortSignal[], failures: [] as string[] };
  const made = new ShownPoller(feed, {
    everyMs: 1000,
    read: (signal) => {
      seen.reads += 1;
      seen.signals.push(signal);
      return read(signal);
    },
    failed: (message) => seen.failures.push(message),
  });
  onTestFinished(() => {
    made.dispose();
    vi.useRealTimers();
  });
  return { feed, seen, made };
}

it('reads while it is shown, and rests while it is covered', async () => {
  const { seen, made } = poller();
  made.readNow();
  await vi.advanceTimersByTimeAsync(3500);
  expect(seen.reads).toBe(4);
  made.rest();
  await vi.advanceTimersByTimeAsync(5000);
  expect(seen.reads).toBe(4);
  made.resume();
  await vi.advanceTimersByTimeAsync(1500);
  expect(seen.reads).toBe(6);
});

it('reads nothing while paused but what is asked for, and goes on at once afterwards', async () => {
  const { feed, seen, made } = poller();
  made.readNow();
  await vi.advanceTimersByTimeAsync(500);
  feed.pause(true);
  await vi.advanceTimersByTimeAsync(5000);
  expect(seen.reads).toBe(1);
  made.rest();
  made.resume();
  expect(seen.reads).toBe(1);
  made.readNow();
  await vi.advanceTimersByTimeAsync(5000);
  expect(seen.reads).toBe(2);
  feed.pause(false);
  await vi.advanceTimersByTimeAsync(500);
  expect(seen.reads).toBe(3);
});

it('gives up the read under way for a newer one, says why a read failed, and goes on', async () => {
  const fail = new Error('the database went away\nsecond line');
  const { seen, made } = poller((signal) =>
    seen.reads === 1
      ? new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('given up'))))
      : Promise.reject(fail),
  );
  made.readNow();
  made.readNow();
  await vi.advanceTimersByTimeAsync(500);
  expect(seen.signals.map((signal) => signal.aborted)).toEqual([true, false]);
  expect(seen.failures).toEqual(['the database went away']);
  await vi.advanceTimersByTimeAsync(1000);
  expect(seen.reads).toBe(3);
});

it('takes a tenth of the time at most', async () => {
  const { seen, made } = poller(() => new Promise((resolve) => setTimeout(resolve, 2000)));
  made.readNow();
  await vi.advanceTimersByTimeAsync(21_000);
  expect(seen.reads).toBe(1);
  await vi.advanceTimersByTimeAsync(2000);
  expect(seen.reads).toBe(2);
});

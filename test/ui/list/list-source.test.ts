import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ExecutionId } from '../../../source/domain/execution-id.js';
import { ListSource } from '../../../source/ui/list/list-source.js';
import { createClock } from '../../../source/ui/shell/clock.js';
import { MINUTE, row } from '../helpers/executions.js';
import { FakeFeed } from '../helpers/fake-feed.js';
import { FakeServices } from '../helpers/fake-services.js';

/** What going through all rows takes in these tests, milliseconds. */
const WHOLE_MS = 150;
/** The shortest interval between two updates. */
const SHORTEST_MS = 200;

interface Pass {
  readonly at: number;
  /** Null: all rows were looked at. */
  readonly ids: ReadonlySet<ExecutionId> | null;
}

/** A list's data where a pass over all rows takes its time. */
function opened(rows: FakeFeed) {
  const passes: Pass[] = [];
  const clock = createClock();
  const source = new ListSource(
    rows,
    new FakeServices(rows).services,
    clock,
    () => 10 * MINUTE,
    (ids) => {
      if (ids === null) vi.advanceTimersByTime(WHOLE_MS);
      passes.push({ at: Date.now(), ids });
    },
  );
  return {
    passes,
    source,
    close: () => {
      source.dispose();
      clock.stop();
    },
  };
}

describe('the pace of the list', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('a new execution does not wait for 20 times what the last look at all rows took', async () => {
    const feed = new FakeFeed([row('1')]);
    const { passes, source, close } = opened(feed);
    source.setView('active');
    // Until all rows are looked at again, as time alone makes some stale.
    const before = passes.length;
    while (!passes.slice(before).some(({ ids }) => ids === null)) {
      feed.put(row('1', { silentMs: passes.length }));
      await vi.advanceTimersByTimeAsync(SHORTEST_MS);
    }
    const came = Date.now();
    feed.put(row('2'));
    await vi.advanceTimersByTimeAsync(SHORTEST_MS);
    const shown = passes.find(({ at, ids }) => at >= came && ids?.has('2'));
    expect(shown?.at).toBeLessThanOrEqual(came + SHORTEST_MS);
    close();
  });

  it('a feed that changes more than it remembers is gone through no more often than one part in 20 of the time', async () => {
    const feed = new FakeFeed([row('1')]);
    const { passes, source, close } = opened(feed);
    source.setView('active');
    await vi.advanceTimersByTimeAsync(60_000);
    const before = passes.length;
    const begun = Date.now();
    while (Date.now() - begun < 60_000) {
      for (let change = 0; change < 40_000; change++) feed.rows.set('1', row('1'));
      feed.put(row('1'));
      await vi.advanceTimersByTimeAsync(1000);
    }
    const whole = passes.slice(before).filter(({ ids }) => ids === null);
    expect(whole.length).toBeGreaterThan(5);
    expect(whole.length * WHOLE_MS).toBeLessThan((Date.now() - begun) / 15);
    close();
  });

  it('nothing that runs away, as before, is no reason to look at all rows', async () => {
    const feed = new FakeFeed([row('1')]);
    const { passes, source, close } = opened(feed);
    source.setView('active');
    await vi.advanceTimersByTimeAsync(1000);
    expect(source.store.getState().side.runaway).toEqual({ loading: false, problem: null });
    const before = passes.length;
    // Two reads of what runs away, and less than the time after which all rows are gone through anyway.
    await vi.advanceTimersByTimeAsync(32_000);
    const later = passes.slice(before);
    expect(later.length).toBeGreaterThan(2);
    expect(later.filter(({ ids }) => ids === null)).toHaveLength(0);
    close();
  });
});

import { openShardedEventStore } from '../../source/store/shards/sharded-event-store.js';
import type { BenchDatabase } from '../harness/databases.js';
import { figureRow } from '../harness/rows.js';
import { type Sample, sample } from '../harness/statistics.js';
import { settingsOf } from '../harness/store.js';
import type { BenchContext, BenchRow } from '../harness/types.js';

const COUNTS = [1, 2, 4] as const;
const MINUTE = 60_000;

/**
 * What is read from all shards at once, over 1, 2 and 4 databases of 100,000 events. They share one server: with a core
 * for each shard a read takes as long as on the slowest of them, here as long as the cores are shared.
 */
export async function run(context: BenchContext): Promise<BenchRow[]> {
  const databases: BenchDatabase[] = [];
  const rows: BenchRow[] = [];
  const single = new Map<string, Sample>();
  for (const count of COUNTS) {
    while (databases.length < count) databases.push(await context.scratchDatabase());
    const settings = databases.slice(0, count).map(settingsOf);
    const store = openShardedEventStore({ shards: settings, cluster: null });
    try {
      const reads: Record<string, () => Promise<unknown>> = {
        'a first load': () => store.activeExecutions(),
        'new events of the last minute': async () => store.eventsSince((await store.clock()) - MINUTE, 5000),
        'the latest 50 cancellations': () => store.recentCancellations(50),
      };
      for (const [what, read] of Object.entries(reads)) {
        await read();
        const times: number[] = [];
        for (let round = 0; round < context.repeats(15); round++) {
          const begun = performance.now();
          await read();
          times.push(performance.now() - begun);
        }
        const ours = sample(times);
        const one = single.get(what) ?? ours;
        single.set(what, one);
        rows.push(
          figureRow({
            what,
            sizes: `${count} × 100,000 events`,
            unit: '×',
            value: ours.median / one.median,
            shown: `${ours.median.toFixed(1)} ms`,
            reference: `one shard: ${one.median.toFixed(1)} ms`,
          }),
        );
      }
    } finally {
      await store.close();
    }
  }
  return rows;
}

import { createLiveFeed } from '../../source/service/live-feed/live-feed.js';
import type { BenchDatabase } from '../harness/databases.js';
import { ratioRow } from '../harness/rows.js';
import { type Sample, sample } from '../harness/statistics.js';
import { openStore } from '../harness/store.js';
import type { BenchContext, BenchRow } from '../harness/types.js';

const NEW_EVENTS = 50;
const NEVER_MS = 1e9;

/** The console's first load against one of its refreshes, through the live feed itself. */
export async function run(context: BenchContext): Promise<BenchRow[]> {
  const { small, large, largest } = context.sizes;
  const rows: BenchRow[] = [];
  let smallest: Sample | undefined;
  for (const size of largest ? [small, large, largest] : [small, large]) {
    const database = await context.database(size);
    await database.freshen();
    const { first, refresh } = await timesOf(database, context);
    const sizes = `${size.toLocaleString('en')} events, ${NEW_EVENTS} new ones`;
    rows.push(
      ratioRow({
        what: 'a refresh',
        sizes,
        unit: 'ms',
        ours: refresh,
        reference: first,
        referenceName: 'first load',
        ...(size === large
          ? { target: { atMost: 1 / 20 } }
          : { note: `the target is for ${large.toLocaleString('en')}: a refresh costs the same in both tables` }),
      }),
    );
    if (smallest) {
      const what = 'a refresh in the larger table';
      const reference = { reference: smallest, referenceName: `in ${small.toLocaleString('en')}` };
      rows.push(ratioRow({ what, sizes, unit: 'ms', ours: refresh, ...reference }));
    }
    smallest ??= refresh;
  }
  return rows;
}

/** The refreshes of some consoles, and beside each refresh the first load of its console. */
async function timesOf(database: BenchDatabase, context: BenchContext): Promise<{ first: Sample; refresh: Sample }> {
  const firsts: number[] = [];
  const refreshes: number[] = [];
  const store = openStore(database);
  try {
    await store.activeExecutions({ polling: true });
    for (let round = 0; round < context.repeats(5); round++) {
      const times = await oneConsole(database, store, context.repeats(6));
      for (const refresh of times.refreshes) {
        firsts.push(times.first);
        refreshes.push(refresh);
      }
    }
  } finally {
    await store.close();
  }
  return { first: sample(firsts), refresh: sample(refreshes) };
}

/** A console from its start: a first load, then refreshes that each find new events. */
async function oneConsole(
  database: BenchDatabase,
  store: ReturnType<typeof openStore>,
  count: number,
): Promise<{ first: number; refreshes: number[] }> {
  const refreshes: number[] = [];
  const begun = performance.now();
  let first = 0;
  let refreshBegun: number | null = null;
  const watched = {
    ...store,
    eventsSince: async (...given: Parameters<typeof store.eventsSince>) => {
      // Before the clock starts: what this refresh will find.
      if (first > 0 && refreshBegun === null) {
        await writeNewEvents(database);
        refreshBegun = performance.now();
      }
      return store.eventsSince(...given);
    },
  };
  const feed = createLiveFeed(watched, { pollMs: 1, fullCheckMs: NEVER_MS });
  await new Promise<void>((resolve, reject) => {
    feed.subscribe(() => {
      const { health, history } = feed.snapshot();
      if (health.kind === 'reconnecting') reject(new Error(health.problem));
      // Complete when the last of the older executions is read.
      if (health.kind === 'live' && !history) first ||= performance.now() - begun;
      if (refreshBegun === null) return;
      refreshes.push(performance.now() - refreshBegun);
      refreshBegun = null;
      if (refreshes.length === count) resolve();
    });
    feed.start();
  });
  await feed.stop();
  return { first, refreshes };
}

async function writeNewEvents(database: BenchDatabase): Promise<void> {
  await database.client.query(
    `INSERT INTO ${database.schema}.event (execution_id, event_id, catalog_id, created_at, event_type, node_name, status)
     SELECT l.execution_id, l.event_id + n, l.catalog_id, clock_timestamp() AT TIME ZONE 'UTC', 'step.enter', l.node_name, 'ENTERED'
     FROM (SELECT execution_id FROM bench.execution WHERE NOT terminal ORDER BY last_ms DESC LIMIT 10) x
     CROSS JOIN LATERAL (SELECT e.* FROM ${database.schema}.event e WHERE e.execution_id = x.execution_id
                         ORDER BY e.event_id DESC LIMIT 1) l
     CROSS JOIN generate_series(1, $1::int / 10) n`,
    [NEW_EVENTS],
  );
}

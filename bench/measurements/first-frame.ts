import { bundled } from '../harness/bundle.js';
import { interleave, type Timed } from '../harness/interleave.js';
import { PROGRAM } from '../harness/process.js';
import { ratioRow } from '../harness/rows.js';
import { sample } from '../harness/statistics.js';
import { openStore } from '../harness/store.js';
import { LIVE, timesUntil } from '../harness/terminal-texts.js';
import type { BenchContext, BenchRow } from '../harness/types.js';

/** Any frame of the console names the program's views; before it there are only sequences that set the terminal up. */
const FIRST = 'Active';
const HELLO = 'Hello';
const WARM_UPS = 2;

/** From the start of the process to what its terminal shows, in a pseudo-terminal of 120×39. */
export async function run(context: BenchContext): Promise<BenchRow[]> {
  const database = await context.database(context.sizes.small);
  await database.freshen();
  const hello = await bundled('hello-ink', true);
  const store = openStore(database);
  const env = { DATABASE_URL: database.url };
  const lives: number[] = [];
  try {
    const times = await interleave(
      {
        ours: {
          run: async () => {
            const [first, live] = await timesUntil([PROGRAM], [FIRST, LIVE], env);
            lives.push(live!);
            return first;
          },
        },
        hello: { run: async () => (await timesUntil([hello.file], [HELLO], {}))[0] },
        load: { run: () => firstLoad(database) },
      },
      context.repeats(12),
      WARM_UPS,
    );
    const sizes = `120×39, ${context.sizes.small.toLocaleString('en')} events`;
    const allowed = sample(times.ours.values.map((first, round) => first + 1.5 * times.load.values[round]!));
    return [
      ratioRow({
        what: 'first frame',
        sizes,
        unit: 'ms',
        ours: times.ours,
        reference: times.hello,
        referenceName: 'a bundled Ink hello world',
        target: { atMost: 1.4 },
      }),
      ratioRow({
        what: 'first rows: what runs and what began lately',
        sizes,
        unit: 'ms',
        ours: sample(lives.slice(WARM_UPS)),
        reference: allowed,
        referenceName: `first frame + 1.5 × their own query of ${times.load.median.toFixed(0)} ms`,
        target: { atMost: 1 },
      }),
      ...(await growth(context)),
    ];
  } finally {
    await store.close();
    await hello.remove();
  }
}

/** First rows in the larger table and in the smaller one, by turns. */
async function growth(context: BenchContext): Promise<BenchRow[]> {
  const { small, large } = context.sizes;
  const firstRows = async (events: number): Promise<Timed> => {
    const database = await context.database(events);
    await database.freshen();
    return { run: async () => (await timesUntil([PROGRAM], [LIVE], { DATABASE_URL: database.url }))[0]! };
  };
  const times = await interleave(
    { small: await firstRows(small), large: await firstRows(large) },
    context.repeats(12),
    WARM_UPS,
  );
  return [
    ratioRow({
      what: 'first rows in the larger table',
      sizes: `120×39, ${large.toLocaleString('en')} events`,
      unit: 'ms',
      ours: times.large,
      reference: times.small,
      referenceName: `in ${small.toLocaleString('en')}`,
      target: { atMost: 1.2 },
    }),
  ];
}

/** What the query of the first rows costs on a new connection, as the console's is. */
async function firstLoad(database: Parameters<typeof openStore>[0]): Promise<number> {
  const store = openStore(database);
  const start = performance.now();
  await store.recentlyActive({ withinMs: 86_400_000, mostEvents: 20_000 }, { polling: true });
  const took = performance.now() - start;
  await store.close();
  return took;
}

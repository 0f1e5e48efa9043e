import { bundled } from '../harness/bundle.js';
import { interleave } from '../harness/interleave.js';
import { PROGRAM } from '../harness/process.js';
import { figureRow, ratioRow } from '../harness/rows.js';
import { sample } from '../harness/statistics.js';
import { openStore } from '../harness/store.js';
import { LIVE, timesUntil } from '../harness/terminal-texts.js';
import type { BenchContext, BenchRow } from '../harness/types.js';

/** Any frame of the console names the program's views; before it there are only sequences that set the terminal up. */
const FIRST = 'Active';
const HELLO = 'Hello';

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
      2,
    );
    const sizes = `120×39, ${context.sizes.small.toLocaleString('en')} events`;
    const live = sample(lives.slice(2)).median;
    const allowed = 1.5 * times.hello.median + times.load.median;
    return [
      ratioRow({
        what: 'first frame',
        sizes,
        unit: 'ms',
        ours: times.ours,
        reference: times.hello,
        referenceName: 'a bundled Ink hello world',
        target: { atMost: 1.5 },
      }),
      figureRow({
        what: 'first frame with data',
        sizes,
        unit: 'ms',
        value: live,
        reference: `1.5 × hello world + a first load of ${times.load.median.toFixed(0)} ms`,
        target: { atMost: allowed },
      }),
    ];
  } finally {
    await store.close();
    await hello.remove();
  }
}

/** What the first load costs by itself, on new connections as the console's are. */
async function firstLoad(database: Parameters<typeof openStore>[0]): Promise<number> {
  const store = openStore(database);
  const start = performance.now();
  await store.activeExecutions({ polling: true });
  const took = performance.now() - start;
  await store.close();
  return took;
}

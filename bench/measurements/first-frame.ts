import { spawn } from '@lydell/node-pty';
import { bundled } from '../harness/bundle.js';
import { interleave } from '../harness/interleave.js';
import { cleanEnvironment, PROGRAM } from '../harness/process.js';
import { figureRow, ratioRow } from '../harness/rows.js';
import { sample } from '../harness/statistics.js';
import { openStore } from '../harness/store.js';
import type { BenchContext, BenchRow } from '../harness/types.js';

/** The frame with data says that it is live. */
const LIVE = '● live';
/** Any frame of the console names the program's views; before it there are only sequences that set the terminal up. */
const FIRST = 'Active';
const HELLO = 'Hello';
const DEADLINE_MS = 60_000;

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

/** Milliseconds until each of the texts has come out of the program, which is then ended. */
function timesUntil(args: readonly string[], texts: readonly string[], env: NodeJS.ProcessEnv): Promise<number[]> {
  const start = performance.now();
  const terminal = spawn(process.execPath, [...args], {
    name: 'xterm-256color',
    cols: 120,
    rows: 39,
    env: cleanEnvironment(env) as Record<string, string>,
  });
  return new Promise((resolve, reject) => {
    const seen: number[] = [];
    let output = '';
    const deadline = setTimeout(
      () => end(new Error(`no "${texts[seen.length]}" in ${output.slice(-400)}`)),
      DEADLINE_MS,
    );
    const end = (error?: Error) => {
      clearTimeout(deadline);
      terminal.kill('SIGTERM');
      terminal.onExit(() => (error ? reject(error) : resolve(seen)));
    };
    terminal.onData((data) => {
      output += data;
      while (seen.length < texts.length && output.includes(texts[seen.length]!)) {
        seen.push(performance.now() - start);
        if (seen.length === texts.length) end();
      }
    });
  });
}

import { fileURLToPath } from 'node:url';
import { createServices } from '../../source/service/use-cases.js';
import type { BenchDatabase } from '../harness/databases.js';
import { type DelayingProxy, delayingProxy } from '../harness/delaying-proxy.js';
import { interleave, type Timed } from '../harness/interleave.js';
import { PROGRAM, timeProcess } from '../harness/process.js';
import { figureRow, ratioRow } from '../harness/rows.js';
import type { Sample } from '../harness/statistics.js';
import { openStoreAt } from '../harness/store.js';
import { LIVE, timesUntil } from '../harness/terminal-texts.js';
import type { BenchContext, BenchRow } from '../harness/types.js';
import { addRunning } from '../references/running-executions.js';

const ONE_STATEMENT = fileURLToPath(new URL('../references/one-statement.mjs', import.meta.url));
const ONE_WAY_MS = 25;
const SIZES = `a round trip of ${2 * ONE_WAY_MS} ms, 100,000 events`;
const WARM_UPS = 1;
const NEVER_MS = 86_400_000;
/** A root, two below it, four below those. */
const TREE = { executions: 7, fanOut: 2, levels: 3 };

/** Commands as whole processes and the console's waits, on a database that is a round trip of 50 ms away. */
export async function run(context: BenchContext): Promise<BenchRow[]> {
  const database = await context.scratchDatabase();
  await database.freshen();
  const proxy = await delayingProxy(database.url, ONE_WAY_MS);
  try {
    return [...(await commands(context, database, proxy)), ...(await waits(context, database, proxy))];
  } finally {
    await proxy.close();
  }
}

async function commands(context: BenchContext, database: BenchDatabase, proxy: DelayingProxy): Promise<BenchRow[]> {
  const repeats = context.repeats(9);
  const singles = await addRunning(database, repeats + WARM_UPS + 1);
  const trees: string[] = [];
  for (let n = 0; n < repeats + WARM_UPS; n++) {
    trees.push((await addRunning(database, TREE.executions, TREE.fanOut))[0]!);
  }
  const [ended, stale] = [await idWhere(database, 'terminal'), await idWhere(database, 'NOT terminal')];
  const running = singles.at(-1)!;
  const env = { DATABASE_URL: proxy.url };
  const program = (args: (round: number) => readonly string[]): Timed => ({
    run: (round) => timeProcess([PROGRAM, ...args(round)], env),
  });
  const targets: Record<string, { readonly timed: Timed; readonly atMost?: number }> = {
    '--cancel <id>': { timed: program((round) => ['--cancel', singles[round]!, '--reason', 'measured']), atMost: 1.6 },
    [`--cancel <id> --cascade, ${TREE.levels} levels`]: {
      timed: program((round) => ['--cancel', trees[round]!, '--cascade', '--reason', 'measured']),
    },
    'status of a running one': { timed: program(() => ['status', running]), atMost: 1.5 },
    'status of a stale one': { timed: program(() => ['status', stale]), atMost: 1.5 },
    'status of an ended one': { timed: program(() => ['status', ended]), atMost: 1.5 },
    events: { timed: program(() => ['events', ended]), atMost: 1.5 },
    query: { timed: program(() => ['query', 'SELECT count(*) FROM noetl.catalog']), atMost: 1.5 },
    list: { timed: program(() => ['list']), atMost: 2 },
    'stale --json': { timed: program(() => ['stale', '--json']), atMost: 2 },
    cancelled: { timed: program(() => ['cancelled']), atMost: 2 },
  };
  const minimal: Timed = { run: () => timeProcess([ONE_STATEMENT, ended], env) };
  const timed = Object.fromEntries(Object.entries(targets).map(([what, each]) => [what, each.timed]));
  const times: Record<string, Sample> = await interleave<string>({ ...timed, minimal }, repeats, WARM_UPS);
  const reference = times.minimal!;
  const referenceName = 'connect with pg, one statement';
  return Object.entries(targets).map(([what, { atMost }]) => {
    const ours = times[what]!;
    if (atMost !== undefined) {
      return ratioRow({
        what: `\`${what}\``,
        sizes: SIZES,
        unit: 'ms',
        ours,
        reference,
        referenceName,
        target: { atMost },
      });
    }
    return figureRow({
      what: `\`${what}\``,
      sizes: SIZES,
      unit: 'ms',
      value: ours.median,
      reference: `${referenceName}: ${reference.median.toFixed(0)} ms`,
      note: 'one round trip a level more than without --cascade; test/cli/round-trips.test.ts counts them',
    });
  });
}

async function idWhere(database: BenchDatabase, condition: string): Promise<string> {
  const { rows } = await database.client.query<{ id: string }>(
    `SELECT execution_id::text AS id FROM bench.execution WHERE ${condition} ORDER BY last_ms LIMIT 1`,
  );
  return rows[0]!.id;
}

/** What a person in front of the console waits for: its start, the dialog's plan and evidence, and a refresh. */
async function waits(context: BenchContext, database: BenchDatabase, proxy: DelayingProxy): Promise<BenchRow[]> {
  const repeats = context.repeats(9);
  const [one] = await addRunning(database, 1);
  const [root] = await addRunning(database, TREE.executions, TREE.fanOut);
  const stale = await idWhere(database, 'NOT terminal');
  const store = openStoreAt(proxy.url, database.schema);
  const { cancel, diagnose, liveFeed } = createServices(store);
  // It reads when it is asked to, and not by itself.
  const feed = liveFeed({ pollMs: NEVER_MS });
  const loaded = new Promise<void>((resolve) => {
    feed.subscribe(() => {
      if (feed.snapshot().health.kind === 'live' && !feed.snapshot().history) resolve();
    });
  });
  feed.start();
  await loaded;
  try {
    const times = await interleave(
      {
        // Milliseconds beyond what the same takes on a database that is near.
        console: { run: async () => (await timesUntil([PROGRAM], [LIVE], { DATABASE_URL: proxy.url }))[0]! },
        near: { run: async () => (await timesUntil([PROGRAM], [LIVE], { DATABASE_URL: database.url }))[0]! },
        plan: { run: () => duration(() => cancel.plan([one!], { cascade: false })) },
        cascade: { run: () => duration(() => cancel.plan([root!], { cascade: true })) },
        evidence: { run: () => duration(() => diagnose.diagnoseMany([stale], { olderThanMs: 600_000 })) },
        refresh: { run: () => duration(() => store.eventsSince(Date.now(), 100, { polling: true })) },
        whole: { run: () => duration(() => feed.refresh()) },
      },
      repeats,
      WARM_UPS,
    );
    const row = (what: string, of: Sample, note: string): BenchRow =>
      figureRow({
        what,
        sizes: SIZES,
        unit: 'ms',
        value: of.median,
        note: `${note}; at least ${Math.min(...of.values).toFixed(0)} ms`,
      });
    const near = times.near.median;
    const trips = (times.console.median - near) / (2 * ONE_WAY_MS);
    return [
      row(
        'the console’s first rows',
        times.console,
        `on a database that is near: ${near.toFixed(0)} ms, so ${trips.toFixed(1)} round trips, three of them to connect`,
      ),
      row('the cancel dialog’s plan', times.plan, 'one round trip'),
      row(`the same with descendants, ${TREE.levels} levels`, times.cascade, 'one round trip a level more'),
      row('the evidence of a target that is stale', times.evidence, 'at most three round trips, beside the plan'),
      row('a refresh without news', times.refresh, 'one round trip'),
      row('a refresh of everything (`r`)', times.whole, 'all that has not ended, and the counts of its children'),
    ];
  } finally {
    await feed.stop();
    await store.close();
  }
}

async function duration(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

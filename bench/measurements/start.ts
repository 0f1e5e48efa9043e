import { fileURLToPath } from 'node:url';
import { DEFAULT_STALE_AFTER_MS } from '../../source/domain/execution-status.js';
import { createServices } from '../../source/service/use-cases.js';
import type { BenchDatabase } from '../harness/databases.js';
import { interleave } from '../harness/interleave.js';
import { PROGRAM, timeProcess } from '../harness/process.js';
import { figure, ratioRow } from '../harness/rows.js';
import { sample } from '../harness/statistics.js';
import { openStore } from '../harness/store.js';
import type { BenchContext, BenchRow } from '../harness/types.js';
import { addRunning } from '../references/running-executions.js';

const INSERT_ONE = fileURLToPath(new URL('../references/insert-one.mjs', import.meta.url));
const WARM_UPS = 2;

/** Whole processes, from spawn to exit. */
export async function run(context: BenchContext): Promise<BenchRow[]> {
  const version = await interleave(
    {
      ours: { run: () => timeProcess([PROGRAM, '--version']) },
      node: { run: () => timeProcess(['-e', '0']) },
    },
    context.repeats(25),
    WARM_UPS,
  );
  const database = await context.scratchDatabase();
  const repeats = context.repeats(25);
  // Two for every round: one that ours cancels and one that the reference writes its row to.
  const ids = await addRunning(database, 2 * (repeats + WARM_UPS));
  const env = { DATABASE_URL: database.url };
  const cancel = await interleave(
    {
      ours: { run: (round) => timeProcess([PROGRAM, '--cancel', ids[2 * round]!, '--reason', 'measured'], env) },
      insert: { run: (round) => timeProcess([INSERT_ONE, ids[2 * round + 1]!], env) },
    },
    repeats,
    WARM_UPS,
  );
  return [
    ratioRow({
      what: '`--version`',
      sizes: 'whole process',
      unit: 'ms',
      ours: version.ours,
      reference: version.node,
      referenceName: '`node -e 0`',
      target: { atMost: 1.5 },
    }),
    ratioRow({
      what: '`--cancel <id>`',
      sizes: 'whole process, 17 partitions × 32 indexes',
      unit: 'ms',
      ours: cancel.ours,
      reference: cancel.insert,
      referenceName: 'connect with pg, insert one row',
      target: { atMost: 1.5 },
    }),
    await staleRow(context, database),
  ];
}

/** `stale --json` in the small table, against the minimal program's time and its own reading. */
async function staleRow(context: BenchContext, scratch: BenchDatabase): Promise<BenchRow> {
  const database = await context.database(context.sizes.small);
  await database.freshen();
  const repeats = context.repeats(12);
  const ids = await addRunning(scratch, repeats + WARM_UPS);
  const times = await interleave(
    {
      ours: { run: () => timeProcess([PROGRAM, 'stale', '--json'], { DATABASE_URL: database.url }) },
      insert: { run: (round) => timeProcess([INSERT_ONE, ids[round]!], { DATABASE_URL: scratch.url }) },
      store: { run: () => readStale(database) },
    },
    repeats,
    WARM_UPS,
  );
  const store = times.store.values;
  return ratioRow({
    what: '`stale --json`',
    sizes: `whole process, ${context.sizes.small.toLocaleString('en')} events`,
    unit: 'ms',
    ours: times.ours,
    reference: sample(times.insert.values.map((insert, round) => insert + 1.2 * store[round]!)),
    referenceName: `the minimal program + 1.2 × the store's own time (${figure(times.insert.median)} ms and ${figure(times.store.median)} ms)`,
    target: { atMost: 1 },
  });
}

/** What the same reading takes without a process of its own, on connections that are as new. Milliseconds. */
async function readStale(database: BenchDatabase): Promise<number> {
  const store = openStore(database);
  try {
    // The minimal program's time includes connecting.
    await store.clock();
    const start = performance.now();
    await createServices(store).diagnose.diagnoseStale({ olderThanMs: DEFAULT_STALE_AFTER_MS });
    return performance.now() - start;
  } finally {
    await store.close();
  }
}

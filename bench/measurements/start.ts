import { fileURLToPath } from 'node:url';
import { interleave } from '../harness/interleave.js';
import { PROGRAM, timeProcess } from '../harness/process.js';
import { ratioRow } from '../harness/rows.js';
import type { BenchContext, BenchRow } from '../harness/types.js';
import { addRunning } from '../references/running-executions.js';

const INSERT_ONE = fileURLToPath(new URL('../references/insert-one.mjs', import.meta.url));

/** Whole processes, from spawn to exit. */
export async function run(context: BenchContext): Promise<BenchRow[]> {
  const version = await interleave(
    {
      ours: { run: () => timeProcess([PROGRAM, '--version']) },
      node: { run: () => timeProcess(['-e', '0']) },
    },
    context.repeats(25),
    2,
  );
  const database = await context.scratchDatabase();
  const repeats = context.repeats(25);
  const warmUps = 2;
  // Two for every round: one that ours cancels and one that the reference writes its row to.
  const ids = await addRunning(database, 2 * (repeats + warmUps));
  const env = { DATABASE_URL: database.url };
  const cancel = await interleave(
    {
      ours: { run: (round) => timeProcess([PROGRAM, '--cancel', ids[2 * round]!, '--reason', 'measured'], env) },
      insert: { run: (round) => timeProcess([INSERT_ONE, ids[2 * round + 1]!], env) },
    },
    repeats,
    warmUps,
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
  ];
}

import { RUNAWAY_CODES } from '../../source/domain/runaway/facts.js';
import { createRunawayService } from '../../source/service/runaway.js';
import type { BenchDatabase } from '../harness/databases.js';
import { interleave } from '../harness/interleave.js';
import { factRow, figureRow, ratioRow } from '../harness/rows.js';
import { openStore } from '../harness/store.js';
import type { BenchContext, BenchRow } from '../harness/types.js';
import { SEED_STALE_QUERY } from '../references/seed-queries.js';

/** Rows that one execution without an end gets, so that there is one whose counts stop at the cap. */
const LONG_ROWS = 60_000;

/** Finding what runs away, with the baselines still to be read and with them known, at every size. */
export async function run(context: BenchContext): Promise<BenchRow[]> {
  const { small, large, largest } = context.sizes;
  const rows: BenchRow[] = [];
  for (const size of largest ? [small, large, largest] : [small, large]) {
    rows.push(...(await runawayIn(await context.database(size), size, context)));
  }
  return rows;
}

async function runawayIn(database: BenchDatabase, size: number, context: BenchContext): Promise<BenchRow[]> {
  await database.freshen();
  const store = openStore(database);
  const sizes = `${size.toLocaleString('en')} events, ${database.executions.toLocaleString('en')} executions`;
  const known = createRunawayService(store);
  try {
    // As a console does it: which executions run is known from its feed.
    const active = await store.activeExecutions();
    const before = await known.find({ active });
    const times = await interleave(
      {
        first: { run: async () => void (await createRunawayService(store).find({ active })) },
        again: { run: async () => void (await known.find({ active })) },
        seed: { run: async () => void (await database.client.query(SEED_STALE_QUERY)) },
      },
      context.repeats(5),
      1,
    );
    const long = await longRun(database);
    const found = await createRunawayService(store).find();
    const runaway = found.found.find(({ execution }) => execution.executionId === long)?.runaway;
    await removeRun(database, long);
    const reference = { reference: times.seed, referenceName: "seed's stale query", unit: 'ms', sizes };
    const codes = RUNAWAY_CODES.map((code) => `${before.byCode.get(code) ?? 0} ${code}`).join(', ');
    return [
      ratioRow({
        what: 'what runs away, baselines read',
        ours: times.first,
        target: { atMost: 1 },
        ...reference,
      }),
      ratioRow({ what: 'the same, baselines known', ours: times.again, target: { atMost: 0.25 }, ...reference }),
      factRow({
        what: `an execution of ${LONG_ROWS.toLocaleString('en')} issued commands`,
        sizes,
        holds: runaway?.code === 'repeating' && runaway.evidence.isAtLeast,
        shown: runaway?.evidence.sentence ?? 'not found',
        expected: 'repeating, counted up to the cap',
      }),
      figureRow({
        what: 'running executions that are looked at',
        sizes,
        unit: 'executions',
        value: before.examined,
        note: codes,
      }),
    ];
  } finally {
    await store.close();
  }
}

/** One more execution, of a playbook with a history, that issues one step again and again. */
async function longRun({ client, schema }: BenchDatabase): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    `SELECT (max(execution_id) + 4096)::text AS id FROM bench.execution WHERE execution_id < 1152921504606846976`,
  );
  const id = rows[0]!.id;
  await client.query(
    `INSERT INTO ${schema}.event (execution_id, event_id, catalog_id, created_at, event_type, node_name, status)
     SELECT $1::bigint, $1::bigint + n, c.catalog_id, (clock_timestamp() AT TIME ZONE 'UTC') - (${LONG_ROWS} - n) * interval '10 milliseconds',
       CASE WHEN n = 0 THEN 'playbook_started' ELSE 'command.issued' END, CASE WHEN n = 0 THEN c.path ELSE 'poll' END, 'PENDING'
     FROM (SELECT catalog_id, path FROM ${schema}.catalog ORDER BY catalog_id LIMIT 1) c
     CROSS JOIN generate_series(0, ${LONG_ROWS}) n`,
    [id],
  );
  return id;
}

const removeRun = ({ client, schema }: BenchDatabase, id: string) =>
  client.query(`DELETE FROM ${schema}.event WHERE execution_id = $1::bigint`, [id]);

import { DEFAULT_STALE_AFTER_MS, isSilent } from '../../source/domain/execution-status.js';
import { createDiagnoseService } from '../../source/service/diagnose/diagnose.js';
import type { BenchDatabase } from '../harness/databases.js';
import { interleave } from '../harness/interleave.js';
import { factRow, figureRow, ratioRow } from '../harness/rows.js';
import { openStore } from '../harness/store.js';
import type { BenchContext, BenchRow } from '../harness/types.js';
import { SEED_STALE_QUERY } from '../references/seed-queries.js';

/** Everything that has not ended and is silent, against the seed's query, at every size. */
export async function run(context: BenchContext): Promise<BenchRow[]> {
  const { small, large, largest } = context.sizes;
  const rows: BenchRow[] = [];
  for (const size of largest ? [small, large, largest] : [small, large]) {
    rows.push(...(await staleIn(await context.database(size), size, context)));
  }
  return rows;
}

async function staleIn(database: BenchDatabase, size: number, context: BenchContext): Promise<BenchRow[]> {
  await database.freshen();
  const store = openStore(database);
  const service = createDiagnoseService(store);
  const sizes = `${size.toLocaleString('en')} events, ${database.executions.toLocaleString('en')} executions`;
  let silent: string[] = [];
  let seedFinds = 0;
  let codes = '';
  try {
    const times = await interleave(
      {
        silent: {
          run: async () => {
            const { executions, asOf } = await store.activeExecutions();
            silent = executions
              .filter(({ lastEvent }) => isSilent(lastEvent.at, asOf, DEFAULT_STALE_AFTER_MS))
              .map(({ executionId }) => executionId);
            return undefined;
          },
        },
        diagnosed: {
          run: async () => {
            const { stale, byCode } = await service.diagnoseStale({ olderThanMs: DEFAULT_STALE_AFTER_MS });
            if (stale.length !== silent.length) throw new Error(`${stale.length} diagnosed, ${silent.length} silent`);
            codes = byCode.map(({ code, count }) => `${count} ${code}`).join(', ');
            return undefined;
          },
        },
        seed: {
          run: async () => {
            seedFinds = (await database.client.query(SEED_STALE_QUERY)).rowCount ?? 0;
            return undefined;
          },
        },
      },
      context.repeats(7),
      1,
    );
    const truth = await silentByTruth(database);
    const wrong = silent.filter((id) => !truth.has(id)).length + [...truth].filter((id) => !silent.includes(id)).length;
    const reference = { reference: times.seed, referenceName: "seed's stale query", unit: 'ms', sizes };
    // The targets are for 5 million.
    const targetOf = (atMost: number) => (size === context.sizes.large ? { target: { atMost } } : {});
    return [
      ratioRow({ what: 'every silent execution', ours: times.silent, ...targetOf(0.25), ...reference }),
      ratioRow({
        what: 'the same, each with its diagnosis',
        ours: times.diagnosed,
        ...targetOf(0.5),
        ...reference,
      }),
      factRow({
        what: 'every non-terminal silent execution and nothing else',
        sizes,
        holds: wrong === 0,
        shown: `${silent.length} found, ${truth.size} by the generator's truth, ${wrong} differ`,
        expected: 'none differ',
      }),
      figureRow({
        what: "executions that the seed's query returns",
        sizes,
        unit: 'executions',
        value: seedFinds,
        note: `it returns nearly all there are; ours: ${codes}`,
      }),
    ];
  } finally {
    await store.close();
  }
}

async function silentByTruth(database: BenchDatabase): Promise<Set<string>> {
  const { rows } = await database.client.query<{ id: string }>(
    `SELECT execution_id::text AS id FROM bench.execution
     WHERE NOT terminal AND last_ms < extract(epoch FROM clock_timestamp()) * 1000 - $1`,
    [DEFAULT_STALE_AFTER_MS],
  );
  return new Set(rows.map(({ id }) => id));
}

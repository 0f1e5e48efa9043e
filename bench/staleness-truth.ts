/**
 * `stale` on about a million events against a slow, obviously right query, against the generator's truth, and against
 * the seed's own query. Correctness, not speed: run it by itself with `npx tsx bench/staleness-truth.ts`.
 */
import pg from 'pg';
import { startEmbeddedServer } from '../source/demo/embedded-server.js';
import { schemaSql } from '../source/demo/schema.js';
import { TERMINAL_TYPES } from '../source/domain/event-types.js';
import { createDiagnoseService } from '../source/service/diagnose/diagnose.js';
import { generateHistory, HEALTHY_TRUTHS, type HistoryExecution, loadHistory } from '../test/helpers/history.js';
import { openStore } from '../test/helpers/store.js';
import { truthTable } from '../test/helpers/truth-table.js';
import { SEED_STALE_QUERY } from './references/seed-queries.js';

const TEN_MINUTES = 600_000;
const SEEDS = [11, 12, 13];
const EXECUTIONS_A_SEED = 4_000;
/** Steps of an execution, 1 to this many, about seven events each. */
const STEPS = 24;
/** For each round of the scenarios, of some 40 executions. */
const COMPLETED_A_ROUND = 360;

/** Reads every event there is; nobody can doubt what it means. */
const REFERENCE = `SELECT execution_id::text AS id FROM noetl.event GROUP BY execution_id
  HAVING NOT bool_or(event_type = ANY($1::text[]))
    AND max(created_at) < (clock_timestamp() AT TIME ZONE 'UTC') - interval '10 minutes'`;

const server = await startEmbeddedServer({ sharedBuffers: '512MB' });
try {
  await main(server.url);
} finally {
  await server.stop();
}

async function main(url: string): Promise<void> {
  const pool = new pg.Pool({ connectionString: url, max: 2 });
  await pool.query(schemaSql());
  const now = Date.now();
  const history: HistoryExecution[] = SEEDS.flatMap((seed) =>
    generateHistory({ seed, executions: EXECUTIONS_A_SEED, now, steps: STEPS, completed: COMPLETED_A_ROUND }),
  );
  const events = await loadHistory(pool, history, now);
  console.log(`${history.length} executions, ${events} events, seeds ${SEEDS.join(', ')}`);

  const store = openStore(url);
  const service = createDiagnoseService(store);
  await service.diagnoseStale({ olderThanMs: TEN_MINUTES });
  const [report, ours] = await timed(() => service.diagnoseStale({ olderThanMs: TEN_MINUTES }));
  const [reference, slow] = await timed(() => pool.query<{ id: string }>(REFERENCE, [TERMINAL_TYPES]));
  const [seed, seeds] = await timed(() => pool.query<{ execution_id: string }>(SEED_STALE_QUERY));

  const found = new Set(report.stale.map(({ execution }) => execution.executionId));
  const right = new Set(reference.rows.map(({ id }) => id));
  const missed = [...right].filter((id) => !found.has(id));
  const extra = [...found].filter((id) => !right.has(id));
  const truths = new Map(history.map((execution) => [execution.id, execution.truth]));
  const wrong = report.stale.filter(({ execution, diagnosis }) => truths.get(execution.executionId) !== diagnosis.code);
  const harmed = report.stale.filter(
    ({ execution, diagnosis }) => diagnosis.safe && HEALTHY_TRUTHS.has(truths.get(execution.executionId) ?? ''),
  );
  console.log(`stale with diagnoses: ${found.size} in ${ours} ms
reference query:      ${right.size} in ${slow} ms; ${missed.length} missed, ${extra.length} too many
seed's query:         ${seed.rowCount} in ${seeds} ms, of which ${seed.rows.filter((row) => truths.get(row.execution_id) === 'ended').length} have ended
codes that are wrong: ${wrong.length}; healthy executions called safe: ${harmed.length}
${truthTable(history, report)}`);
  await store.close();
  await pool.end();
  if (missed.length + extra.length + wrong.length + harmed.length > 0) process.exitCode = 1;
}

async function timed<T>(work: () => Promise<T>): Promise<[T, number]> {
  const begun = performance.now();
  const result = await work();
  return [result, Math.round(performance.now() - begun)];
}

import type pg from 'pg';
import { seededRandom } from '../../source/demo/engine/random.js';
import { quoteIdentifier } from '../../source/demo/schema.js';
import { copyHistory } from './history/load.js';
import type { HistoryExecution } from './history/run.js';
import { LIVE_WORKERS, SCENARIOS, Setting, SILENT_WORKERS } from './history/scenarios.js';

export type { HistoryExecution, Truth } from './history/run.js';

/** The codes that healthy work may be given; the others say that an execution is stuck. */
export const HEALTHY_TRUTHS: ReadonlySet<string> = new Set([
  'running',
  'awaiting-callback',
  'waiting-on-child',
  'parent-active',
  'live-claim',
  'finalizing',
]);

/** At least so many executions with known ground truth, every scenario in turn, from one seed. */
export function generateHistory(options: {
  readonly seed: number;
  readonly executions: number;
  readonly now: number;
  readonly steps?: number;
  /** Completed executions besides, for each round of the scenarios; a real table holds hardly anything else. */
  readonly completed?: number;
}): HistoryExecution[] {
  const setting = new Setting(seededRandom(options.seed), options.now, options.steps ?? 2);
  const history: HistoryExecution[] = [];
  while (history.length < options.executions) {
    for (const scenario of Object.values(SCENARIOS)) history.push(...scenario(setting));
    for (let count = 0; count < (options.completed ?? 0); count++) {
      history.push(setting.run().end().as('ended', 'completed', setting.old()));
    }
  }
  return history;
}

/** Loads a history with its workers into a database; returns the number of events. */
export async function loadHistory(
  pool: pg.Pool,
  history: readonly HistoryExecution[],
  now: number,
  schemaName = 'noetl',
): Promise<number> {
  const schema = quoteIdentifier(schemaName);
  const events = await copyHistory(pool, history, schema);
  const workers = [
    ...LIVE_WORKERS.map((name) => ({ name, ms: now })),
    ...SILENT_WORKERS.map((name) => ({ name, ms: now - 3 * 3_600_000 })),
  ];
  await pool.query(
    `INSERT INTO ${schema}.runtime (runtime_id, name, kind, status, heartbeat)
      SELECT row_number() OVER (), w.name, 'worker_pool', 'ready', to_timestamp(w.ms / 1000)
      FROM jsonb_to_recordset($1::jsonb) AS w (name text, ms float8)`,
    [JSON.stringify(workers)],
  );
  await pool.query(`ANALYZE ${schema}.event`);
  return events;
}

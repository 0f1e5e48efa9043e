import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDiagnoseService } from '../../../source/service/diagnose/diagnose.js';
import type { StaleReport } from '../../../source/service/diagnose/stale-summary.js';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.js';
import { generateHistory, HEALTHY_TRUTHS, type HistoryExecution, loadHistory } from '../../helpers/history.js';
import { openStore } from '../../helpers/store.js';
import { truthTable } from '../../helpers/truth-table.js';

const TEN_MINUTES = 10 * 60_000;
const SEEDS = [1, 2, 3, 4];
const EXECUTIONS_A_SEED = 5_000;

/** The seed's own query for stale executions, as printed. */
const SEED_QUERY = `SELECT DISTINCT execution_id
FROM noetl.event
WHERE status IN ('RUNNING', 'INITIALIZED')
AND created_at < NOW() - INTERVAL '10 minutes'
ORDER BY execution_id DESC`;

describe('a history of 20,000 executions with known truth', () => {
  const history: HistoryExecution[] = [];
  let db: TestDatabase;
  let report: StaleReport;
  let seedFinds: ReadonlySet<string>;

  beforeAll(async () => {
    db = await createTestDatabase();
    const now = Date.now();
    for (const seed of SEEDS) history.push(...generateHistory({ seed, executions: EXECUTIONS_A_SEED, now, steps: 1 }));
    const events = await loadHistory(db.pool, history, now);
    const store = openStore(db.url);
    const begun = performance.now();
    report = await createDiagnoseService(store).diagnoseStale({ olderThanMs: TEN_MINUTES });
    const took = performance.now() - begun;
    const { rows } = await db.pool.query<{ execution_id: string }>(SEED_QUERY);
    seedFinds = new Set(rows.map(({ execution_id }) => execution_id));
    await store.close();
    console.log(
      `${history.length} executions, ${events} events; stale: ${report.stale.length} in ${Math.round(took)} ms; ` +
        `the seed's query: ${seedFinds.size}\n${truthTable(history, report)}`,
    );
  }, 240_000);
  afterAll(() => db?.close());

  it('finds every stale execution and no other', () => {
    const expected = history.filter(({ truth }) => truth !== 'ended' && truth !== 'running').map(({ id }) => id);
    const found = report.stale.map(({ execution }) => execution.executionId);
    expect(new Set(found)).toEqual(new Set(expected));
    expect(found).toHaveLength(expected.length);
  });

  it('gives each the code that is true', () => {
    const truths = new Map(history.map((execution) => [execution.id, execution]));
    const wrong = report.stale.flatMap(({ execution, diagnosis }) => {
      const known = truths.get(execution.executionId);
      return known?.truth === diagnosis.code
        ? []
        : [`${known?.scenario}: ${diagnosis.code} (${diagnosis.evidence.sentence})`];
    });
    expect(wrong.slice(0, 20)).toEqual([]);
  });

  it('calls no healthy execution safe, and every stuck one', () => {
    const safe = new Map(report.stale.map(({ execution, diagnosis }) => [execution.executionId, diagnosis.safe]));
    const harmed = history.filter(({ id, truth }) => HEALTHY_TRUTHS.has(truth) && safe.get(id) === true);
    const left = history.filter(
      ({ id, truth }) =>
        !HEALTHY_TRUTHS.has(truth) && truth !== 'ended' && truth !== 'unknown' && safe.get(id) !== true,
    );
    expect(harmed.map(({ scenario }) => scenario)).toEqual([]);
    expect(left.map(({ scenario }) => scenario)).toEqual([]);
  });

  it('is not what the seed query finds: that returns whatever once ran, ended or not, healthy or not', () => {
    const has = (truths: (truth: string) => boolean) => {
      const ids = history.filter(({ truth }) => truths(truth)).map(({ id }) => id);
      return ids.filter((id) => seedFinds.has(id)).length / ids.length;
    };
    expect(has((truth) => truth === 'ended')).toBeGreaterThan(0.8);
    expect(has((truth) => HEALTHY_TRUTHS.has(truth))).toBeGreaterThan(0.5);
    expect(report.stale.filter(({ execution }) => execution.status !== 'RUNNING')).toEqual([]);
  });
});

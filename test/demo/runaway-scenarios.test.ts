import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tellHistory } from '../../source/demo/engine/history.js';
import { OVERRUNNING_PATH, REDRIVEN_PATH, REPEATING_PATH, RUNAWAY_PATH } from '../../source/demo/engine/playbooks.js';
import { seedDatabase } from '../../source/demo/seed-database.js';
import { TERMINAL_TYPES } from '../../source/domain/event-types.js';
import { createTestDatabase, type TestDatabase } from '../helpers/database.js';

/** Thresholds of product.md, "What is running away". */
const FACTOR = 3;
const LEAST = 50;
const CLAIMS = 5;
const OVERRUN_FACTOR = 5;
const OVERRUN_LEAST_SECONDS = 600;
const RUNS = 50;
/** What an execution that is silent for longer is called: stale, and not running away. */
const STALE_SECONDS = 600;

interface Run {
  path: string;
  ended: boolean;
  seconds: number;
  silent: number;
  claims: number;
  issued: number;
  children: number;
}

describe.each([1, 7])('with seed %i', (seed) => {
  let database: TestDatabase;
  let runs: Run[];
  beforeAll(async () => {
    database = await createTestDatabase();
    const client = await database.pool.connect();
    await seedDatabase(client, database.schema, tellHistory(seed, Date.now()));
    client.release();
    const { rows } = await database.pool.query<Run>(
      `WITH runs AS (
        SELECT e.execution_id AS id, c.path, bool_or(e.event_type = ANY($1)) AS ended,
          extract(epoch FROM coalesce(max(e.event_time) FILTER (WHERE e.event_type = ANY($1)), now()) - min(e.event_time))::float8 AS seconds,
          extract(epoch FROM now() - max(e.event_time) FILTER (WHERE e.event_type NOT LIKE 'batch.%'))::float8 AS silent
        FROM noetl.event e JOIN noetl.catalog c USING (catalog_id) WHERE c.path = ANY($2) GROUP BY 1, 2
      ) SELECT path, ended, seconds, silent,
        coalesce((SELECT max(n) FROM (SELECT count(*)::int AS n FROM noetl.event WHERE execution_id = id
          AND event_type = 'command.claimed' GROUP BY meta->>'command_id') x), 0) AS claims,
        coalesce((SELECT max(n) FROM (SELECT count(*)::int AS n FROM noetl.event WHERE execution_id = id
          AND event_type = 'command.issued' AND NOT meta ? 'iteration_total' GROUP BY node_name) x), 0) AS issued,
        (SELECT count(DISTINCT execution_id)::int FROM noetl.event WHERE parent_execution_id = id) AS children
      FROM runs ORDER BY seconds`,
      [TERMINAL_TYPES, [RUNAWAY_PATH, REPEATING_PATH, OVERRUNNING_PATH, REDRIVEN_PATH]],
    );
    runs = rows;
  });
  afterAll(() => database.close());

  /** The one execution of a playbook that runs away, and the ended runs that it is compared with. */
  const compared = (path: string, by: keyof Run) => {
    const mine = runs.filter((run) => run.path === path);
    const baseline = mine.filter(({ ended }) => ended);
    expect(baseline.length).toBeGreaterThanOrEqual(10);
    expect(baseline.length).toBeLessThanOrEqual(RUNS);
    const running = mine.filter(({ ended, silent }) => !ended && silent < STALE_SECONDS);
    const [worst] = running.sort((a, b) => Number(b[by]) - Number(a[by]));
    if (!worst) throw new Error(`nothing of ${path} is running`);
    return { worst, baseline };
  };

  test('one command is claimed five times or more', () => {
    const { worst, baseline } = compared(REDRIVEN_PATH, 'claims');
    expect(worst.claims).toBeGreaterThanOrEqual(CLAIMS);
    expect(Math.max(...baseline.map(({ claims }) => claims))).toBe(1);
  });

  test('a step without an announced total is issued far more often than in any ended run', () => {
    const { worst, baseline } = compared(REPEATING_PATH, 'issued');
    const most = Math.max(...baseline.map(({ issued }) => issued));
    expect(most).toBeGreaterThan(1);
    expect(worst.issued).toBeGreaterThan(Math.max(FACTOR * most, LEAST - 1));
  });

  test('an execution spawns far more children than any ended run', () => {
    const { worst, baseline } = compared(RUNAWAY_PATH, 'children');
    const most = Math.max(...baseline.map(({ children }) => children));
    expect(most).toBeGreaterThan(1);
    expect(worst.children).toBeGreaterThan(Math.max(FACTOR * most, LEAST - 1));
  });

  test('an execution runs far longer than the ended runs', () => {
    const { worst, baseline } = compared(OVERRUNNING_PATH, 'seconds');
    const p95 = baseline[Math.ceil(baseline.length * 0.95) - 1]?.seconds ?? 0;
    expect(p95).toBeGreaterThan(10);
    expect(worst.seconds).toBeGreaterThan(Math.max(OVERRUN_FACTOR * p95, OVERRUN_LEAST_SECONDS));
  });
});

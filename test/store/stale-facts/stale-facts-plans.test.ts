import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tablesIn } from '../../../source/store/connection/tables.js';
import type { EventStore } from '../../../source/store/event-store.js';
import type { Sql } from '../../../source/store/sql.js';
import { finishedWithin, loadedWithNeighbours } from '../../../source/store/stale-facts/reader.js';
import { recordedFacts } from '../../../source/store/stale-facts/recorded-facts.js';
import { rowCounts } from '../../../source/store/stale-facts/row-counts.js';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.js';
import { generateHistory, type HistoryExecution, loadHistory } from '../../helpers/history.js';
import { openStore } from '../../helpers/store.js';

interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Actual Loops': number;
  'Actual Rows': number;
  'Rows Removed by Filter'?: number;
  Plans?: PlanNode[];
}

const LONG = '700000000000000001';
const tables = tablesIn('noetl');
let db: TestDatabase;
let store: EventStore;
let history: HistoryExecution[];

beforeAll(async () => {
  db = await createTestDatabase();
  history = generateHistory({ seed: 7, executions: 2_000, now: Date.now(), steps: 2 });
  await loadHistory(db.pool, history, Date.now());
  await addLongExecution(10_000);
  await db.pool.query('VACUUM (ANALYZE) noetl.event');
  store = openStore(db.url);
}, 180_000);
afterAll(async () => {
  await store?.close();
  await db?.close();
});

/** A cursor flow of so many commands, of which the third was lost and all others ended. */
async function addLongExecution(commands: number): Promise<void> {
  await db.pool.query(
    `INSERT INTO noetl.event (execution_id, event_id, catalog_id, created_at, event_type, node_name, meta, ingest_time)
      SELECT ${LONG}, n * 4 + k, (SELECT min(catalog_id) FROM noetl.catalog),
        (now() AT TIME ZONE 'UTC') - interval '3 hours' + n * interval '1 ms', t, 'loop',
        jsonb_build_object('command_id', 'c' || n, 'worker_id', CASE WHEN k > 0 THEN 'worker-7' END), now() - interval '3 hours'
      FROM generate_series(1, $1::int) n,
        unnest(ARRAY['command.issued', 'command.claimed', 'command.started', 'command.completed']) WITH ORDINALITY AS u (t, o),
        LATERAL (SELECT o - 1 AS k) v
      WHERE NOT (n = 3 AND t = 'command.completed')`,
    [commands],
  );
}

/** What a statement reads of the event table in sequence, as it ran. */
async function scansOf(sql: Sql): Promise<string[]> {
  const { rows } = await db.pool.query<{ 'QUERY PLAN': { Plan: PlanNode }[] }>(
    `EXPLAIN (ANALYZE, FORMAT JSON) ${sql.text}`,
    [...sql.values],
  );
  const found: string[] = [];
  const visit = (node: PlanNode) => {
    const relation = node['Relation Name'] ?? '';
    const read = node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0);
    if (
      node['Node Type'].includes('Seq Scan') &&
      relation.startsWith('event') &&
      node['Actual Loops'] > 0 &&
      read > 0
    ) {
      found.push(`${node['Node Type']} on ${relation}`);
    }
    for (const child of node.Plans ?? []) visit(child);
  };
  const plan = rows[0]?.['QUERY PLAN'][0]?.Plan;
  if (!plan) throw new Error('no plan');
  visit(plan);
  return found;
}

describe('on a filled database', () => {
  it('no statement scans a partition of the event table', async () => {
    const ids = history.slice(0, 500).map(({ id }) => id);
    const loads = ids.slice(0, 20).map((executionId) => ({
      executionId,
      ingestTime: new Date().toISOString(),
      lastEventAt: Date.now() - 86_400_000,
    }));
    expect(await scansOf(rowCounts(tables, ids, 10_000))).toEqual([]);
    expect(await scansOf(recordedFacts(tables, ids))).toEqual([]);
    expect(await scansOf(recordedFacts(tables, [LONG]))).toEqual([]);
    expect(await scansOf(loadedWithNeighbours(tables, loads))).toEqual([]);
    expect(await scansOf(finishedWithin(tables, 1000))).toEqual([]);
  });

  it('finds the one lost command of a long execution', async () => {
    const facts = await store.recordedFacts([LONG, ...history.slice(0, 50).map(({ id }) => id)]);
    expect(facts.get(LONG)?.outstanding).toMatchObject([{ commandKey: 'c3', stage: 'started', workerId: 'worker-7' }]);
    expect(facts.size).toBe(51);
  });
});

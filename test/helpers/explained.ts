import type pg from 'pg';
import type { Transaction } from '../../source/store/connection/pools.js';
import { PLAN_BY_INDEX, type Sql } from '../../source/store/sql.js';

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly Plans?: readonly PlanNode[];
}

/** What the statements of a transaction did to the event table, counted by EXPLAIN ANALYZE. */
export interface Work {
  statements: string[];
  /** Rows that scans of the table's partitions read, those that a filter threw away included. */
  rows: number;
  sequentialScans: string[];
}

/** A transaction as the store opens one for ids, whose statements are explained before they run. */
export async function explained<T>(
  pool: pg.Pool,
  run: (transaction: Transaction) => Promise<T>,
): Promise<{ result: T; work: Work }> {
  const client = await pool.connect();
  const work: Work = { statements: [], rows: 0, sequentialScans: [] };
  const query = async <Row>({ name, text, values }: Sql<Row>): Promise<Row[]> => {
    work.statements.push(name);
    if (!/^\s*(DECLARE|FETCH|CLOSE|SET)/.test(text)) {
      const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
        `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`,
        [...values],
      );
      count(rows[0]!['QUERY PLAN'][0].Plan, work);
    }
    const answer = values.length === 0 ? await client.query(text) : await client.query(text, [...values]);
    return answer.rows as Row[];
  };
  try {
    await client.query(`BEGIN READ ONLY; SET LOCAL jit = off; ${PLAN_BY_INDEX}`);
    return { result: await run({ query }), work };
  } finally {
    await client.query('ROLLBACK');
    client.release();
  }
}

function count(node: PlanNode, work: Work): void {
  const relation = node['Relation Name'];
  if (relation?.startsWith('event') && node['Node Type'] !== 'Bitmap Index Scan') {
    const removed = (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0);
    work.rows += (node['Actual Rows'] + removed) * node['Actual Loops'];
    if (node['Node Type'] === 'Seq Scan' && node['Actual Loops'] > 0) work.sequentialScans.push(relation);
  }
  for (const below of node.Plans ?? []) count(below, work);
}

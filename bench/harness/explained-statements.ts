import pg from 'pg';

/** A statement as it was sent, and what EXPLAIN ANALYZE said of it a moment before, in its own transaction. */
export interface ExplainedStatement<Plan> {
  readonly text: string;
  readonly values: readonly unknown[];
  readonly plan: Plan;
  /** The plan is the one that a server keeps for any values. */
  readonly isKept: boolean;
}

/** EXPLAIN's options and how its answer is read. */
export interface Explanation<Plan> {
  readonly options: string;
  read(rows: readonly { 'QUERY PLAN': unknown }[]): Plan;
}

interface QueryConfig {
  /** Given where the server may keep the statement's plan. */
  readonly name?: string | undefined;
  readonly text: string;
  readonly values?: readonly unknown[];
}

/** Statements that have a plan. What the store asks with values is its own; what it sends without are settings and ends. */
const HAS_PLAN = /^\s*(SELECT|WITH|INSERT)\b/;
const WRITES = /\bINSERT INTO\b/;
const SAVEPOINT = 'bench_explained';

const isConfig = (given: unknown): given is QueryConfig =>
  typeof given === 'object' && given !== null && 'text' in given && 'values' in given;

const literal = (value: unknown): string => {
  const text = Array.isArray(value) ? `{${value.map((each) => JSON.stringify(each)).join(',')}}` : String(value);
  return pg.escapeLiteral(text);
};

/**
 * Runs `work` and explains every statement that this process's stores send meanwhile: in the same transaction, under the
 * same settings, right before the statement itself, which then runs as it would have. What an explained INSERT wrote is
 * undone before the real one.
 *
 * @param kept explains the plan that a server keeps for any values, of the statements whose plan it may keep
 */
export async function explainStatements<T, Plan>(
  work: () => Promise<T>,
  explanation: Explanation<Plan>,
  kept = false,
): Promise<{ result: T; statements: ExplainedStatement<Plan>[] }> {
  const original = pg.Client.prototype.query;
  const send = (client: pg.Client, ...given: unknown[]): unknown => Reflect.apply(original, client, given);
  const pending: Promise<ExplainedStatement<Plan>>[] = [];
  const explainKept = (client: pg.Client, { text, values = [] }: QueryConfig): unknown => {
    send(client, `SET LOCAL plan_cache_mode = force_generic_plan; PREPARE bench_explained AS ${text}`);
    const answer = send(
      client,
      `EXPLAIN (${explanation.options}) EXECUTE bench_explained(${values.map(literal).join(', ')})`,
    );
    send(client, 'DEALLOCATE bench_explained; SET LOCAL plan_cache_mode = auto');
    return answer;
  };
  const explaining = function (this: pg.Client, ...given: unknown[]): unknown {
    const [config] = given;
    if (isConfig(config) && HAS_PLAN.test(config.text)) {
      const { name, text, values = [] } = config;
      const writes = WRITES.test(text);
      // Nothing is awaited in between: a client sends in the order in which it was asked.
      if (writes) send(this, `SAVEPOINT ${SAVEPOINT}`);
      const isKept = kept && name !== undefined;
      const answer = (
        isKept ? explainKept(this, config) : send(this, `EXPLAIN (${explanation.options}) ${text}`, [...values])
      ) as Promise<pg.QueryResult>;
      if (writes) send(this, `ROLLBACK TO SAVEPOINT ${SAVEPOINT}`);
      pending.push(answer.then(({ rows }) => ({ text, values, isKept, plan: explanation.read(rows) })));
      pending.at(-1)?.catch(() => {});
    }
    return send(this, ...given);
  };
  const patch = (query: unknown) =>
    Object.defineProperty(pg.Client.prototype, 'query', { value: query, configurable: true, writable: true });
  patch(explaining);
  try {
    const result = await work();
    return { result, statements: await Promise.all(pending) };
  } finally {
    patch(original);
  }
}

/** A node of EXPLAIN (ANALYZE, FORMAT JSON). */
export interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly Plans?: readonly PlanNode[];
}

export const AS_TREE: Explanation<PlanNode> = {
  options: 'ANALYZE, TIMING OFF, FORMAT JSON',
  read: ([row]) => {
    if (!row) throw new Error('EXPLAIN answered nothing');
    return (row['QUERY PLAN'] as readonly [{ Plan: PlanNode }])[0].Plan;
  },
};

export const AS_TEXT: Explanation<string[]> = {
  options: 'ANALYZE, BUFFERS',
  read: (rows) => rows.map((row) => String(row['QUERY PLAN'])),
};

const isBitmapIndexScan = ({ 'Node Type': type }: PlanNode): boolean => type === 'Bitmap Index Scan';
const rowsOf = (node: PlanNode): number => node['Actual Rows'] * node['Actual Loops'];

/** Entries that the index scans below a bitmap heap scan read; more than its rows where several are combined. */
function indexEntries(node: PlanNode): number {
  return (node.Plans ?? []).reduce(
    (sum, below) => sum + (isBitmapIndexScan(below) ? rowsOf(below) : indexEntries(below)),
    0,
  );
}

/**
 * How many rows of the event table a plan's scans read as it ran, those that a filter threw away and those that an index
 * alone answered included. Partitions are named event…, as the table is.
 */
export function eventRowsRead(node: PlanNode): number {
  const below = (node.Plans ?? []).reduce((sum, each) => sum + eventRowsRead(each), 0);
  if (!/^event(_|$)/.test(node['Relation Name'] ?? '') || node['Node Type'] === 'ModifyTable') return below;
  const removed = (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0);
  const own = rowsOf(node) + removed * node['Actual Loops'];
  return below + Math.max(own, node['Node Type'] === 'Bitmap Heap Scan' ? indexEntries(node) : 0);
}

import { StoreError } from '../errors.js';
import type { QueryRunner, QueryTable } from '../read-only-query/runner.js';
import type { ShardSet } from './shard-set.js';
import type { ShardName } from './view.js';

const SHARD_COLUMN = { name: 'shard', type: 'text' } as const;

/**
 * One statement on one shard, or on all of them: each runs it alone, and a first column says whose row it is. What a
 * statement orders, groups or limits, it does a shard.
 */
export function shardedQuery(set: ShardSet): QueryRunner {
  return {
    async runReadOnly(sql, { shard: wanted, ...options }) {
      if (wanted !== undefined) return shardNamed(set, wanted).demand((store) => store.runReadOnly(sql, options));
      const { answers } = await set.everywhere(async (store, { shard }) => ({
        shard,
        table: await store.runReadOnly(sql, options),
      }));
      return merged(answers, options.maxRows);
    },
  };
}

function shardNamed(set: ShardSet, wanted: ShardName) {
  const found = wanted === 'cluster' ? set.cluster : set.shards.find(({ shard }) => shard === wanted);
  if (found) return found;
  throw new StoreError('refused-sql', `there is no shard ${wanted}: they are 0 to ${set.shards.length - 1}`);
}

function merged(answers: readonly { shard: ShardName; table: QueryTable }[], maxRows: number): QueryTable {
  const namesOf = ({ columns }: QueryTable) => columns.map(({ name }) => name).join('\n');
  const [first] = answers;
  const other = answers.find(({ table }) => first && namesOf(table) !== namesOf(first.table));
  if (first && other) {
    const said = `shards ${first.shard} and ${other.shard} answer with different columns; ask one of them with --shard`;
    throw new StoreError('refused-sql', said);
  }
  const rows = answers.flatMap(({ shard, table }) => table.rows.map((row) => [String(shard), ...row]));
  return {
    columns: [SHARD_COLUMN, ...(first?.table.columns ?? [])],
    rows: rows.slice(0, maxRows),
    truncated: rows.length > maxRows || answers.some(({ table }) => table.truncated),
    risks: [...new Set(answers.flatMap(({ table }) => table.risks))],
  };
}

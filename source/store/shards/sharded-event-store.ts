import type { ConnectionSettings } from '../connection/settings.js';
import { StoreError } from '../errors.js';
import type { EventStore } from '../event-store.js';
import { openPostgresEventStore } from '../postgres-event-store.js';
import type { QueryRunner, QueryTable } from '../read-only-query/runner.js';
import { ShardedCatalog } from './catalog.js';
import { shardedFacts } from './facts.js';
import { shardedCancellations, shardedExecutions, shardedFeed, shardedRehearsal } from './reads.js';
import { Shard, ShardSet } from './shard-set.js';
import { shardedTrees } from './tree.js';
import type { ShardName, ShardsView } from './view.js';
import { shardedAppend } from './writes.js';
import { shardOf } from './xxhash64.js';

const SHARD_COLUMN = { name: 'shard', type: 'text' } as const;

/**
 * One statement on one shard, or on all of them: each runs it alone, and a first column says whose row it is. What a
 * statement orders, groups or limits, it does a shard.
 */
function shardedQuery(set: ShardSet): QueryRunner {
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

/** The databases of a sharded installation. */
export interface ShardedSettings {
  /** In the order of NOETL_SHARDS: an execution's shard is a number of this list. */
  readonly shards: readonly ConnectionSettings[];
  /** Where catalog and runtime are; null where shard 0 has them. */
  readonly cluster: ConnectionSettings | null;
}

/**
 * The event store over several databases. All shards are asked at once and answer as one; a shard that does not answer
 * is missing from the answer, and `shards.gaps()` says so. Opens no connection until it is asked something.
 * Every method throws StoreError only: where no shard answers, or the one that is needed does not.
 */
export function openShardedEventStore(settings: ShardedSettings): EventStore {
  const shards = settings.shards.map((each, shard) => new Shard(shard, openPostgresEventStore(each)));
  const [first] = shards;
  if (!first) throw new RangeError('a sharded store needs at least one shard');
  const cluster = settings.cluster ? new Shard('cluster', openPostgresEventStore(settings.cluster)) : first;
  const set = new ShardSet(shards, cluster);
  const catalog = new ShardedCatalog(cluster);
  const executions = shardedExecutions(set, catalog);
  return {
    connection: { ...first.store.connection, shards: shards.length },
    shards: viewOf(set),
    ...executions,
    ...shardedFeed(set, catalog),
    ...shardedTrees(set),
    ...shardedCancellations(set, executions),
    ...shardedFacts(set),
    ...shardedRehearsal(set),
    ...shardedQuery(set),
    appendCancellations: shardedAppend(set),
    eventsOf: (id, page, options) => set.homeOf(id).demand((store) => store.eventsOf(id, page, options)),
    cancellationCheck: (id) => set.homeOf(id).demand((store) => store.cancellationCheck(id)),
    appendCommandEvent: (event) => set.homeOf(event.executionId).demand((store) => store.appendCommandEvent(event)),
    connected: Promise.all(shards.map(({ store }) => store.connected)).then(() => {}),
    close: async () => {
      await Promise.all(set.all.map((shard) => shard.close()));
    },
  };
}

const viewOf = (set: ShardSet): ShardsView => ({
  count: set.shards.length,
  databases: set.all.map(({ shard, title, store }) => ({ shard, title, connection: store.connection })),
  shardOf: (id) => shardOf(id, set.shards.length),
  newestOnEach: async (limit, options) =>
    (
      await set.everywhere(async (store, { shard }) => {
        const { executions } = await store.recentExecutions({ status: 'ALL', limit }, options);
        return { shard: Number(shard), executionIds: executions.map(({ executionId }) => executionId) };
      })
    ).answers,
  gaps: () => set.all.flatMap(({ gap }) => gap ?? []),
  missed: () => set.all.flatMap(({ missed }) => missed ?? []),
});

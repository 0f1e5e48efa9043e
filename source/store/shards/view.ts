import type { EpochMs } from '../../domain/execution.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import type { StoreErrorKind } from '../errors.js';
import type { Connection, ReadOptions } from '../event-store.js';

/** The number of a shard, from 0 in the order of the list; `cluster` is the database that holds catalog and runtime. */
export type ShardName = number | 'cluster';

/** A shard that an answer is without. */
export interface ShardGap {
  readonly shard: ShardName;
  /** `shard 2 (db2.internal:5432/noetl)`: fit to show, never a password. */
  readonly title: string;
  /** When it first did not answer, by this process's clock. */
  readonly since: EpochMs;
  readonly kind: StoreErrorKind;
  /** What the database or the driver said, in one line. */
  readonly problem: string;
}

/** What can be asked of a store behind which several databases stand. */
export interface ShardsView {
  readonly count: number;
  /** Each shard, and the cluster's database where it has one of its own. */
  readonly databases: readonly { readonly shard: ShardName; readonly title: string; readonly connection: Connection }[];
  shardOf(id: ExecutionId): number;
  /** The newest executions that each shard itself holds, at most `limit` a shard; one that does not answer is absent. */
  newestOnEach(
    limit: number,
    options?: ReadOptions,
  ): Promise<readonly { readonly shard: number; readonly executionIds: readonly ExecutionId[] }[]>;
  /** Those that did not answer when they were last asked. */
  gaps(): readonly ShardGap[];
  /** All that left some answer without their part since the store was opened. */
  missed(): readonly ShardGap[];
}

/** A gap as one sentence. */
export const gapSentence = ({ title, since, problem }: ShardGap): string =>
  `${title} has not answered since ${new Date(since).toISOString().replace(/\.\d+Z$/, 'Z')}: ${problem}`;

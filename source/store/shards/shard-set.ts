import type { ExecutionId } from '../../domain/execution-id.js';
import type { Unread } from '../event-store.js';
import { gapError, type Shard, type ShardStore } from './shard.js';
import { gapSentence, type ShardGap } from './view.js';
import { shardOf } from './xxhash64.js';

/** What the shards that answered said, in the shards' order, and those that did not. */
export interface Gathered<T> {
  readonly answers: readonly T[];
  readonly gaps: readonly ShardGap[];
}

/** All shards, and the database that holds catalog and runtime: one of its own, or shard 0. */
export class ShardSet {
  constructor(
    readonly shards: readonly Shard[],
    readonly cluster: Shard,
  ) {}

  /** Each database once. */
  get all(): readonly Shard[] {
    return this.shards.includes(this.cluster) ? this.shards : [...this.shards, this.cluster];
  }

  homeOf(id: ExecutionId): Shard {
    return this.shards[shardOf(id, this.shards.length)]!;
  }

  /** Asks all shards at once. Throws where none of them answers, and what concerns the caller alone. */
  everywhere<T>(work: (store: ShardStore, shard: Shard) => Promise<T>): Promise<Gathered<T>> {
    return this.among(this.shards, work);
  }

  /** The same with some of them; where none of these answers, it only throws if `needsOne` says so. */
  among<T>(
    shards: readonly Shard[],
    work: (store: ShardStore, shard: Shard) => Promise<T>,
    needsOne?: () => boolean,
  ): Promise<Gathered<T>> {
    return this.#gather(
      shards.map((shard) => [shard, (store) => work(store, shard)] as const),
      needsOne,
    );
  }

  /**
   * Asks each shard about its own among these executions. `unread` are those on shards that did not answer. Throws where
   * no shard at all can be reached.
   */
  async atHome<T>(
    ids: readonly ExecutionId[],
    work: (store: ShardStore, ids: readonly ExecutionId[]) => Promise<T>,
  ): Promise<Gathered<T> & { readonly unread: Unread }> {
    const byShard = this.groupByHome(ids, (id) => id);
    const asked = [...byShard].map(([shard, own]) => [shard, (store: ShardStore) => work(store, own)] as const);
    const { answers, gaps } = await this.#gather(asked, () => this.shards.every((shard) => shard.gap !== null));
    const why = new Map(gaps.map((gap) => [gap.shard, gapSentence(gap)]));
    const unread = new Map<ExecutionId, string>();
    for (const [{ shard }, own] of byShard) {
      const said = why.get(shard);
      if (said !== undefined) for (const id of own) unread.set(id, said);
    }
    return { answers, gaps, unread };
  }

  groupByHome<T>(items: readonly T[], idOf: (item: T) => ExecutionId): Map<Shard, T[]> {
    const groups = new Map<Shard, T[]>();
    for (const item of items) {
      const home = this.homeOf(idOf(item));
      const group = groups.get(home);
      if (group) group.push(item);
      else groups.set(home, [item]);
    }
    return groups;
  }

  async #gather<T>(
    asked: readonly (readonly [Shard, (store: ShardStore) => Promise<T>])[],
    needsOne: () => boolean = () => true,
  ): Promise<Gathered<T>> {
    const outcomes = await Promise.all(asked.map(([shard, work]) => shard.ask(work)));
    const gaps = outcomes.flatMap((outcome) => ('gap' in outcome ? [outcome.gap] : []));
    const answers = outcomes.flatMap((outcome) => ('value' in outcome ? [outcome.value] : []));
    const [first] = gaps;
    if (first && answers.length === 0 && needsOne()) throw gapError(first);
    return { answers, gaps };
  }
}

/** Why an answer is not whole; undefined where it is. */
export const gapOf = (gaps: readonly ShardGap[]): string | undefined =>
  gaps.length === 0 ? undefined : gaps.map(gapSentence).join('; ');

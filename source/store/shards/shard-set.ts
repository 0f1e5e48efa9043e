import type { ExecutionId } from '../../domain/execution-id.js';
import { StoreError, type StoreErrorKind } from '../errors.js';
import type { EventStore, Unread } from '../event-store.js';
import type { CatalogSearch } from '../executions/reader.js';
import type { TreeParts } from '../tree/reader.js';
import { gapSentence, type ShardGap, type ShardName } from './view.js';
import { shardOf } from './xxhash64.js';

type ShardStore = EventStore & CatalogSearch & TreeParts;

/** Failures that concern the caller and not the database: they go to the caller from wherever they come. */
const CALLERS: ReadonlySet<StoreErrorKind> = new Set<StoreErrorKind>(['aborted', 'refused-sql', 'writes-disabled']);
/** After these the next call would fail alike, perhaps only after the ten seconds that connecting may take. */
const AWAY: ReadonlySet<StoreErrorKind> = new Set<StoreErrorKind>(['unreachable', 'authentication', 'no-database']);
/** How long a database that is away is not asked between two looks, and how long a look may take. */
const LOOK_EVERY_MS = 2_000;
const LOOK_TIMEOUT_MS = 5_000;
/** How long closing waits for a database that does not answer. */
const CLOSE_MS = 1_000;

/** One of several databases: it answers, or is known not to. */
export class Shard {
  readonly title: string;
  #gap: ShardGap | null = null;
  #missed: ShardGap | null = null;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #looking = false;

  constructor(
    readonly shard: ShardName,
    readonly store: ShardStore,
  ) {
    const { host, port, database } = store.connection;
    this.title = `${shard === 'cluster' ? 'cluster' : `shard ${shard}`} (${host}:${port}/${database})`;
  }

  get gap(): ShardGap | null {
    return this.#gap;
  }

  /** The first gap that left a read without this shard's part. */
  get missed(): ShardGap | null {
    return this.#missed;
  }

  /**
   * What this shard answers, or its gap. One that is away is not asked: it is looked at beside what goes on, so that no
   * answer waits for it. Throws what concerns the caller alone.
   */
  async ask<T>(work: (store: ShardStore) => Promise<T>): Promise<{ value: T } | { gap: ShardGap }> {
    if (this.#gap && AWAY.has(this.#gap.kind)) {
      this.#look();
      return { gap: this.#missing(this.#gap) };
    }
    try {
      const value = await work(this.store);
      this.#gap = null;
      return { value };
    } catch (error) {
      if (!(error instanceof StoreError) || CALLERS.has(error.kind)) throw error;
      return { gap: this.#missing(this.#failed(error)) };
    }
  }

  /** The same for what no other shard can answer: asks whatever is known, and throws StoreError that names the shard. */
  async demand<T>(work: (store: ShardStore) => Promise<T>): Promise<T> {
    try {
      const value = await work(this.store);
      this.#gap = null;
      return value;
    } catch (error) {
      if (!(error instanceof StoreError) || CALLERS.has(error.kind)) throw error;
      // What one call alone failed at, such as a privilege, leaves no gap in what others answer.
      if (AWAY.has(error.kind)) this.#failed(error);
      throw new StoreError(error.kind, `${this.title}: ${error.message}`, { cause: error });
    }
  }

  /** A pool waits for connections that are being made; a process that ends need not. */
  async close(): Promise<void> {
    const closed = this.store.close();
    if (this.#gap === null) return closed;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_MS);
    });
    await Promise.race([closed, late]);
    clearTimeout(timer);
  }

  #failed({ kind, message }: StoreError): ShardGap {
    const { shard, title } = this;
    this.#gap = { shard, title, since: this.#gap?.since ?? Date.now(), kind, problem: message };
    return this.#gap;
  }

  #missing(gap: ShardGap): ShardGap {
    this.#missed ??= gap;
    return gap;
  }

  #look(): void {
    if (this.#looking || performance.now() - this.#lookedAt < LOOK_EVERY_MS) return;
    this.#looking = true;
    const over = () => {
      this.#looking = false;
      this.#lookedAt = performance.now();
    };
    this.demand((store) => store.clock({ timeoutMs: LOOK_TIMEOUT_MS, polling: true })).then(over, over);
  }
}

/** The failure of one shard where nothing else answers. */
const gapError = (gap: ShardGap): StoreError => new StoreError(gap.kind, gapSentence(gap));

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
    // shardOf answers with a number below the count.
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

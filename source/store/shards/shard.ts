import { StoreError, type StoreErrorKind } from '../errors.js';
import type { EventStore } from '../event-store.js';
import type { CatalogSearch } from '../executions/reader.js';
import type { TreeParts } from '../tree/reader.js';
import { gapSentence, type ShardGap, type ShardName } from './view.js';

export type ShardStore = EventStore & CatalogSearch & TreeParts;

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
export const gapError = (gap: ShardGap): StoreError => new StoreError(gap.kind, gapSentence(gap));

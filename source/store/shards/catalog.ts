import type { CancellationRecord, FeedReader, ReadOptions } from '../event-store.js';
import type { Shard } from './shard-set.js';

type Entry = { path: string; version: number | null };
type InCatalog = { readonly path: string | null; readonly version: number | null; readonly catalogId: string | null };

/** Entries that are remembered; beyond this many the memory starts anew. A catalog row never changes. */
const REMEMBERED = 50_000;

/**
 * The catalog of a sharded installation: it lies in one database, so that the shards' own statements find no paths. A
 * catalog that cannot be read leaves them unknown.
 */
export class ShardedCatalog {
  readonly #known = new Map<string, Entry>();

  constructor(private readonly cluster: Shard) {}

  readonly entries: FeedReader['catalogEntries'] = async (ids, options) => {
    if (this.#known.size > REMEMBERED) this.#known.clear();
    const unknown = [...new Set(ids)].filter((id) => !this.#known.has(id));
    if (unknown.length > 0) {
      const found = await this.cluster.ask((store) => store.catalogEntries(unknown, options));
      if ('value' in found) for (const [id, entry] of found.value) this.#known.set(id, entry);
    }
    return new Map(ids.flatMap((id) => entryOf(id, this.#known.get(id))));
  };

  /** The same with paths and versions, where the shard's own catalog had none. */
  async complete<T extends InCatalog>(items: readonly T[], options?: ReadOptions): Promise<T[]> {
    const ids = items.flatMap(({ path, catalogId }) => (path === null && catalogId !== null ? [catalogId] : []));
    if (ids.length === 0) return [...items];
    const entries = await this.entries(ids, options);
    return items.map((item) => {
      const entry = item.path === null && item.catalogId !== null ? entries.get(item.catalogId) : undefined;
      return entry ? { ...item, ...entry } : item;
    });
  }
}

const entryOf = (id: string, entry: Entry | undefined): [string, Entry][] => (entry ? [[id, entry]] : []);

/** Cancels with the paths of their executions, which the shards' own catalogs may not have. */
export async function withPaths(
  records: readonly CancellationRecord[],
  pathsOf: (ids: readonly string[]) => Promise<ReadonlyMap<string, string | null>>,
): Promise<CancellationRecord[]> {
  const ids = records.flatMap(({ path, executionId }) => (path === null ? [executionId] : []));
  if (ids.length === 0) return [...records];
  const paths = await pathsOf(ids);
  return records.map((record) =>
    record.path === null ? { ...record, path: paths.get(record.executionId) ?? null } : record,
  );
}

import { chunkedIds, readByIndex, type StoreContext } from '../connection/context.js';
import { StoreError } from '../errors.js';
import type { TreeReader } from '../event-store.js';
import { TreeSearch } from './search.js';
import { childCounts } from './statements.js';

/** No statement of a search may take longer; one that would is asked again in smaller pieces. */
const LONGEST_STATEMENT_MS = 5_000;

export function treeReader(context: StoreContext): TreeReader {
  const { tables } = context;
  return {
    async linksBelow(ids, limit, options) {
      const search = new TreeSearch(tables, ids, limit);
      const timeoutMs = Math.min(options?.timeoutMs ?? LONGEST_STATEMENT_MS, LONGEST_STATEMENT_MS);
      while (!search.isOver) {
        try {
          await readByIndex(context, { ...options, timeoutMs }, (transaction) => search.advance(transaction));
        } catch (error) {
          if (!(error instanceof StoreError && error.kind === 'timeout') || !search.takeSmallerPieces()) throw error;
        }
      }
      return search.result();
    },

    childCounts: (ids, options) =>
      readByIndex(context, options, async (transaction) => {
        const counts = new Map<string, { all: number; live: number }>();
        for (const chunk of chunkedIds(ids)) {
          const rows = await transaction.query<{ parent: string; all: number; live: number }>(
            childCounts(tables, chunk),
          );
          for (const row of rows) counts.set(row.parent, { all: row.all, live: row.live });
        }
        return counts;
      }),
  };
}

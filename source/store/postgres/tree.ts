import { compareIds } from '../../domain/execution-id.js';
import { consoleSnowflake, snowflakeTime } from '../../domain/snowflake.js';
import type { TreeEdge, TreeReader } from '../event-store.js';
import type { Transaction } from '../pools.js';
import { childCounts, inlineLinks, inlineWindow, linksBelow } from '../queries/tree.js';
import { chunkedIds, read, type StoreContext } from './context.js';

/** How long after its parent's newest event an inline child may still begin. */
const INLINE_MARGIN_MS = 3_600_000;

const keyOf = (link: TreeEdge): string => `${link.parent}>${link.child}`;

export function treeReader(context: StoreContext): TreeReader {
  const { tables } = context;

  async function inlineBelow(transaction: Transaction, ids: readonly string[]): Promise<TreeEdge[]> {
    const found: TreeEdge[] = [];
    for (const chunk of chunkedIds(ids)) {
      const windows = await transaction.query<{ first: string; last: string }>(inlineWindow(tables, chunk));
      if (windows.length === 0) continue;
      const first = windows.map((row) => row.first).sort(compareIds)[0] ?? '0';
      const newest = BigInt(
        windows
          .map((row) => row.last)
          .sort(compareIds)
          .at(-1) ?? '0',
      );
      const last = consoleSnowflake(snowflakeTime(newest, 'database') + INLINE_MARGIN_MS, 'database');
      const bound = last > 9_223_372_036_854_775_807n ? 9_223_372_036_854_775_807n : last;
      found.push(
        ...(await transaction.query<TreeEdge & Record<string, unknown>>(
          inlineLinks(tables, chunk, first, bound.toString()),
        )),
      );
    }
    return found;
  }

  return {
    linksBelow: (ids, limit, options) =>
      read(context, options, async (transaction) => {
        const links = new Map<string, TreeEdge>();
        const seen = new Set<string>();
        let frontier = [...new Set(ids)];
        while (frontier.length > 0 && links.size <= limit) {
          for (const id of frontier) seen.add(id);
          const found: TreeEdge[] = [];
          for (const chunk of chunkedIds(frontier)) {
            found.push(
              ...(await transaction.query<TreeEdge & Record<string, unknown>>(linksBelow(tables, chunk, limit + 1))),
            );
          }
          const reached = new Set([...frontier, ...found.map((link) => link.child)]);
          found.push(...(await inlineBelow(transaction, [...reached])));
          for (const link of found) links.set(keyOf(link), { parent: link.parent, child: link.child });
          // The column's links are complete below the frontier; only inline children can open new ground.
          for (const link of found) if (reached.has(link.child)) seen.add(link.child);
          frontier = [...new Set(found.map((link) => link.child))].filter((id) => !seen.has(id));
        }
        const all = [...links.values()];
        return { links: all.slice(0, limit), truncated: all.length > limit };
      }),

    childCounts: (ids, options) =>
      read(context, options, async (transaction) => {
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

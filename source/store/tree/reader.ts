import { TERMINAL_TYPES } from '../../domain/event-types.js';
import { compareIds, type ExecutionId } from '../../domain/execution-id.js';
import { chunkedIds, readByIndex, readPieces, type StoreContext } from '../connection/context.js';
import type { Tables } from '../connection/tables.js';
import { StoreError } from '../errors.js';
import type { ReadOptions, TreeReader } from '../event-store.js';
import { endsOf } from '../executions/ends.js';
import type { Sql } from '../sql.js';
import { inlineStretches, type Stretch } from './inline-children.js';
import { TreeSearch } from './search.js';

/** No statement of a search may take longer; one that would is asked again in smaller pieces. */
const LONGEST_STATEMENT_MS = 5_000;

/** For trees that lie in several databases. */
export interface TreeParts {
  /** The stretches of event ids in which inline children of these may have begun, wherever those are. */
  inlineStretches(ids: readonly ExecutionId[], options?: ReadOptions): Promise<Stretch[]>;
  /** As linksBelow; `elsewhere` are the stretches of those of `ids` whose own rows are in another database. */
  linksBelow(
    ids: readonly ExecutionId[],
    limit: number,
    options?: ReadOptions & { readonly elsewhere?: readonly Stretch[] },
  ): ReturnType<TreeReader['linksBelow']>;
}

export function treeReader(context: StoreContext): TreeReader & TreeParts {
  const { tables } = context;
  return {
    inlineStretches: (ids, options) =>
      readByIndex(context, options, (transaction) => inlineStretches(transaction, tables, [...ids].sort(compareIds))),

    async linksBelow(ids, limit, options: Parameters<TreeParts['linksBelow']>[2]) {
      const search = new TreeSearch(tables, ids, limit, options?.elsewhere);
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

    childCounts: async (ids, options) => {
      const looking = { ...options, byIndex: true };
      const { rows } = await readPieces(context, looking, chunkedIds(ids), (chunk) => childCounts(tables, chunk));
      return new Map(rows.map((row) => [row.parent, { all: row.all, live: row.live }]));
    },
  };
}

interface ChildCountRow {
  parent: string;
  all: number;
  live: number;
}

/** How many direct children, and how many of those have begun and not ended. */
export function childCounts(tables: Tables, ids: readonly string[]): Sql<ChildCountRow> {
  return {
    name: 'child-counts',
    text: `SELECT i.id::text AS parent, count(*)::int AS "all", count(*) FILTER (WHERE k.live)::int AS live
  FROM unnest($1::bigint[]) AS i (id)
  CROSS JOIN LATERAL (
    SELECT d.execution_id,
      NOT EXISTS (${endsOf(tables, 'd.execution_id', '$2')} OFFSET 0) AS live
    FROM (SELECT DISTINCT e.execution_id FROM ${tables.event} e WHERE e.parent_execution_id = i.id OFFSET 0) d
  ) k GROUP BY i.id`,
    values: [ids, TERMINAL_TYPES],
    keepPlan: true,
  };
}

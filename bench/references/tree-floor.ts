import pg from 'pg';
import type { BenchDatabase } from '../harness/databases.js';

/** Finds descendants at the least cost that PostgreSQL allows, over a connection of its own. */
export interface TreeFloor {
  /** @returns how many descendants the execution has */
  descendants(root: string): Promise<number>;
  close(): Promise<void>;
}

/**
 * The floor under finding a tree: one index probe a level and nothing else. All executions of a level go into one
 * statement, `parent_execution_id = ANY($1)`, which probes every partition's index on that column; the last level's
 * statement finds nothing and ends the search, so a tree of three levels takes three. The statement is prepared by name
 * and has a generic plan: it is parsed and planned once a connection, and each run is one round trip without a
 * transaction around it. Inline Python children are not looked for, because no index leads to them; the store looks for
 * them too, and its time includes that.
 */
export async function treeFloor({ url, schema }: Pick<BenchDatabase, 'url' | 'schema'>): Promise<TreeFloor> {
  const client = new pg.Client(url);
  await client.connect();
  await client.query(
    'SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET max_parallel_workers_per_gather = 0; SET jit = off',
  );
  const childrenOf = async (parents: readonly string[]): Promise<string[]> => {
    const { rows } = await client.query<{ child: string }>({
      name: 'tree-floor',
      text: `SELECT DISTINCT e.execution_id::text AS child FROM ${schema}.event e WHERE e.parent_execution_id = ANY($1::bigint[])`,
      values: [parents],
    });
    return rows.map(({ child }) => child);
  };
  return {
    async descendants(root) {
      const seen = new Set([root]);
      for (let level = [root]; level.length > 0; ) {
        const children = (await childrenOf(level)).filter((child) => !seen.has(child));
        for (const child of children) seen.add(child);
        level = children;
      }
      return seen.size - 1;
    },
    close: () => client.end(),
  };
}

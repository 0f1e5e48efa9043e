import type pg from 'pg';

/**
 * Empties tables of the schema `noetl` and leaves them as new. Of a partitioned table only the partitions that hold rows
 * are truncated: to give each partition with its indexes new files takes longer than most tests.
 */
export async function emptyTables(client: pg.Pool | pg.ClientBase, ...tables: readonly string[]): Promise<void> {
  const list = tables.map((table) => `noetl.${table}`).join();
  await client.query(`DO $$
    DECLARE
      part regclass;
      has_rows boolean;
      filled text;
    BEGIN
      -- A table without partitions has no partition tree.
      FOR part IN SELECT coalesce(leaf.relid, root) FROM unnest('{${list}}'::regclass[]) AS root
          LEFT JOIN pg_partition_tree(root) AS leaf ON true WHERE leaf.isleaf IS NOT false LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %s)', part) INTO has_rows;
        IF has_rows THEN filled := concat_ws(', ', filled, part); END IF;
      END LOOP;
      IF filled IS NOT NULL THEN EXECUTE 'TRUNCATE ' || filled; END IF;
    END $$`);
}

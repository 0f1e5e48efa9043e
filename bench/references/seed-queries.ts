/** The seed's own queries, to the letter (execution-cancellation.txt), with the id as a parameter. */

export const SEED_TREE_QUERY = `WITH RECURSIVE children AS (
  SELECT execution_id FROM noetl.event WHERE execution_id = $1::bigint
  UNION ALL
  SELECT e.execution_id
  FROM noetl.event e
  JOIN children c ON e.parent_execution_id = c.execution_id
)
SELECT DISTINCT execution_id FROM children`;

export const SEED_STALE_QUERY = `SELECT DISTINCT execution_id
FROM noetl.event
WHERE status IN ('RUNNING', 'INITIALIZED')
AND created_at < NOW() - INTERVAL '10 minutes'
ORDER BY execution_id DESC`;

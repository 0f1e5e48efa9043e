import type { ClientBase } from 'pg';

/**
 * The real table has 32 indexes (event-store.md) and names 14 of them, the primary key included. These are 18 more on
 * columns that no query of the console asks by, so that the planner's and the writers' work is the real table's.
 */
const FURTHER_INDEXES = [
  '(node_id)',
  '(node_type)',
  '(worker_id)',
  '(command_id)',
  '(stage_id)',
  '(frame_id)',
  '(event_time)',
  '(ingest_time)',
  '(prev_event_id)',
  '(aggregate_id)',
  '(correlation_id)',
  '(causation_id)',
  '(idempotency_key)',
  '(stream_id, stream_version)',
  '(tenant_id, organization_id)',
  '(context_key)',
  '(distributed_state)',
  '(error) WHERE error IS NOT NULL',
];

/** How an index of the event table was made, and how to make it again. */
interface IndexDefinition {
  readonly name: string;
  readonly sql: string;
}

/**
 * Drops all indexes but the primary key, because loading without them is three times faster, and returns the statements
 * that make them again, the further ones included where they are wanted.
 */
export async function dropIndexes(client: ClientBase, schema: string, withFurther: boolean): Promise<string[]> {
  const { rows } = await client.query<IndexDefinition>(
    `SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name, pg_get_indexdef(i.indexrelid) AS sql
     FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE i.indrelid = format('%I.event', $1::text)::regclass AND NOT i.indisprimary ORDER BY c.relname`,
    [schema],
  );
  for (const { name } of rows) await client.query(`DROP INDEX ${name}`);
  // pg_get_indexdef says ON ONLY of a partitioned table's index, which would leave its partitions without.
  const known = rows.map(({ sql }) => sql.replace(' ON ONLY ', ' ON '));
  const further = FURTHER_INDEXES.map(
    (on, index) => `CREATE INDEX event_further_${index + 1} ON "${schema}".event ${on}`,
  );
  return withFurther ? [...known, ...further] : known;
}

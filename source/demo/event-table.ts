/** SQL of `noetl.event`, to the letter of event-store.md, "Tables". `schema` is a quoted identifier everywhere here. */

const columns = (schema: string, withPrevEventId: boolean): string => `
  execution_id bigint NOT NULL,
  event_id bigint NOT NULL,
  catalog_id bigint NOT NULL REFERENCES ${schema}.catalog (catalog_id),
  parent_event_id bigint,
  ${withPrevEventId ? 'prev_event_id bigint,' : ''}
  parent_execution_id bigint,
  created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
  event_type varchar,
  node_id varchar,
  node_name varchar,
  node_type varchar,
  status varchar,
  duration double precision,
  context jsonb,
  result jsonb,
  meta jsonb,
  error text,
  stack_trace text,
  current_item text,
  context_value text,
  current_index integer,
  worker_id varchar,
  distributed_state varchar,
  context_key varchar,
  trace_component jsonb,
  payload_ref jsonb,
  tenant_id text NOT NULL DEFAULT 'default',
  organization_id text NOT NULL DEFAULT 'default',
  stream_id text,
  aggregate_id text,
  aggregate_type text,
  schema_name text,
  producer text,
  causation_id text,
  correlation_id text,
  idempotency_key text,
  envelope_checksum text,
  stream_version bigint,
  schema_version integer NOT NULL DEFAULT 1,
  event_time timestamptz NOT NULL DEFAULT now(),
  ingest_time timestamptz NOT NULL DEFAULT now(),
  command_id bigint,
  stage_id bigint,
  frame_id bigint,
  PRIMARY KEY (execution_id, event_id)`;

/** The names follow the table, as PostgreSQL's own would, so that an explained plan reads like production's. */
const INDEXES: readonly (readonly [name: string, definition: string])[] = [
  ['execution_id_event_id_idx', '(execution_id, event_id)'],
  ['execution_id_event_id_desc_idx', '(execution_id, event_id DESC)'],
  ['execution_id_event_type_event_id_idx', '(execution_id, event_type, event_id DESC)'],
  ['event_type_idx', '(event_type)'],
  ['status_idx', '(status)'],
  ['created_at_idx', '(created_at)'],
  ['parent_execution_id_idx', '(parent_execution_id)'],
  ['node_name_idx', '(node_name)'],
  ['catalog_id_idx', '(catalog_id)'],
  ['parent_event_id_idx', '(parent_event_id)'],
  [
    'playbook_initialized_idx',
    `(event_id DESC) INCLUDE (execution_id, catalog_id, parent_execution_id, created_at)
      WHERE event_type = 'playbook.initialized'`,
  ],
  ['command_id_idx', `(execution_id, event_type, (meta->>'command_id'), event_id DESC) WHERE meta ? 'command_id'`],
  [
    'command_issued_idx',
    `(created_at DESC, event_id DESC, execution_id, (meta->>'command_id'))
      WHERE event_type = 'command.issued' AND meta ? 'command_id'`,
  ],
];

/**
 * 16 ranges of 2^56 ids each. A range is 99 days of the database's layout and 199 days of Rust's, so the ids of
 * 2025 to 2027 lie in eleven of them; ids from 2^60 on (2028-05 in the database's layout) fall into the default one.
 */
const RANGES = 16n;
const RANGE_WIDTH = 1n << 56n;

/** The lowest id of each partition, DEFAULT's last. */
export const PARTITION_STARTS: readonly string[] = Array.from({ length: Number(RANGES) + 1 }, (_, index) =>
  (BigInt(index) * RANGE_WIDTH).toString(),
);

function partitions(schema: string, count: number): string {
  const ranges = Array.from({ length: count }, (_, index) => {
    const from = BigInt(index) * RANGE_WIDTH;
    return `CREATE TABLE ${schema}.event_p${String(index).padStart(2, '0')} PARTITION OF ${schema}.event
      FOR VALUES FROM (${from}) TO (${from + RANGE_WIDTH});`;
  });
  return [...ranges, `CREATE TABLE ${schema}.event_default PARTITION OF ${schema}.event DEFAULT;`].join('\n');
}

/** The result column takes NULL or an object of at most these three keys, of which `status` must be there. */
const resultCheck = `
  CONSTRAINT event_result_check CHECK (
    CASE WHEN result IS NULL THEN true
      WHEN jsonb_typeof(result) <> 'object' THEN false
      ELSE result - 'status' - 'reference' - 'context' = '{}'::jsonb
        AND coalesce(jsonb_typeof(result->'status') = 'string', false)
        AND (NOT result ? 'reference' OR jsonb_typeof(result->'reference') = 'object')
        AND (NOT result ? 'context' OR jsonb_typeof(result->'context') = 'object')
    END
  )`;

/** The event table with its partitions, the first `ranges` of them and DEFAULT; older installs lack prev_event_id. */
export const eventTableSql = (schema: string, withPrevEventId: boolean, ranges = Number(RANGES)): string => `
CREATE TABLE ${schema}.event (${columns(schema, withPrevEventId)},${resultCheck}
) PARTITION BY RANGE (execution_id);
${partitions(schema, ranges)}`;

/** The indexes that event-store.md says queries can lean on, on every partition. */
export const eventIndexesSql = (schema: string): string =>
  INDEXES.map(([name, definition]) => `CREATE INDEX event_${name} ON ${schema}.event ${definition};`).join('\n');

/** SQL of the tables beside `noetl.event`; `schema` is a quoted identifier. Source: event-store.md, "Tables". */

/** What an execution is an execution of. `kind` names a resource type. */
export const catalogSql = (schema: string): string => `
CREATE TABLE ${schema}.resource (
  name varchar PRIMARY KEY,
  meta jsonb
);
INSERT INTO ${schema}.resource (name) VALUES ('playbook'), ('credential'), ('tool'), ('model');
CREATE TABLE ${schema}.catalog (
  catalog_id bigint PRIMARY KEY,
  path text NOT NULL,
  version smallint NOT NULL DEFAULT 1,
  kind varchar NOT NULL REFERENCES ${schema}.resource (name),
  content text,
  layout jsonb,
  payload jsonb,
  meta jsonb,
  created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
  UNIQUE (path, version)
);`;

/** Workers, servers and brokers with their heartbeats. */
export const runtimeSql = (schema: string): string => `
CREATE TABLE ${schema}.runtime (
  runtime_id bigint PRIMARY KEY,
  name text NOT NULL,
  kind varchar NOT NULL CHECK (kind IN ('worker_pool', 'server_api', 'broker')),
  uri text,
  status text,
  labels jsonb,
  capabilities jsonb,
  runtime jsonb,
  capacity integer,
  heartbeat timestamptz NOT NULL DEFAULT now(),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (kind, name)
);`;

const COMMAND_PARTITIONS = 4;

/** The Python stack's projections, which lag: a hint, never the truth. */
export const projectionsSql = (schema: string): string => `
CREATE TABLE ${schema}.execution (
  execution_id bigint PRIMARY KEY,
  catalog_id bigint,
  parent_execution_id bigint,
  status varchar,
  last_event_type varchar,
  last_node_name varchar,
  last_event_id bigint,
  start_time timestamptz,
  end_time timestamptz,
  error text,
  state jsonb,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE ${schema}.command (
  command_id bigint NOT NULL,
  event_id bigint,
  execution_id bigint NOT NULL,
  catalog_id bigint,
  step_name varchar,
  tool_kind varchar,
  status varchar NOT NULL DEFAULT 'PENDING',
  worker_id varchar,
  attempt integer NOT NULL DEFAULT 1,
  context jsonb,
  meta jsonb,
  created_at timestamptz NOT NULL DEFAULT now(),
  claimed_at timestamptz,
  started_at timestamptz,
  completed_at timestamptz,
  PRIMARY KEY (execution_id, command_id)
) PARTITION BY HASH (execution_id);
${Array.from(
  { length: COMMAND_PARTITIONS },
  (_, index) => `CREATE TABLE ${schema}.command_p${index} PARTITION OF ${schema}.command
  FOR VALUES WITH (MODULUS ${COMMAND_PARTITIONS}, REMAINDER ${index});`,
).join('\n')}
CREATE INDEX command_command_id_idx ON ${schema}.command (command_id);`;

/** Written only by Python servers with event mirroring switched on; the console leaves it alone. */
export const outboxSql = (schema: string): string => `
CREATE TABLE ${schema}.outbox (
  outbox_id bigint PRIMARY KEY DEFAULT ${schema}.snowflake_id(),
  event_id bigint NOT NULL,
  execution_id bigint NOT NULL,
  subject text NOT NULL,
  payload jsonb NOT NULL,
  status varchar NOT NULL DEFAULT 'PENDING',
  attempts integer NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  published_at timestamptz
);
CREATE INDEX outbox_pending_idx ON ${schema}.outbox (created_at) WHERE status = 'PENDING';`;

import { SNOWFLAKE_EPOCH_MS } from '../domain/snowflake.js';
import { eventIndexesSql, eventTableSql } from './event-table.js';

/** SQL of the tables beside `noetl.event`; `schema` is a quoted identifier. Source: event-store.md, "Tables". */

/** What an execution is an execution of. `kind` names a resource type. */
const catalogSql = (schema: string): string => `
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
const runtimeSql = (schema: string): string => `
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

/** Production has 16; each is a file more in every test's database. */
const COMMAND_PARTITIONS = 4;

/** The Python stack's projections, which lag: a hint, never the truth. */
const projectionsSql = (schema: string): string => `
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
  parent_execution_id bigint,
  parent_command_id bigint,
  step_name text,
  tool_kind text,
  status text NOT NULL DEFAULT 'PENDING',
  worker_id text,
  claimed_at timestamptz,
  started_at timestamptz,
  completed_at timestamptz,
  attempt integer NOT NULL DEFAULT 1,
  context jsonb,
  context_key text,
  loop_event_id text,
  iter_index integer,
  meta jsonb,
  result jsonb,
  error text,
  latest_event_id bigint,
  prev_event_id bigint,
  stage_id bigint,
  frame_id bigint,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (execution_id, command_id)
) PARTITION BY HASH (execution_id);
${Array.from(
  { length: COMMAND_PARTITIONS },
  (_, index) => `CREATE TABLE ${schema}.command_p${index} PARTITION OF ${schema}.command
  FOR VALUES WITH (MODULUS ${COMMAND_PARTITIONS}, REMAINDER ${index});`,
).join('\n')}
CREATE INDEX command_command_id_idx ON ${schema}.command (command_id);
CREATE INDEX command_status_idx ON ${schema}.command (status) WHERE status IN ('PENDING', 'CLAIMED');`;

/** Written only by Python servers with event mirroring switched on; the console leaves it alone. */
const outboxSql = (schema: string): string => `
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

export interface SchemaOptions {
  /** The schema's name, unquoted; default: `noetl`. */
  readonly schema?: string;
  /** Older installs lack the column prev_event_id. */
  readonly withoutPrevEventId?: boolean;
  /** Some installs have no table `runtime`. */
  readonly withoutRuntime?: boolean;
  /** How many of the event table's 16 ranges have a partition of their own; the others' rows are in DEFAULT's. */
  readonly ranges?: number;
}

/** A name as a quoted SQL identifier. */
export const quoteIdentifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Shard number in the ids of the demo's database; 5 bits. */
const SHARD = 1;

/** `(ms - epoch) << 23 | shard(5) << 18 | seq(18)`: event-store.md, "Ids". */
const snowflakeSql = (schema: string): string => `
CREATE SEQUENCE ${schema}.snowflake_seq MINVALUE 0 MAXVALUE 262143 START 0 CYCLE;
CREATE FUNCTION ${schema}.snowflake_id() RETURNS bigint LANGUAGE sql VOLATILE AS $snowflake$
  SELECT ((floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint - ${SNOWFLAKE_EPOCH_MS}) << 23)
    | (${SHARD} << 18) | nextval('${schema.replaceAll("'", "''")}.snowflake_seq')
$snowflake$;`;

/** One SQL script that creates NoETL's tables in an empty database. Source: event-store.md, "Tables". */
export const schemaSql = (options: SchemaOptions = {}): string => `${tablesSql(options)}\n${indexesSql(options)}`;

/** The first part of `schemaSql`: to fill the tables before the indexes are made takes a third of the time. */
export function tablesSql(options: SchemaOptions = {}): string {
  const schema = quoteIdentifier(options.schema ?? 'noetl');
  return [
    `CREATE SCHEMA ${schema};`,
    snowflakeSql(schema),
    catalogSql(schema),
    eventTableSql(schema, !options.withoutPrevEventId, options.ranges),
    options.withoutRuntime ? '' : runtimeSql(schema),
    projectionsSql(schema),
    outboxSql(schema),
  ].join('\n');
}

/** The second part of `schemaSql`: the indexes of the event table beyond its primary key. */
export const indexesSql = (options: SchemaOptions = {}): string =>
  eventIndexesSql(quoteIdentifier(options.schema ?? 'noetl'));

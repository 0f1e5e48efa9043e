import { SNOWFLAKE_EPOCH_MS } from '../domain/snowflake.js';
import { eventIndexesSql, eventTableSql } from './schema/event-table.js';
import { catalogSql, outboxSql, projectionsSql, runtimeSql } from './schema/other-tables.js';

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

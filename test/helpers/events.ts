import type pg from 'pg';
import { quoteIdentifier } from '../../source/demo/schema.js';
import { RUST_START_TYPES } from '../../source/domain/event-types.js';
import type { SnowflakeLayout } from '../../source/domain/snowflake.js';
import { nextIdAt } from './ids.js';

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/**
 * A row of `noetl.event` as a test states it: what it leaves out gets a default. Any column may be named; times are
 * milliseconds since 1970 or Dates and are written as UTC.
 */
export interface EventRow {
  readonly execution_id: string;
  readonly event_type: string | null;
  /** Drawn from created_at unless given; rows of one execution ascend in the order in which they are passed. */
  readonly event_id?: string;
  /** Now unless given. */
  readonly created_at?: number | Date;
  /** As created_at unless given. */
  readonly event_time?: number | Date;
  readonly ingest_time?: number | Date;
  /** The playbook; its catalog row is made on demand. `test/playbook`, version 1, unless given. */
  readonly path?: string;
  readonly version?: number;
  readonly catalog_id?: string;
  /** Layout of drawn ids; unless given, `rust` for executions that begin with a Rust start event here. */
  readonly layout?: SnowflakeLayout;
  readonly parent_execution_id?: string | null;
  readonly node_name?: string | null;
  readonly status?: string | null;
  readonly worker_id?: string | null;
  readonly context?: Json;
  readonly result?: Json;
  readonly meta?: Json;
  readonly [column: string]: Json | Date | undefined;
}

const CHUNK = 5000;
const HELPER_KEYS = new Set(['path', 'version', 'layout']);

/** Inserts events, chaining prev_event_id within the call where that column exists. Returns the event ids, in order. */
export async function writeEvents(
  client: pg.Pool | pg.ClientBase,
  rows: readonly EventRow[],
  schemaName = 'noetl',
): Promise<string[]> {
  const schema = quoteIdentifier(schemaName);
  const catalogIds = await ensureCatalog(client, rows, schema);
  const columns = await columnsOf(client, schemaName);
  const complete = withIds(rows).map((row) => ({
    ...row,
    catalog_id: row.catalog_id ?? catalogIds.get(playbookOf(row)),
  }));
  for (let start = 0; start < complete.length; start += CHUNK) {
    const chunk = complete.slice(start, start + CHUNK).map((row) => toRecord(row, columns));
    const names = [...new Set(chunk.flatMap((record) => Object.keys(record)))];
    const list = names.map(quoteIdentifier).join(', ');
    const values = names.map((name) => defaulted(name)).join(', ');
    await client.query(
      `INSERT INTO ${schema}.event (${list})
        SELECT ${values} FROM jsonb_populate_recordset(NULL::${schema}.event, $1::jsonb)`,
      [JSON.stringify(chunk)],
    );
  }
  return complete.map((row) => row.event_id);
}

/** Columns that are NOT NULL with a default, when only some rows of a call name them. */
function defaulted(name: string): string {
  const quoted = quoteIdentifier(name);
  if (name === 'tenant_id' || name === 'organization_id') return `coalesce(${quoted}, 'default')`;
  return name === 'schema_version' ? `coalesce(${quoted}, 1)` : quoted;
}

const playbookOf = (row: EventRow): string => `${row.path ?? 'test/playbook'}\n${row.version ?? 1}`;

async function ensureCatalog(
  client: pg.Pool | pg.ClientBase,
  rows: readonly EventRow[],
  schema: string,
): Promise<Map<string, string>> {
  const playbooks = [...new Set(rows.filter((row) => row.catalog_id === undefined).map(playbookOf))];
  const records = playbooks.map((key) => {
    const [path = '', version = ''] = key.split('\n');
    return { catalog_id: nextIdAt(), path, version: Number(version), kind: 'playbook' };
  });
  const text = JSON.stringify(records);
  const asked = `jsonb_to_recordset($1::jsonb) AS asked (catalog_id bigint, path text, version smallint, kind varchar)`;
  await client.query(
    `INSERT INTO ${schema}.catalog (catalog_id, path, version, kind) SELECT * FROM ${asked} ON CONFLICT DO NOTHING`,
    [text],
  );
  const { rows: found } = await client.query<{ catalog_id: string; path: string; version: number }>(
    `SELECT c.catalog_id, c.path, c.version FROM ${schema}.catalog c JOIN ${asked} USING (path, version)`,
    [text],
  );
  return new Map(found.map((row) => [`${row.path}\n${row.version}`, row.catalog_id]));
}

async function columnsOf(client: pg.Pool | pg.ClientBase, schema: string): Promise<Set<string>> {
  const { rows } = await client.query<{ column_name: string }>(
    `SELECT column_name FROM information_schema.columns WHERE table_schema = $1 AND table_name = 'event'`,
    [schema],
  );
  return new Set(rows.map((row) => row.column_name));
}

type IdentifiedRow = EventRow & { event_id: string; prev_event_id: string | null; created_at: number };

function withIds(rows: readonly EventRow[]): IdentifiedRow[] {
  const rust = new Set(
    rows.filter((row) => RUST_START_TYPES.some((type) => type === row.event_type)).map((row) => row.execution_id),
  );
  const last = new Map<string, string>();
  return rows.map((row) => {
    const createdAt = Number(row.created_at ?? Date.now());
    const previous = last.get(row.execution_id) ?? null;
    const layout = row.layout ?? (rust.has(row.execution_id) ? 'rust' : 'database');
    const eventId = row.event_id ?? above(nextIdAt(createdAt, layout), previous);
    last.set(row.execution_id, eventId);
    return { prev_event_id: previous, ...row, event_id: eventId, created_at: createdAt } as IdentifiedRow;
  });
}

/** Within one millisecond the sequence number can wrap round; the order of the call is what tests mean. */
const above = (id: string, previous: string | null): string =>
  previous !== null && BigInt(id) <= BigInt(previous) ? (BigInt(previous) + 1n).toString() : id;

function toRecord(row: IdentifiedRow, columns: ReadonlySet<string>): Record<string, Json> {
  const at = (time: EventRow[string]) => new Date(time instanceof Date ? time : Number(time)).toISOString();
  const times = {
    created_at: at(row.created_at).replace('Z', ''),
    event_time: at(row.event_time ?? row.created_at),
    ingest_time: at(row.ingest_time ?? row.created_at),
  };
  const record: Record<string, Json> = {};
  for (const [name, value] of Object.entries({ ...row, ...times })) {
    if (value === undefined || value instanceof Date || HELPER_KEYS.has(name)) continue;
    if (columns.has(name)) record[name] = value;
    else if (name !== 'prev_event_id') throw new Error(`noetl.event has no column ${name}`);
  }
  return record;
}

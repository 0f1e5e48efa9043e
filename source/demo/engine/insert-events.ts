import type pg from 'pg';
import { quoteIdentifier } from '../schema.js';
import type { EventRecord } from './event-row.js';

/** Rows in one INSERT; a single one of all rows would hold the whole history as one text in memory twice over. */
const CHUNK = 4000;

const EVENT_COLUMNS: Readonly<Record<keyof EventRecord, string>> = {
  execution_id: 'bigint',
  event_id: 'bigint',
  prev_event_id: 'bigint',
  parent_event_id: 'bigint',
  catalog_id: 'bigint',
  parent_execution_id: 'bigint',
  created_at: 'timestamp',
  event_time: 'timestamptz',
  ingest_time: 'timestamptz',
  event_type: 'varchar',
  node_id: 'varchar',
  node_name: 'varchar',
  node_type: 'varchar',
  status: 'varchar',
  duration: 'float8',
  context: 'jsonb',
  result: 'jsonb',
  meta: 'jsonb',
  error: 'text',
  current_index: 'int',
  worker_id: 'varchar',
  command_id: 'bigint',
};

/** Appends events as they are; their ids and chain are settled. */
export async function insertEvents(
  client: pg.ClientBase,
  schemaName: string,
  records: readonly EventRecord[],
): Promise<void> {
  const names = Object.keys(EVENT_COLUMNS).join(', ');
  const types = Object.entries(EVENT_COLUMNS).map(([name, type]) => `${name} ${type}`);
  for (let start = 0; start < records.length; start += CHUNK) {
    await client.query(
      `INSERT INTO ${quoteIdentifier(schemaName)}.event (${names})
        SELECT ${names} FROM jsonb_to_recordset($1::jsonb) AS r (${types.join(', ')})`,
      [toJson(records.slice(start, start + CHUNK))],
    );
  }
}

/** Marks a bigint inside the text that JSON.stringify makes; no text of the demo holds it. */
const MARK = '\u0001';
const MARKED = /"\\u0001(\d+)\\u0001"/g;

/** JSON in which a bigint is a number with all of its digits: JSON.stringify knows none beyond 2^53. */
export const toJson = (value: unknown): string =>
  JSON.stringify(value, (_key, one) => (typeof one === 'bigint' ? `${MARK}${one}${MARK}` : one)).replace(MARKED, '$1');

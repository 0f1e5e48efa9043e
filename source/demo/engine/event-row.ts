import type pg from 'pg';
import type { Stack } from '../../domain/event-types.js';
import { type SnowflakeLayout, snowflakeFloor } from '../../domain/snowflake.js';
import { quoteIdentifier } from '../schema.js';
import type { Random } from './random.js';

/** Node numbers of the demo's servers: below the console's own and unlike the database function's shard. */
const NODE: Record<SnowflakeLayout, bigint> = { database: 3n << 18n, rust: 11n << 12n };
const SEQUENCE: Record<SnowflakeLayout, bigint> = { database: 1n << 18n, rust: 1n << 12n };

/** Gives out ids in both layouts, none twice: one sequence runs through all of them. */
export class IdSource {
  private sequence = 0n;

  /**
   * @param shiftMs how far the time in the ids lags behind the time that they are drawn for; backdated ids count from
   *   the full hour, so that demos with one seed that start within an hour have the same ones.
   */
  constructor(private readonly shiftMs = 0) {}

  /** An id for a time in milliseconds since 1970. */
  at(atMs: number, layout: SnowflakeLayout): bigint {
    const sequence = this.sequence++ % SEQUENCE[layout];
    return snowflakeFloor(atMs - this.shiftMs, layout) | NODE[layout] | sequence;
  }
}

/** An inline Python child's id: random, below 10^18, with no time in it (event-store.md, "Ids"). */
export const timelessId = (random: Random): bigint =>
  BigInt(random.below(2 ** 29)) * 2n ** 30n + BigInt(random.below(2 ** 30)) + 1n;

/** A JSON value, as the payload columns hold it; a bigint becomes a JSON number, as Python writes its 64-bit ids. */
export type Json = string | number | bigint | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/**
 * Who writes an event: workers go on reporting what they have in hand when the orchestrator has stopped, and Python's
 * transport writes its own rows around each of their reports.
 */
export type Author = 'orchestrator' | 'worker' | 'transport';

/** An event before it has its place in the log. Columns that are left out stay NULL or at the table's default. */
export interface EventDraft {
  readonly by: Author;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly event_type: string;
  readonly node_id?: string;
  readonly node_name?: string;
  readonly node_type?: string;
  readonly status?: string;
  readonly parent_execution_id?: string;
  /** Seconds. */
  readonly duration?: number;
  readonly context?: JsonObject;
  readonly result?: JsonObject;
  readonly meta?: JsonObject;
  readonly error?: string;
  readonly current_index?: number;
  readonly worker_id?: string;
  readonly command_id?: string;
}

/** An event as it goes into the table. */
export interface EventRecord extends Omit<EventDraft, 'by' | 'at'> {
  readonly execution_id: string;
  readonly event_id: string;
  readonly prev_event_id: string | null;
  readonly parent_event_id: string | null;
  readonly catalog_id: string;
  /** ISO 8601 without a zone, in UTC, as the column holds it. */
  readonly created_at: string;
  readonly event_time: string;
  readonly ingest_time: string;
}

/**
 * Gives a draft its place after `previous` in the log of one execution. Python's server leaves prev_event_id NULL; both
 * servers name in parent_event_id the event that they react to.
 */
export function placeEvent(
  draft: EventDraft,
  place: {
    executionId: string;
    catalogId: string;
    eventId: bigint;
    previous: bigint | null;
    stack: Stack;
  },
): EventRecord {
  const { by, at, ...columns } = draft;
  const previous = place.previous?.toString() ?? null;
  const time = new Date(at).toISOString();
  return {
    ...columns,
    execution_id: place.executionId,
    event_id: place.eventId.toString(),
    prev_event_id: place.stack === 'rust' ? previous : null,
    parent_event_id: by === 'orchestrator' ? previous : null,
    catalog_id: place.catalogId,
    created_at: time.slice(0, -1),
    event_time: time,
    ingest_time: time,
  };
}

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

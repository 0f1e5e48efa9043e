import type { Stack } from '../../domain/event-types.js';

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

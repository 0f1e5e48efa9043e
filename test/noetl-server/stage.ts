import type { CancelRequest } from '../../source/domain/cancellation.js';
import { readAddress } from '../../source/noetl-server/address.js';
import { serverCancelWriter } from '../../source/noetl-server/cancel-writer.js';
import { createServerClient } from '../../source/noetl-server/client.js';
import type { CancelRunOptions } from '../../source/service/cancel/cancel.js';
import { createCancelService } from '../../source/service/cancel/cancel.js';
import type { EventStore } from '../../source/store/event-store.js';
import { nextIdAt, type TestDatabase, writeEvents } from '../helpers/database.js';

const minutesAgo = (minutes: number) => Date.now() - minutes * 60_000;

/** A cancel service that writes through a server, with a patience that a test can wait for. */
export function serviceThrough(url: string, store: EventStore, token: string | null = null, timeoutMs = 10_000) {
  const read = readAddress(url);
  if (!read.ok) throw new Error(read.problem);
  const client = createServerClient({ address: read.address, token: async () => token, timeoutMs });
  const patience = { tries: 3, triesUnanswered: 2, firstPauseMs: 10 };
  return createCancelService(store, { writer: serverCancelWriter({ client, store, patience }) });
}

let batches = 0;
export const requestOf = (over: Partial<CancelRequest> = {}): CancelRequest => ({
  reason: 'Detected infinite loop',
  cancelledBy: 'ada@console',
  cascade: false,
  batchId: `batch-${++batches}`,
  source: 'noetl-console/test',
  ...over,
});

interface ThroughOptions {
  readonly token?: string | null;
  readonly cascade?: boolean;
  /** For servers that never answer. */
  readonly timeoutMs?: number;
}

export async function cancelThrough(
  url: string,
  store: EventStore,
  ids: readonly string[],
  { token = null, cascade = false, timeoutMs, ...options }: CancelRunOptions & ThroughOptions = {},
) {
  const service = serviceThrough(url, store, token, timeoutMs);
  const plan = await service.plan(ids, { cascade });
  return service.run(plan, requestOf({ cascade }), options);
}

/** A running execution of the Rust stack with an id beyond 2^53, silent for ten minutes. */
export async function rustRun(
  db: TestDatabase,
  over: { parent?: string; events?: { event_type: string; status: string }[] } = {},
) {
  const id = nextIdAt(minutesAgo(20), 'rust');
  await writeEvents(db.pool, [
    {
      execution_id: id,
      event_type: 'playbook_started',
      status: 'STARTED',
      created_at: minutesAgo(20),
      parent_execution_id: over.parent ?? null,
      layout: 'rust',
    },
    {
      execution_id: id,
      event_type: 'command.issued',
      status: 'PENDING',
      node_name: 'load',
      created_at: minutesAgo(10),
      layout: 'rust',
    },
    ...(over.events ?? []).map((event) => ({
      execution_id: id,
      ...event,
      created_at: minutesAgo(9),
      layout: 'rust' as const,
    })),
  ]);
  return id;
}

export async function pythonRun(db: TestDatabase, events: { event_type: string; status: string }[] = []) {
  const id = nextIdAt(minutesAgo(20), 'database');
  await writeEvents(db.pool, [
    { execution_id: id, event_type: 'playbook.initialized', status: 'INITIALIZED', created_at: minutesAgo(20) },
    ...events.map((event) => ({ execution_id: id, ...event, created_at: minutesAgo(9) })),
  ]);
  return id;
}

/** The rows of a cancel, oldest first. */
export async function cancelRowsOf(db: TestDatabase, id: string) {
  const { rows } = await db.pool.query(
    `SELECT event_id::text, prev_event_id::text AS prev, event_type, node_name, meta, context, result
     FROM noetl.event WHERE execution_id = $1 AND status = 'CANCELLED' ORDER BY event_id`,
    [id],
  );
  return rows;
}

export const typesOf = async (db: TestDatabase, id: string): Promise<string[]> =>
  (await cancelRowsOf(db, id)).map((row) => row.event_type);

import type { ExecutionId } from '../../domain/execution-id.js';
import type {
  CancellationCheck,
  CancellationVerdict,
  WorkerEvent,
  WorkerEventEmitter,
  WorkerEventResult,
} from '../../domain/worker-protocol.js';
import { type CapabilityRow, capabilities } from '../connection/capabilities.js';
import type { StoreContext } from '../connection/context.js';
import { tablesIn } from '../connection/tables.js';
import { StoreError } from '../errors.js';
import type { Sql } from '../sql.js';
import {
  type CancellationCheckRow,
  CheckBatcher,
  cancellationCheck,
  cancellationChecks,
  verdictOf,
} from './check-batcher.js';
import { appendInTransaction } from './command-event.js';

/** The workers' side of the event table. Every method throws StoreError and nothing else. */
export interface WorkerProtocolStore {
  /**
   * The hot path: one round trip on connections of its own, that began after the call. Null when no event names the
   * execution.
   */
  cancellationCheck(id: ExecutionId): Promise<CancellationVerdict | null>;
  /** Writes a worker's event under the lock that a cancel takes too, if it may be written (domain/worker-protocol.ts). */
  appendCommandEvent(event: WorkerEvent): Promise<WorkerEventResult>;
}

/** A worker waits for this before every command; past it the guard's own time limit has long struck. */
const CHECK_TIMEOUT_MS = 5_000;
const APPEND_TIMEOUT_MS = 15_000;
/** A writer that takes no lock can hold the very event id that was settled on; the next try settles on another. */
const APPEND_ATTEMPTS = 4;

const isIdTaken = (error: unknown): boolean =>
  error instanceof StoreError && (error.cause as { code?: string } | undefined)?.code === '23505';

/** @internal */
export function workerProtocolStore(context: StoreContext): WorkerProtocolStore {
  const { pools, tables } = context;
  const checks = new CheckBatcher({
    one: async (id) => (await pools.single('checking', cancellationCheck(tables, id), CHECK_TIMEOUT_MS))[0],
    many: async (ids) => {
      const rows = await pools.single('checking', cancellationChecks(tables, ids), CHECK_TIMEOUT_MS);
      return new Map(rows.map((row) => [row.execution_id, row]));
    },
  });
  return {
    cancellationCheck: async (id) => verdictOf(id, await checks.ask(id)),

    async appendCommandEvent(event) {
      pools.refuseIfReadOnly();
      const { prev_event_id: hasPrevEventId } = await context.capabilities();
      for (let attempt = 1; ; attempt++) {
        try {
          return await pools.write({ timeoutMs: APPEND_TIMEOUT_MS }, (transaction) =>
            appendInTransaction((sql) => transaction.query(sql), tables, event, hasPrevEventId),
          );
        } catch (error) {
          if (!isIdTaken(error) || attempt >= APPEND_ATTEMPTS) throw error;
        }
      }
    },
  };
}

/** What the ports need of a driver; a `pg.Pool` is one. This file loads no driver. */
export interface QueryPool {
  query(text: string, values: unknown[]): Promise<{ rows: unknown[] }>;
  connect(): Promise<{
    query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
    release(destroy?: boolean): void;
  }>;
}

/** The database that the ports talk to. */
export interface DatabasePortOptions {
  readonly pool: QueryPool;
  /** The schema that holds NoETL's tables; default: `noetl`. */
  readonly schema?: string;
}

/** The guard's check on the event table itself: one round trip. */
export function databaseCancellationCheck({ pool, schema = 'noetl' }: DatabasePortOptions): CancellationCheck {
  const tables = tablesIn(schema);
  return async (executionId) => {
    const { text, values } = cancellationCheck(tables, executionId);
    const { rows } = await pool.query(text, [...values]);
    return verdictOf(executionId, rows[0] as CancellationCheckRow | undefined);
  };
}

/**
 * The guard's emitter on the event table itself. It decides and writes under the lock that the console's cancels take,
 * so a skip is written once however many workers or retries there are.
 */
export function databaseCommandEmitter({ pool, schema = 'noetl' }: DatabasePortOptions): WorkerEventEmitter {
  const tables = tablesIn(schema);
  let installation: Promise<CapabilityRow | undefined> | null = null;
  const learn = async () => {
    const { text, values } = capabilities(schema);
    return (await pool.query(text, [...values])).rows[0] as CapabilityRow | undefined;
  };
  return async (event) => {
    installation ??= learn();
    const known = await installation.catch((error: unknown) => {
      installation = null;
      throw error;
    });
    const client = await pool.connect();
    try {
      await client.query('BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE');
      const result = await appendInTransaction(
        async <Row>(sql: Sql<Row>) => (await client.query(sql.text, [...sql.values])).rows as Row[],
        tables,
        event,
        known?.prev_event_id === true,
      );
      await client.query('COMMIT');
      client.release();
      return result;
    } catch (error) {
      const broken = await client.query('ROLLBACK').then(
        () => false,
        () => true,
      );
      client.release(broken);
      throw error;
    }
  };
}

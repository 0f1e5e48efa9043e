import type { CancellationCheck, WorkerEventEmitter } from '../../domain/worker-protocol.js';
import { type CapabilityRow, capabilities } from '../connection/capabilities.js';
import { tablesIn } from '../connection/tables.js';
import type { Sql } from '../sql.js';
import { type CancellationCheckRow, cancellationCheck, verdictOf } from './cancellation-check.js';
import { appendInTransaction } from './command-event.js';

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

import type pg from 'pg';
import { quoteIdentifier } from '../schema.js';
import { SERVER_LEASES, SERVER_NAME, type Worker } from './workers.js';

/** `noetl.runtime` as workers and servers keep it. */
export class RuntimeTable {
  private readonly table: string;
  private readonly snowflake: string;

  constructor(
    private readonly pool: pg.Pool,
    schemaName: string,
  ) {
    this.table = `${quoteIdentifier(schemaName)}.runtime`;
    this.snowflake = `${quoteIdentifier(schemaName)}.snowflake_id()`;
  }

  /** The heartbeat of these workers and of the server itself. */
  async beat(workers: readonly Worker[]): Promise<void> {
    await this.touch([...workers.map(({ name }) => name), SERVER_NAME]);
  }

  /** The heartbeat of the leases under which the server runs its own recovery. */
  async beatLeases(): Promise<void> {
    await this.touch(SERVER_LEASES);
  }

  /** New workers enter themselves: a restart leaves the old row behind. */
  async register(workers: readonly Worker[]): Promise<void> {
    await this.pool.query(
      `INSERT INTO ${this.table} (runtime_id, name, kind, uri, status, labels, capabilities, capacity)
        SELECT ${this.snowflake}, name, 'worker_pool', 'nats://demo', 'ready', jsonb_build_object('stack', stack), '{}', capacity
        FROM jsonb_to_recordset($1::jsonb) AS w (name text, stack text, capacity int)
        ON CONFLICT (kind, name) DO UPDATE SET status = 'ready', heartbeat = now(), updated_at = now()`,
      [JSON.stringify(workers)],
    );
  }

  /** What the server's runtime_sweeper does: a worker that has not beaten for a minute is set offline. */
  async sweep(): Promise<void> {
    await this.pool.query(
      `UPDATE ${this.table} SET status = 'offline', updated_at = now()
        WHERE kind = 'worker_pool' AND status <> 'offline' AND heartbeat < now() - interval '60 s'`,
    );
  }

  private async touch(names: readonly string[]): Promise<void> {
    await this.pool.query(
      `UPDATE ${this.table} SET status = 'ready', heartbeat = now(), updated_at = now() WHERE name = ANY($1)`,
      [names],
    );
  }
}

import type pg from 'pg';
import type { Stack } from '../../domain/event-types.js';
import { quoteIdentifier } from '../schema.js';
import type { Random } from './random.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A worker pool as `noetl.runtime` lists it; events name the worker by the same name. */
export interface Worker {
  readonly name: string;
  readonly stack: Stack;
  /** How many commands it runs at a time. */
  readonly capacity: number;
  /** How long its last heartbeat is past when the demo starts, in milliseconds; null when it is not registered. */
  readonly silentMs: number | null;
  /** How long before the demo's start it registered, in milliseconds. */
  readonly registeredAgoMs: number;
}

const CAPACITY = 8;
const worker = (name: string, stack: Stack, registeredAgoMs: number, silentMs: number | null = 0): Worker => ({
  name,
  stack,
  capacity: CAPACITY,
  silentMs,
  registeredAgoMs,
});

/** They are there when the demo opens, and have been for hours: a demo must not open in the wake of an outage. */
export const LIVE_WORKERS: readonly Worker[] = [
  worker('worker-rs-7c9f4d-a1', 'rust', 9 * HOUR),
  worker('worker-rs-7c9f4d-b2', 'rust', 9 * HOUR),
  worker('worker-rs-7c9f4d-c3', 'rust', 88 * MINUTE),
  worker('noetl-worker-py-0', 'python', 31 * HOUR),
  worker('noetl-worker-py-1', 'python', 3 * HOUR),
];

/** They died with commands in hand: most are silent, one is not registered any more. */
export const DEAD_WORKERS: readonly Worker[] = [
  worker('worker-rs-5b81e0-d4', 'rust', 8 * HOUR, 95 * MINUTE),
  worker('noetl-worker-py-7', 'python', 4 * 24 * HOUR, 190 * MINUTE),
  worker('worker-rs-31aa09-e5', 'rust', 30 * HOUR, null),
  // Killed a moment ago: what it had in hand may still be handed on.
  worker('worker-rs-7c9f4d-f6', 'rust', 9 * HOUR, 3 * MINUTE),
  worker('noetl-worker-py-2', 'python', 3 * HOUR, 2 * MINUTE),
];

/** A worker that has died by now; product.md's grace for the engine's own recovery is ten minutes. */
export const isLongGone = ({ silentMs }: Worker): boolean => silentMs === null || silentMs > 10 * MINUTE;

/** The servers' own rows in `noetl.runtime`: one for the server, and a lease for each of its recovery loops. */
export const SERVER_NAME = 'noetl-server-0';
export const SERVER_LEASES: readonly string[] = ['command_reaper', 'runtime_sweeper', 'auto_resume'].map(
  (loop) => `${SERVER_NAME}:${loop}`,
);

/** It ran the imported cohort, on the cluster that the rows were taken from. */
export const FOREIGN_WORKER = worker('noetl-worker-old-cluster-3', 'python', 0, null);

/** At most so many commands of one tool run at a time, where that is less than the workers' capacity. */
export const TOOL_LIMITS: Readonly<Record<string, number>> = { duckdb: 4, gpu: 0 };

export const liveWorkerFor = (stack: Stack, random: Random): string =>
  random.pick(LIVE_WORKERS.filter((one) => one.stack === stack)).name;

/** A live worker of a stack that is not this one: who a command goes to when it is handed on. */
export const otherWorkerThan = (name: string, stack: Stack, random: Random): string =>
  random.pick(LIVE_WORKERS.filter((one) => one.stack === stack && one.name !== name)).name;

/** The names that a worker has after its restarts, as pods have them: drawn, so that one seed gives the same ones. */
export function restarted(old: Worker, random: Random): Worker {
  const suffix = random
    .below(2 ** 32)
    .toString(16)
    .padStart(8, '0');
  const name = old.stack === 'rust' ? `worker-rs-${suffix.slice(0, 6)}-${suffix.slice(6)}` : `worker-${suffix}`;
  return { ...old, name, silentMs: 0, registeredAgoMs: 0 };
}

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

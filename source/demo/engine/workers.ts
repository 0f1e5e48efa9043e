import type { Stack } from '../../domain/event-types.js';
import type { Random } from './random.js';

/** A worker pool as `noetl.runtime` lists it; events name the worker by the same name. */
export interface Worker {
  readonly name: string;
  readonly stack: Stack;
  /** How many commands it runs at a time. */
  readonly capacity: number;
  /** How long its last heartbeat is past when the demo starts, in milliseconds; null when it is not registered. */
  readonly silentMs: number | null;
}

const MINUTE = 60_000;
const worker = (name: string, stack: Stack, capacity: number, silentMs: number | null = 0): Worker => ({
  name,
  stack,
  capacity,
  silentMs,
});

/** They beat as long as the demo lives. */
export const LIVE_WORKERS: readonly Worker[] = [
  worker('worker-rs-7c9f4d-a1', 'rust', 8),
  worker('worker-rs-7c9f4d-b2', 'rust', 8),
  worker('worker-rs-7c9f4d-c3', 'rust', 8),
  worker('noetl-worker-py-0', 'python', 8),
  worker('noetl-worker-py-1', 'python', 8),
];

/** They died with commands in hand: two are silent, one is not registered any more. */
export const DEAD_WORKERS: readonly Worker[] = [
  worker('worker-rs-5b81e0-d4', 'rust', 8, 95 * MINUTE),
  worker('noetl-worker-py-7', 'python', 8, 190 * MINUTE),
  worker('worker-rs-31aa09-e5', 'rust', 8, null),
];

/** It ran the imported cohort, on the cluster that the rows were taken from. */
export const FOREIGN_WORKER = worker('noetl-worker-old-cluster-3', 'python', 8, null);

/** At most so many commands of one tool run at a time, where that is less than the workers' capacity. */
export const TOOL_LIMITS: Readonly<Record<string, number>> = { duckdb: 4, gpu: 0 };

export const liveWorkerFor = (stack: Stack, random: Random): string =>
  random.pick(LIVE_WORKERS.filter((one) => one.stack === stack)).name;

import type { EpochMs, Execution } from '../../domain/execution.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import type { Diagnosis } from '../../domain/staleness/staleness-types.js';

/** How the feed stands with the database. */
export type FeedHealth =
  | { readonly kind: 'loading' }
  | { readonly kind: 'live' }
  | { readonly kind: 'paused' }
  | { readonly kind: 'reconnecting'; readonly attempt: number; readonly nextTryAt: EpochMs; readonly problem: string };

/** All that a list needs of one execution. A new object only when something in it changed: safe to memoise on. */
export interface FeedRow {
  readonly execution: Execution;
  /** The step of the newest event that names one other than the playbook itself. */
  readonly currentStep: string | null;
  /** The worker that the newest events name. */
  readonly workerId: string | null;
  readonly children: { readonly live: number; readonly all: number } | null;
  readonly diagnosis: Diagnosis | null;
}

export interface FeedSnapshot {
  /** Every execution to end, plus those that ended while the feed ran (bounded); by execution id. */
  readonly rows: ReadonlyMap<ExecutionId, FeedRow>;
  /** Grows by one with every change. */
  readonly revision: number;
  /** The database's clock at the newest read, and this process's clock then: age of data = Date.now() - readAt. */
  readonly asOf: EpochMs;
  readonly readAt: EpochMs;
  readonly health: FeedHealth;
  /** Local clock minus database clock, milliseconds. */
  readonly clockSkew: number;
}

/** The console's view of the database: a first load, then new events only. */
export interface LiveFeed {
  snapshot(): FeedSnapshot;
  /** Called after every change; returns the function that ends it. */
  subscribe(listener: () => void): () => void;
  start(): void;
  stop(): Promise<void>;
  pause(paused: boolean): void;
  /** A full check at once. */
  refresh(): Promise<void>;
  /** Executions silent for longer are stale and get diagnosed. */
  setStaleAfter(ms: number): void;
}

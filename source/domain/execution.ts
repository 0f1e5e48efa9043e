import type { Stack } from './event-types.js';
import type { ExecutionId } from './execution-id.js';
import { type ExecutionStatus, isSilent, type TerminalStatus } from './execution-status.js';

/** Milliseconds since 1970, UTC, by the database's clock. */
export type EpochMs = number;

/** One event as the lists and the timeline need it; payloads are read apart. */
export interface EventSummary {
  readonly eventId: string;
  readonly type: string;
  readonly node: string | null;
  readonly status: string | null;
  readonly workerId: string | null;
  readonly at: EpochMs;
}

/** What is known of one execution from its events. */
export interface Execution {
  readonly executionId: ExecutionId;
  /** From the catalog; null when the row is missing there. */
  readonly path: string | null;
  readonly version: number | null;
  readonly catalogId: string | null;
  readonly parentExecutionId: ExecutionId | null;
  /** Null when the execution has no start event. */
  readonly stack: Stack | null;
  readonly status: ExecutionStatus;
  /** Every kind of end its events hold, in precedence order; more than one is worth telling. */
  readonly ends: readonly TerminalStatus[];
  readonly startedAt: EpochMs | null;
  /** When the terminal event that decides the status was written. */
  readonly endedAt: EpochMs | null;
  readonly lastEvent: EventSummary;
}

/** What an execution is called where staleness matters: STALE is a RUNNING one that has been silent too long. */
export type DisplayStatus = ExecutionStatus | 'STALE';

/** What a missing path is called: the row is there, its catalog entry is not. */
export const NO_PATH = '(not in the catalog)';

/** One cell for each status, the same in the console and on the command line: colour never carries it alone. */
export const STATUS_GLYPHS: Readonly<Record<DisplayStatus, string>> = {
  RUNNING: '●',
  STALE: '◌',
  COMPLETED: '✓',
  FAILED: '✗',
  CANCELLED: '■',
};

/** The status with the clock and the threshold (milliseconds) taken into account. */
export function displayStatus(execution: Execution, now: EpochMs, staleAfterMs: number): DisplayStatus {
  if (execution.status !== 'RUNNING') return execution.status;
  return isSilent(execution.lastEvent.at, now, staleAfterMs) ? 'STALE' : 'RUNNING';
}

/** Milliseconds since the newest event, never negative. */
export const silentFor = (execution: Execution, now: EpochMs): number => Math.max(0, now - execution.lastEvent.at);

/**
 * The end of JavaScript's dates, in milliseconds since 1970. PostgreSQL's reach further, and may be infinite: the store
 * hands those out as this value or its negative, so that everything can compute with them.
 */
export const TIME_LIMIT_MS = 8_640_000_000_000_000;

/** PostgreSQL's word for a time beyond that range; null for every other time. */
export const endlessTime = (at: EpochMs): 'infinity' | '-infinity' | null =>
  at >= TIME_LIMIT_MS ? 'infinity' : at <= -TIME_LIMIT_MS ? '-infinity' : null;

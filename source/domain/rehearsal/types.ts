import type { EpochMs } from '../execution.js';
import type { ExecutionId } from '../execution-id.js';
import type { FactEvent } from '../staleness/facts-from-events.js';
import type { BulkLoad } from '../staleness/stale-facts.js';
import type { StaleCode } from '../staleness/staleness-types.js';

/** A row of the log as a rehearsal reads it. */
export interface LogEvent extends FactEvent {
  /** Where the row was written an hour or more after its own time: when, and the cohort's name. Null for rows that were lived. */
  readonly loaded: Pick<BulkLoad, 'at' | 'ingestTime'> | null;
}

/** One execution's rows without the transport's, ascending by event id. */
export interface ExecutionLog {
  readonly executionId: ExecutionId;
  readonly path: string | null;
  readonly parentExecutionId: ExecutionId | null;
  readonly events: readonly LogEvent[];
}

/** An execution with those that its diagnosis rests on; relatives without rows are left out. */
export interface Family {
  readonly own: ExecutionLog;
  readonly parent: ExecutionLog | null;
  readonly descendants: readonly ExecutionLog[];
}

/**
 * What a rehearsal takes for granted of the workers, because heartbeats of the past are not kept. `unknown`: as the rule
 * does where noetl.runtime says nothing, so a claim counts as live and an unclaimed command as recoverable. `lost`: every
 * worker counts as gone and no recovery as running, which is what a cleanup in an outage would have seen.
 */
export const ASSUMPTIONS = ['unknown', 'lost'] as const;
export type Assumption = (typeof ASSUMPTIONS)[number];

/**
 * What an execution did after the moment at which it would have been cancelled. `went-on`: it wrote events again.
 * `given-up`: nothing but its end as FAILED, which an engine's own sweep writes too. `cancelled`: somebody cancelled it.
 * `nothing`: no event up to now.
 */
export type Later = 'went-on' | 'given-up' | 'cancelled' | 'nothing';

/** An execution that a cleanup would have cancelled in a silence of its past. */
export interface Finding {
  readonly executionId: ExecutionId;
  readonly path: string | null;
  readonly code: StaleCode;
  /** Its last event then, and the first moment of the three judged at which the rule took it. */
  readonly silentSince: EpochMs;
  readonly at: EpochMs;
  readonly sentence: string;
  readonly later: Later;
  /** The event that it went on with, and when; null unless it went on. */
  readonly wentOnWith: { readonly type: string; readonly node: string | null; readonly at: EpochMs } | null;
}

/** What a cleanup with one threshold would have done. */
export interface Tally {
  readonly cancelled: number;
  readonly wentOn: number;
}

export interface CodeTally extends Tally {
  readonly code: StaleCode;
  readonly givenUp: number;
}

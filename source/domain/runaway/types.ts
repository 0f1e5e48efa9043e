import type { ExecutionId } from '../execution-id.js';

/** How a running execution behaves unlike its playbook, in the order in which they are tried (product.md). */
export const RUNAWAY_CODES = ['re-driven', 'repeating', 'spawning', 'overrunning'] as const;
export type RunawayCode = (typeof RUNAWAY_CODES)[number];

export interface RunawayThresholds {
  /** One command claimed or started so often is re-driven. */
  readonly minAttempts: number;
  /** So many issues of a step, or so many children, are needed whatever the baseline says. */
  readonly minRepeats: number;
  /** So many times what the baseline's most extreme run did. */
  readonly factor: number;
  /** So many times the baseline's 95th percentile of the run time. */
  readonly runFactor: number;
  /** A run shorter than this never overruns; milliseconds. */
  readonly minRunMs: number;
  /** The same for a playbook without a baseline; milliseconds. */
  readonly minRunAloneMs: number;
}

/**
 * Without a baseline ten minutes say nothing: every long playbook that is new would overrun. A day does: NoETL's own
 * sweep considers an execution for non-convergence after an hour without events, and a run that keeps writing them for
 * a day without ever having ended before is worth a look.
 */
const RUN_ALONE_MS = 86_400_000;

export const DEFAULT_RUNAWAY_THRESHOLDS: RunawayThresholds = {
  minAttempts: 5,
  minRepeats: 50,
  factor: 3,
  runFactor: 5,
  minRunMs: 600_000,
  minRunAloneMs: RUN_ALONE_MS,
};

/** Events or children a minute. */
export interface Rate {
  readonly perMinute: number;
  readonly of: 'events' | 'children';
}

export interface RunawayEvidence {
  /** One sentence with numbers. */
  readonly sentence: string;
  readonly node: string | null;
  readonly commandId: string | null;
  readonly workerId: string | null;
  /** What was counted: attempts, issues, children, or the run time in milliseconds. */
  readonly observed: number;
  /** True where counting stopped at a cap: there are at least `observed`. */
  readonly isAtLeast: boolean;
  /** What `observed` was compared with: the most of any baseline run, or their 95th percentile; null without a baseline. */
  readonly usual: number | null;
  /** How many runs the baseline has; 0 to 9 mean that there is none. */
  readonly baselineRuns: number;
}

/** Why a running execution is said to run away. */
export interface Runaway {
  readonly executionId: ExecutionId;
  readonly code: RunawayCode;
  readonly evidence: RunawayEvidence;
  /** Further codes that apply. */
  readonly also: readonly RunawayCode[];
  /** Null where nothing was counted over a time that could give one. */
  readonly rate: Rate | null;
}

import { formatDuration } from '../../text/duration.js';
import type { EpochMs } from '../execution.js';
import type { ExecutionId } from '../execution-id.js';

/** How often one step's commands were issued in an execution. */
export interface StepIssues {
  readonly node: string | null;
  readonly issued: number;
  /** Of the issues that were counted. */
  readonly firstAt: EpochMs;
  /** The highest number of iterations that a loop announced for this step; null where none did. */
  readonly announced: number | null;
  /** The highest iteration that was issued, counted from 0; null where none says. */
  readonly iteration: number | null;
  /** True where a row announced a total that is not a whole number from 1 to 999,999,999. */
  readonly isAnnouncementUnreadable: boolean;
}

/** A command that a worker took more than a few times. */
export interface RepeatedCommand {
  /** What the log names it by: its id, or its step where it has none. */
  readonly key: string;
  readonly node: string | null;
  readonly claimed: number;
  readonly started: number;
  /** How often this very key was issued; a loop that reuses its key is not one command. At least 1. */
  readonly issued: number;
  /** The first and the last of these claims and starts. */
  readonly firstAt: EpochMs;
  readonly lastAt: EpochMs;
  readonly lastWorkerId: string | null;
}

/** What an execution did, counted no further than a cap. */
export interface Behaviour {
  /** Most issued first. */
  readonly steps: readonly StepIssues[];
  /** True where the execution has more issued commands than were counted: every step was issued at least so often. */
  readonly areStepsCapped: boolean;
  readonly repeated: readonly RepeatedCommand[];
  readonly children: {
    readonly count: number;
    readonly firstAt: EpochMs | null;
    /** True where there are more than were counted. */
    readonly isCapped: boolean;
  };
}

/** How the last runs of a playbook that ended without a cancel behaved: what is usual for it. */
export interface Baseline {
  /** How many runs it is made from; below MIN_BASELINE_RUNS it proves nothing. */
  readonly runs: number;
  /** Steps by name: the most issues in one of the runs. */
  readonly issues: ReadonlyMap<string, number>;
  /** True where a run was longer than what is counted: how often its steps were issued is unknown. */
  readonly areIssuesCapped: boolean;
  /** The most children in one of the runs. */
  readonly children: number;
  readonly areChildrenCapped: boolean;
  /** Milliseconds. */
  readonly medianMs: number;
  /** 95th percentile by nearest rank, milliseconds. */
  readonly p95Ms: number;
}

/** A playbook is compared with its last so many runs that completed or failed. */
export const BASELINE_RUNS = 50;
/** With fewer of them there is no baseline, and the absolute floors alone count. */
export const MIN_BASELINE_RUNS = 10;

/** The run time that a share of the runs did not exceed: nearest rank. @param durations milliseconds, any order, not empty */
export function percentile(durations: readonly number[], share: number): number {
  const sorted = [...durations].sort((a, b) => a - b);
  const rank = Math.min(sorted.length, Math.max(1, Math.ceil(share * sorted.length)));
  return sorted[rank - 1] ?? 0;
}

/** How a running execution behaves unlike its playbook, in the order in which they are tried (product.md). */
export const RUNAWAY_CODES = ['re-driven', 'repeating', 'spawning', 'overrunning'] as const;
/** One of RUNAWAY_CODES. */
export type RunawayCode = (typeof RUNAWAY_CODES)[number];

/** From where on a running execution behaves unlike its playbook. */
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

/** What counts as running away unless other thresholds are given. */
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

/** What speaks for a runaway. */
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

/** Words that evidence is made of. */

/** `1,204`: thousands separated, whatever the locale. */
export const counted = (count: number): string => Math.round(count).toLocaleString('en-US');

export const times = (count: number): string => (count === 1 ? 'once' : `${counted(count)} times`);
export const atLeast = (isCapped: boolean): string => (isCapped ? 'at least ' : '');
export const runs = (count: number): string => `its last ${counted(count)} runs`;

/** A stretch of time, never empty: two events of one millisecond are `1s` apart. */
export const timeSpan = (ms: number): string => formatDuration(Math.max(1000, ms));

/** `30 events a minute`; slower than one a minute with a decimal, so that it does not read as none. */
export function rateWords({ perMinute, of }: Rate): string {
  const figure = perMinute >= 10 ? counted(perMinute) : String(Math.round(perMinute * 10) / 10);
  return `${perMinute > 0 && perMinute < 0.1 ? 'under 0.1' : figure} ${of} a minute`;
}

/** The whole of it in one line: sentence, rate, further codes. */
export const evidenceLine = ({ evidence, rate, also }: Runaway): string =>
  [evidence.sentence, rate ? rateWords(rate) : null, also.length > 0 ? `also ${also.join(', ')}` : null]
    .filter((part) => part !== null)
    .join('; ');

/** A playbook's usual run time. */
export type UsualRunTime = Pick<Baseline, 'runs' | 'medianMs' | 'p95Ms'>;

/** `12m, usually 40s`; without a baseline only how long it has run. */
export const runTimeWords = (runMs: number, usual: UsualRunTime | null): string =>
  usual && usual.runs >= MIN_BASELINE_RUNS
    ? `${formatDuration(runMs)}, usually ${formatDuration(usual.medianMs)}`
    : formatDuration(runMs);

import type { EpochMs } from '../execution.js';
import type { ExecutionId } from '../execution-id.js';
import type { FactEvent } from '../staleness/facts-from-events.js';
import type { BulkLoad, StaleThresholds } from '../staleness/stale-facts.js';
import type { StaleCode } from '../staleness/staleness-types.js';
import { laterThan, momentsOf, type Silence, silencesOf } from './silences.js';
import { type Cohorts, verdictAt } from './verdict.js';

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

const MINUTE = 60_000;

/** Thresholds that a rehearsal tries, besides the one that was asked for; milliseconds. */
const STEPS: readonly number[] = [2, 5, 10, 15, 30, 60, 120, 240, 480, 1440, 2880].map((minutes) => minutes * MINUTE);

/** Those from the asked one on: a shorter one is rehearsed by asking for it. */
export const ladderFrom = (olderThanMs: number): number[] => [
  olderThanMs,
  ...STEPS.filter((step) => step > olderThanMs),
];

export interface RehearsalRules {
  readonly window: { readonly from: EpochMs; readonly to: EpochMs };
  /** `staleAfterMs` is the threshold that is rehearsed. */
  readonly thresholds: StaleThresholds;
  /** The codes that the cleanup takes. */
  readonly codes: ReadonlySet<StaleCode>;
  readonly cohorts?: Cohorts;
}

/** What a cleanup would have done to one execution, under one assumption. */
export interface Judged {
  /** At the asked threshold, in the first silence in which the rule took it; null where it never did. */
  readonly finding: Finding | null;
  /** For each step of the ladder: whether it would have been cancelled, and whether it went on after that. */
  readonly ladder: readonly ('left-alone' | 'cancelled' | 'went-on')[];
  /** The longest silence, in milliseconds, in which it would have been cancelled though it went on; 0 where none. */
  readonly harmedAfterMs: number;
}

export interface Rehearsed extends Record<Assumption, Judged> {
  readonly silences: number;
}

/** Rehearses a cleanup on one execution's past. Pure: the log up to each moment decides, the log after it judges. */
export function rehearse(family: Family, rules: RehearsalRules): Rehearsed {
  const { window, thresholds } = rules;
  const silences = silencesOf(family.own.events, window, thresholds.staleAfterMs);
  const ladder = ladderFrom(thresholds.staleAfterMs);
  const judged = (assumption: Assumption): Judged => {
    const found = silences.flatMap(
      (silence) => findingIn(family, silence, assumption, thresholds.staleAfterMs, rules) ?? [],
    );
    const harmed = found.filter(({ finding }) => finding.later === 'went-on');
    return {
      finding: found[0]?.finding ?? null,
      ladder: ladder.map((step, index) => {
        const first = index === 0 ? found[0]?.finding : firstFinding(family, silences, assumption, step, rules);
        return first ? (first.later === 'went-on' ? 'went-on' : 'cancelled') : 'left-alone';
      }),
      harmedAfterMs: harmed.reduce((longest, { lengthMs }) => Math.max(longest, lengthMs), 0),
    };
  };
  const [unknown, lost] = ASSUMPTIONS.map(judged) as [Judged, Judged];
  return { silences: silences.length, unknown, lost };
}

function firstFinding(
  family: Family,
  silences: readonly Silence[],
  assumption: Assumption,
  step: number,
  rules: RehearsalRules,
): Finding | null {
  for (const silence of silences) {
    const found = findingIn(family, silence, assumption, step, rules);
    if (found) return found.finding;
  }
  return null;
}

function findingIn(
  family: Family,
  silence: Silence,
  assumption: Assumption,
  staleAfterMs: number,
  { window, thresholds: given, codes, cohorts }: RehearsalRules,
): { readonly finding: Finding; readonly lengthMs: number } | null {
  const thresholds = { ...given, staleAfterMs };
  const { executionId, path, events } = family.own;
  for (const moment of momentsOf(silence, window, thresholds)) {
    const verdict = verdictAt(family, moment, assumption, thresholds, cohorts);
    if (!verdict || !codes.has(verdict.code)) continue;
    const { later, first } = laterThan(events, moment);
    return {
      lengthMs: (silence.until ?? window.to) - silence.since,
      finding: {
        executionId,
        path,
        code: verdict.code,
        silentSince: silence.since,
        at: moment,
        sentence: verdict.evidence.sentence,
        later,
        wentOnWith: first && { type: first.type, node: first.node, at: first.at },
      },
    };
  }
  return null;
}

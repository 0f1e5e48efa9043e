import type { EpochMs } from '../execution.js';
import type { StaleThresholds } from '../staleness/stale-facts.js';
import type { StaleCode } from '../staleness/staleness-types.js';
import { laterThan, momentsOf, type Silence, silencesOf } from './silences.js';
import { ASSUMPTIONS, type Assumption, type Family, type Finding } from './types.js';
import { type Cohorts, verdictAt } from './verdict.js';

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

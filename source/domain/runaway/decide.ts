import { formatDuration } from '../../text/duration.js';
import type { EpochMs, Execution } from '../execution.js';
import { ago, step } from '../staleness/stale-evidence.js';
import {
  atLeast,
  type Baseline,
  type Behaviour,
  counted,
  MIN_BASELINE_RUNS,
  RUNAWAY_CODES,
  type Runaway,
  type RunawayCode,
  type RunawayEvidence,
  type RunawayThresholds,
  runs,
  type StepIssues,
  timeSpan,
  times,
} from './facts.js';

/** The execution that is judged. */
export type RunningFacts = Pick<Execution, 'executionId' | 'startedAt'> & Behaviour;

type Evidence = Omit<RunawayEvidence, 'baselineRuns'>;
type Found = Evidence & { readonly rate: Runaway['rate'] };
type Rule = (
  facts: RunningFacts,
  baseline: Baseline | null,
  now: EpochMs,
  thresholds: RunawayThresholds,
) => Found | null;

/**
 * Whether a running execution behaves unlike its playbook: the first code of RUNAWAY_CODES that applies, with the
 * others named; null when none does. Pure and total. Rates of events are not known here (service/runaway adds them).
 *
 * @param baseline how its playbook's last runs behaved; null where there are none
 */
export function judgeRunaway(
  facts: RunningFacts,
  baseline: Baseline | null,
  now: EpochMs,
  thresholds: RunawayThresholds,
): Runaway | null {
  const usable = baseline && baseline.runs >= MIN_BASELINE_RUNS ? baseline : null;
  const found = RUNAWAY_CODES.flatMap((code): [RunawayCode, Found][] => {
    const evidence = RULES[code](facts, usable, now, thresholds);
    return evidence ? [[code, evidence]] : [];
  });
  const [first, ...others] = found;
  if (!first) return null;
  const [code, { rate, ...evidence }] = first;
  return {
    executionId: facts.executionId,
    code,
    evidence: { ...evidence, baselineRuns: baseline?.runs ?? 0 },
    also: others.map(([other]) => other),
    rate,
  };
}

const NO_BASELINE = 'no baseline';
const NOTHING = { node: null, commandId: null, workerId: null, isAtLeast: false, usual: null };

const RULES: Readonly<Record<RunawayCode, Rule>> = {
  're-driven': ({ repeated }, _baseline, now, { minAttempts }) => {
    // A key that was issued several times stands for several commands, one of which was taken at least this often.
    const attempts = repeated.map((command) => ({
      command,
      count: Math.ceil(Math.max(command.claimed, command.started) / Math.max(1, command.issued)),
    }));
    const most = attempts.reduce<(typeof attempts)[number] | null>(
      (best, each) => (best === null || each.count > best.count ? each : best),
      null,
    );
    if (!most || most.count < Math.max(1, minAttempts)) return null;
    const { command, count } = most;
    const verb = command.claimed >= command.started ? 'claimed' : 'started';
    const last = command.lastWorkerId ? ` by ${command.lastWorkerId}` : '';
    const span = timeSpan(command.lastAt - command.firstAt);
    return {
      ...NOTHING,
      sentence: `one command of ${step(command.node)} was ${verb} ${times(count)} in ${span}; last${last} ${ago(command.lastAt, now)}`,
      node: command.node,
      commandId: command.key,
      workerId: command.lastWorkerId,
      observed: count,
      rate: null,
    };
  },

  repeating: ({ steps, areStepsCapped }, baseline, now, thresholds) => {
    for (const each of steps) {
      const excess = excessOf(each, baseline, thresholds);
      if (!excess) continue;
      const often = `${atLeast(areStepsCapped)}${times(each.issued)} in ${timeSpan(now - each.firstAt)}`;
      return {
        ...NOTHING,
        sentence: `${step(each.node)} issued ${often}; ${excess.words}`,
        node: each.node,
        observed: each.issued,
        isAtLeast: areStepsCapped,
        usual: excess.usual,
        rate: null,
      };
    }
    return null;
  },

  spawning: ({ children, steps }, baseline, now, { factor, minRepeats }) => {
    if (baseline?.areChildrenCapped || children.count < Math.max(1, minRepeats)) return null;
    const usual = baseline ? baseline.children : 0;
    if (baseline && children.count <= factor * usual) return null;
    // A loop that announced its total issued as many commands: every child can be one of its iterations.
    if (!children.isCapped && steps.some((each) => explains(each, children.count, factor))) return null;
    const elapsed = children.firstAt === null ? null : now - children.firstAt;
    const span = elapsed === null ? '' : ` in ${timeSpan(elapsed)}`;
    const compared = baseline ? `at most ${counted(usual)} in ${runs(baseline.runs)}` : NO_BASELINE;
    return {
      ...NOTHING,
      sentence: `it started ${atLeast(children.isCapped)}${counted(children.count)} children${span}; ${compared}`,
      observed: children.count,
      isAtLeast: children.isCapped,
      usual: baseline ? usual : null,
      rate:
        elapsed === null || elapsed <= 0 ? null : { perMinute: children.count / (elapsed / 60_000), of: 'children' },
    };
  },

  overrunning: ({ startedAt }, baseline, now, { runFactor, minRunMs, minRunAloneMs }) => {
    if (startedAt === null) return null;
    const runMs = now - startedAt;
    if (runMs < (baseline ? minRunMs : minRunAloneMs)) return null;
    if (baseline && runMs <= runFactor * baseline.p95Ms) return null;
    const compared = baseline
      ? `usually ${formatDuration(baseline.medianMs)}, 95% within ${formatDuration(baseline.p95Ms)} in ${runs(baseline.runs)}`
      : NO_BASELINE;
    return {
      ...NOTHING,
      sentence: `it has been running for ${formatDuration(runMs)}; ${compared}`,
      observed: Math.round(runMs),
      usual: baseline ? baseline.p95Ms : null,
      rate: null,
    };
  },
};

/** A loop's total where it can be believed: one that its own iterations pass by is nonsense. */
function announcedBy({ announced, iteration }: StepIssues): number | null {
  return announced === null || (iteration !== null && iteration > announced) ? null : announced;
}

const explains = (each: StepIssues, children: number, factor: number): boolean => {
  const total = announcedBy(each);
  return total !== null && each.issued >= children && children <= factor * total;
};

/** What a step was compared with, where it was issued too often; null where it was not. */
function excessOf(
  each: StepIssues,
  baseline: Baseline | null,
  { factor, minRepeats }: RunawayThresholds,
): { words: string; usual: number | null } | null {
  if (each.issued < Math.max(1, minRepeats) || baseline?.areIssuesCapped) return null;
  const total = announcedBy(each);
  const before = baseline ? (baseline.issues.get(each.node ?? '') ?? 0) : null;
  const allowed = Math.max(total ?? 0, before ?? 0);
  if ((total !== null || before !== null) && each.issued <= factor * allowed) return null;
  const parts = [
    total === null ? null : `its loop announced ${counted(total)}`,
    each.announced !== null && total === null
      ? `its loop announced ${counted(each.announced)} and issued iteration ${counted(each.iteration ?? 0)}`
      : null,
    each.isAnnouncementUnreadable ? 'it announced a total that is not a number' : null,
    baseline && before !== null ? `at most ${counted(before)} in ${runs(baseline.runs)}` : NO_BASELINE,
  ];
  return { words: parts.filter((part) => part !== null).join('; '), usual: before };
}

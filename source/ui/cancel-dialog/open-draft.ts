import type { ExecutionId } from '../../domain/execution-id.js';
import { emptyInput } from '../kit/text-input.js';
import type { FrozenTarget } from '../shell/console-context.js';
import { type DraftState, gradeOf } from './draft-state.js';
import { surveyOf } from './survey.js';

/**
 * A dialog on frozen targets. What a bulk key took starts left out where it is not known to be safe to cancel; a runaway
 * was asked for as such. `spared` was left unmarked on purpose, and no cascade takes it.
 */
export function openDraft(
  targets: readonly FrozenTarget[],
  given: {
    readonly openedAt: number;
    readonly staleAfterMs: number;
    readonly recentReasons?: readonly string[];
    readonly spared?: readonly ExecutionId[];
    readonly requireReason?: boolean;
  },
): DraftState {
  const asked = new Set(targets.map((target) => target.executionId));
  const doubtful = targets.filter(
    (target) => target.chosen === 'bulk' && isLive(target) && !['safe', 'runaway'].includes(gradeOf(target)),
  );
  const spared = (given.spared ?? []).filter((id) => !asked.has(id));
  const draft: DraftState = {
    targets,
    openedAt: given.openedAt,
    staleAfterMs: given.staleAfterMs,
    requireReason: given.requireReason === true,
    leftOut: new Set([...doubtful.map((target) => target.executionId), ...spared]),
    cascade: true,
    cascadeChosen: false,
    plans: { cascade: { kind: 'reading', last: null }, alone: { kind: 'reading', last: null } },
    facts: new Map(
      targets.map((target) => [target.executionId, { ...target, workerId: target.workerId ?? null }] as const),
    ),
    evidenceProblem: null,
    above: null,
    survey: { lines: [], grades: { safe: [], unsafe: [], healthy: [], runaway: [], undiagnosed: [] }, orphans: 0 },
    choice: 0,
    reason: emptyInput,
    reasonProblem: null,
    recentReasons: given.recentReasons ?? [],
    recent: -1,
    ownReason: '',
    count: emptyInput,
    focus: 'reason',
    cursor: 0,
    offset: 0,
    refusal: null,
  };
  const survey = surveyOf(draft);
  return {
    ...draft,
    survey,
    cursor: Math.max(
      0,
      survey.lines.findIndex((line) => line.kind === 'row'),
    ),
  };
}

const isLive = ({ status }: FrozenTarget): boolean => status === 'RUNNING' || status === 'STALE';

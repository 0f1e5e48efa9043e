import type { CancelPlan } from '../../domain/cancellation.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import { plural } from '../../text/words.js';
import {
  type DialogLine,
  type DraftState,
  descendantsOf,
  type Grade,
  gradeOf,
  leftOutBelow,
  planOf,
  type Survey,
  shownPlan,
  type TargetFacts,
} from './draft-state.js';
import { endedCounts, notesOf } from './notes.js';

type Row = Extract<DialogLine, { kind: 'row' }>;

/** What the dialog lists: what to know first, the chosen, what the cascade reaches, and who waits above. */
export function surveyOf(state: DraftState): Survey {
  const grades: Record<Grade, TargetFacts[]> = { safe: [], unsafe: [], healthy: [], runaway: [], undiagnosed: [] };
  for (const { executionId } of shownPlan(planOf(state))?.targets ?? []) {
    const facts = state.facts.get(executionId) ?? unknownFacts(executionId);
    grades[gradeOf(facts)].push(facts);
  }
  const lines = [...notesOf(state, grades), ...chosenLines(state), ...descendantLines(state), ...ancestorLines(state)];
  const cancelled = new Set(shownPlan(state.plans.alone)?.targets.map((target) => target.executionId));
  const orphans = (descendantsOf(state) ?? []).filter(
    ({ parentExecutionId: parent }) => parent !== null && cancelled.has(parent),
  ).length;
  return { lines, grades, orphans };
}

/** An execution of which nothing has been read. */
export const unknownFacts = (executionId: ExecutionId): TargetFacts => ({
  executionId,
  path: null,
  status: null,
  lastEventAt: null,
  workerId: null,
  diagnosis: null,
});

const section = (text: string): DialogLine => ({ kind: 'section', text });

function chosenLines(state: DraftState): DialogLine[] {
  const plan = shownPlan(planOf(state));
  const ended = new Set(plan?.ended.map((one) => one.executionId));
  const unknown = new Set(plan?.unknown);
  const rows = state.targets.map(
    ({ executionId }): Row => ({
      kind: 'row',
      role: ended.has(executionId) ? 'ended' : unknown.has(executionId) ? 'unknown' : 'chosen',
      executionId,
      depth: 0,
      relative: null,
    }),
  );
  const out = state.targets.filter(({ executionId }) => state.leftOut.has(executionId)).length;
  return [section(`Chosen: ${rows.length}${out > 0 ? `, ${out} of them left out` : ''}`), ...rows];
}

function descendantLines(state: DraftState): DialogLine[] {
  const plan = shownPlan(state.plans.cascade);
  const live = descendantsOf(state);
  if (plan === null || live === null) {
    return [section(state.plans.cascade.kind === 'failed' ? 'Descendants: not known' : 'Descendants: reading…')];
  }
  const leftOut = leftOutBelow(state);
  const isOff = !state.cascade && live.length > 0;
  const counts = [
    `${live.length} live${isOff ? ', not cancelled' : ''}`,
    ...(leftOut.length > 0 ? [`${leftOut.length} left out`] : []),
    ...(endedBelow(plan).length > 0 ? [`${endedBelow(plan).length} ended (${endedCounts(endedBelow(plan))})`] : []),
  ];
  if (live.length + leftOut.length === 0 && counts.length === 1) return [section('Descendants: none')];
  const rows = [...live, ...leftOut].map(
    (target): Row => ({
      kind: 'row',
      role: isOff ? 'orphan' : 'descendant',
      executionId: target.executionId,
      depth: target.depth,
      relative: target.parentExecutionId ?? target.rootId,
    }),
  );
  return [section(`Descendants: ${counts.join(', ')}`), ...rows];
}

function ancestorLines({ above }: DraftState): DialogLine[] {
  if (above === null || above.ancestors.length === 0) return [];
  const more = above.isCut ? ' or more' : '';
  const rows = above.ancestors.map(
    ({ execution, child }): Row => ({
      kind: 'row',
      role: 'ancestor',
      executionId: execution.executionId,
      depth: 0,
      relative: child,
    }),
  );
  return [section(`Above these, not cancelled: ${plural(rows.length, 'ancestor')}${more}`), ...rows];
}

const endedBelow = (plan: CancelPlan) => plan.ended.filter((ended) => ended.depth > 0);

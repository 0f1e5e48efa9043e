import type { CancelPlan } from '../../domain/cancellation.js';
import { NO_PATH } from '../../domain/execution.js';
import { formatDuration } from '../../text/duration.js';
import { visibleText } from '../../text/visible-text.js';
import { plural } from '../../text/words.js';
import {
  chosenIds,
  type DialogLine,
  type DraftState,
  descendantsOf,
  executions,
  hasDescendants,
  leftOutBelow,
  type PlanState,
  planOf,
  type Survey,
  shownPlan,
  type TargetFacts,
  targetsBelow,
} from './draft-state.js';

type Note = Extract<DialogLine, { kind: 'note' }>;
const note = (text: string, tone: Note['tone'] = 'warn'): Note => ({ kind: 'note', text, tone });

/** Ids that a note names at most; the list has them all. */
const MOST_NAMED = 3;

const isOrAre = (count: number): string => `${count} ${count === 1 ? 'is' : 'are'}`;

function named(names: readonly string[]): string {
  return names.length > MOST_NAMED ? `${names.slice(0, MOST_NAMED).join(', ')}, …` : names.join(', ');
}

/** All that has to be known before a confirm, most worrying first. */
export function notesOf(state: DraftState, grades: Survey['grades']): Note[] {
  const plan = shownPlan(planOf(state));
  const chosen = new Set(chosenIds(state));
  const hidden = state.targets.filter((target) => target.hidden && chosen.has(target.executionId));
  const doubts = state.targets.filter(({ executionId: id }) => state.leftOut.has(id)).length;
  // While a cascade that could take some is off, all of them are left, and its own line says so.
  const passedBy = state.cascade || !hasDescendants(state) ? leftOutBelow(state).map((one) => one.executionId) : [];
  const { healthy, runaway, unsafe, undiagnosed } = grades;
  const ended = plan?.ended.filter(({ depth }) => depth === 0) ?? [];
  const above = state.above?.ancestors ?? [];
  const isAllSafe = plan !== null && plan.targets.length > 0 && grades.safe.length === plan.targets.length;
  return [
    ...(healthy.length > 0
      ? [note(`${isOrAre(healthy.length)} healthy: last event ${latestEvent(healthy, state.openedAt)} ago`, 'bad')]
      : []),
    ...(runaway.length > 0
      ? [
          note(
            `${isOrAre(runaway.length)} running away, last event ${latestEvent(runaway, state.openedAt)} ago: ${codes(runaway, (one) => one.runaway?.code)}`,
          ),
        ]
      : []),
    ...(unsafe.length > 0
      ? [note(`${isOrAre(unsafe.length)} unsafe: ${codes(unsafe, (one) => one.diagnosis?.code)}`)]
      : []),
    ...(undiagnosed.length > 0 ? [note(undiagnosedText(state, undiagnosed.length))] : []),
    ...(hidden.length > 0
      ? [
          note(
            `${hidden.length} marked ${hidden.length === 1 ? 'execution is' : 'executions are'} hidden by the filter or view: ${named(hidden.map((one) => one.executionId))}`,
          ),
        ]
      : []),
    ...(doubts > 0 ? [note(`${doubts} left out; in the list, Space includes one and a all of them`)] : []),
    ...(passedBy.length > 0
      ? [note(`${plural(passedBy.length, 'descendant')} left out, with everything below: ${named(passedBy)}`)]
      : []),
    ...(above.length > 0
      ? [
          note(
            `${plural(above.length, 'ancestor')}${state.above?.isCut ? ' or more' : ''} not ended may wait on these: ${named([...new Set(above.map(({ execution }) => (execution.path === null ? NO_PATH : visibleText(execution.path))))])}`,
          ),
        ]
      : []),
    ...(state.above?.problem ? [note(`Ancestors could not be read: ${visibleText(state.above.problem)}`)] : []),
    ...(plan?.truncated
      ? [note('The tree is larger than a plan reads: the batch goes on with the rest in pieces, uncounted here', 'bad')]
      : []),
    ...gapNotes(plan),
    ...(plan && plan.unknown.length > 0 ? [note(`Not found: ${named(plan.unknown)}`)] : []),
    ...(ended.length > 0 ? [note(`Already ended, skipped: ${endedCounts(ended)}`, 'faint')] : []),
    ...(isAllSafe ? [note('Executions that emit an event before the write are skipped', 'faint')] : []),
  ];
}

/** What a shard that does not answer keeps from the plan. */
function gapNotes(plan: CancelPlan | null): Note[] {
  const ids = plan?.unread?.map(({ executionId }) => executionId) ?? [];
  return [
    ...(ids.length > 0
      ? [note(`${ids.length} cannot be cancelled, their shard does not answer: ${named(ids)}`, 'bad')]
      : []),
    ...(plan?.gap === undefined ? [] : [note(`Descendants may be missing: ${visibleText(plan.gap)}`, 'bad')]),
  ];
}

function undiagnosedText({ evidenceProblem }: DraftState, count: number): string {
  const why = evidenceProblem === null ? 'their evidence is being read' : visibleText(evidenceProblem);
  return `${isOrAre(count)} stale without a diagnosis: ${why}`;
}

/** `live-claim`, or `2 live-claim, 1 queued`. */
function codes(all: readonly TargetFacts[], codeOf: (one: TargetFacts) => string | undefined): string {
  const counts = new Map<string, number>();
  for (const one of all) {
    const code = codeOf(one) ?? 'unknown';
    counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  if (counts.size === 1) return [...counts.keys()].join();
  return [...counts].map(([code, count]) => `${count} ${code}`).join(', ');
}

/** How long before `at` the latest event of some executions was; nothing that happens later changes it. */
function latestEvent(all: readonly TargetFacts[], at: number): string {
  const latest = all.reduce((newest, one) => Math.max(newest, one.lastEventAt ?? 0), 0);
  return formatDuration(Math.max(0, at - latest));
}

/** `10 COMPLETED, 2 FAILED`. */
export function endedCounts(ended: CancelPlan['ended']): string {
  const counts = new Map<string, number>();
  for (const { as } of ended) counts.set(as, (counts.get(as) ?? 0) + 1);
  return [...counts].map(([as, count]) => `${count} ${as}`).join(', ');
}

/** The headline: what the button will do. */
export function headline(state: DraftState): { text: string; tone: 'text' | 'faint' | 'warn' | 'bad' } {
  const plan = planOf(state);
  if (plan.kind === 'failed') {
    return { text: `Could not read the plan, retrying: ${visibleText(plan.message)}`, tone: 'bad' };
  }
  if (plan.kind === 'reading') return { text: 'Reading what would be cancelled…', tone: 'faint' };
  const { targets } = plan.plan;
  if (targets.length === 0) {
    const [unread] = plan.plan.unread ?? [];
    if (unread) return { text: `Nothing can be cancelled now: ${visibleText(unread.message)}`, tone: 'bad' };
    const text = chosenIds(state).length === 0 ? 'Nothing is included' : 'Nothing to cancel: everything has ended';
    return { text, tone: 'warn' };
  }
  const below = targetsBelow(plan.plan).length;
  const descendants = below > 0 ? ` + ${plural(below, 'live descendant')}` : '';
  return {
    text: `Cancels ${executions(targets.length)}: ${targets.length - below} chosen${descendants}`,
    tone: 'text',
  };
}

/**
 * The cascade's two lines: what the toggle includes, and how it ends with it on and off. Where both do not fit in `room`
 * cells, what happens with it off: what it includes when on is in the line above.
 */
export function cascadeText(state: DraftState, room = Infinity): { choice: string; outcome: string } {
  const plan = state.plans.cascade;
  if (plan.kind !== 'ready' && shownPlan(plan) === null) {
    return { choice: plan.kind === 'failed' ? 'descendants are not known' : 'reading the descendants…', outcome: '' };
  }
  if (!hasDescendants(state)) {
    const out = leftOutBelow(state).length;
    return { choice: `no live descendants${out > 0 ? ` but ${out} left out` : ''}`, outcome: '' };
  }
  const below = descendantsOf(state) ?? [];
  const { orphans } = state.survey;
  const stay = `${below.length} ${below.length === 1 ? 'keeps' : 'keep'} running`;
  const orphaned = orphans > 0 ? `, ${orphans} as ${orphans === 1 ? 'an orphan' : 'orphans'}` : '';
  const off = `off: cancels ${countOf(state.plans.alone)}, ${stay}${orphaned}`;
  const both = `on: cancels ${countOf(plan)} · ${off}`;
  return {
    choice: `${state.cascade ? '[x]' : '[ ]'} include ${plural(below.length, 'live descendant')}`,
    outcome: both.length > room ? off : both,
  };
}

function countOf(plan: PlanState): string {
  if (plan.kind === 'failed') return '?';
  return plan.kind === 'reading' ? '…' : `${plan.plan.targets.length}`;
}

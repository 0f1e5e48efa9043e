import type { CancelPlan } from '../../domain/cancellation.js';
import { formatDuration } from '../../text/duration.js';
import { visibleText } from '../../text/visible-text.js';
import { CODE_WORDS } from '../rows/format-stale.js';
import { type StatusWord, statusWord } from '../rows/format-status.js';
import { NO_PATH } from '../rows/row-cells.js';
import type { FrozenTarget } from '../shell/console-context.js';
import {
  chosenIds,
  type DraftState,
  isUnsafe,
  planOf,
  skipsResumed,
  takenByCascade,
  unsafeTargets,
} from './draft-state.js';

/** `1 execution`, `12 executions`. */
export const executions = (count: number): string => `${count} execution${count === 1 ? '' : 's'}`;

export interface PlanLine {
  readonly text: string;
  readonly tone: 'text' | 'good' | 'warn' | 'bad' | 'faint';
}

const line = (text: string, tone: PlanLine['tone'] = 'text'): PlanLine => ({ text, tone });

function descendants(plan: CancelPlan): number {
  return plan.targets.filter((target) => target.depth > 0).length;
}

/** The cascade's line: what it includes, and how many executions either side of the toggle cancels. */
export function cascadeChoice(state: DraftState): string {
  const [both, alone] = [planOf(state, true), planOf(state, false)];
  const more =
    both.kind === 'ready' && alone.kind === 'ready' ? both.plan.targets.length - alone.plan.targets.length : null;
  const descendants = `${more === null ? '' : `${more} `}live descendant${more === 1 ? '' : 's'}`;
  return `include ${descendants} · with: ${planCount(state, true)}, without: ${planCount(state, false)}`;
}

function planCount(state: DraftState, cascade: boolean): string {
  const plan = planOf(state, cascade);
  if (plan.kind === 'reading') return '…';
  return plan.kind === 'failed' ? '?' : `${plan.plan.targets.length}`;
}

/** The headline: what the button will do. */
export function headline(state: DraftState): PlanLine {
  const plan = planOf(state);
  if (plan.kind === 'reading') return line('Reading what would be cancelled…', 'faint');
  if (plan.kind === 'failed') return line(`Could not read the plan, retrying: ${visibleText(plan.message)}`, 'bad');
  const below = descendants(plan.plan);
  const own = plan.plan.targets.length - below;
  const [unread] = plan.plan.unread ?? [];
  if (plan.plan.targets.length === 0 && unread)
    return line(`Nothing can be cancelled now: ${visibleText(unread.message)}`, 'bad');
  if (plan.plan.targets.length === 0) return line('Nothing to cancel: everything has ended', 'warn');
  const sub = below > 0 ? ` + ${below} live descendant${below === 1 ? '' : 's'}` : '';
  return line(`Cancels ${executions(plan.plan.targets.length)}: ${own} chosen${sub}`, 'text');
}

function endedLine(plan: CancelPlan): PlanLine | null {
  if (plan.ended.length === 0) return null;
  const counts = new Map<string, number>();
  for (const ended of plan.ended) counts.set(ended.as, (counts.get(ended.as) ?? 0) + 1);
  const kinds = [...counts].map(([as, count]) => `${count} ${as}`).join(', ');
  return line(`Already ended, skipped: ${kinds}`, 'faint');
}

/** All that has to be known before a confirm, most worrying first. */
export function warnings(state: DraftState): PlanLine[] {
  const plan = planOf(state);
  const chosen = new Set(chosenIds(state));
  const taken = state.targets.filter((target) => chosen.has(target.executionId));
  const hidden = taken.filter((target) => target.hidden);
  const unsafe = unsafeTargets(state);
  const unsafeTaken = unsafe.filter((target) => chosen.has(target.executionId)).length;
  const running = taken.filter((target) => target.status === 'RUNNING');
  const overruled = takenByCascade(state);
  const lines: (PlanLine | null)[] = [
    hidden.length > 0
      ? line(
          `${hidden.length} marked ${hidden.length === 1 ? 'execution is' : 'executions are'} hidden by the filter or view: ${names(hidden)}`,
          'warn',
        )
      : null,
    unsafe.length > 0
      ? line(
          `${unsafe.length} unsafe: ${unsafeTaken} included, ${unsafe.length - unsafeTaken} excluded (Tab to choose)`,
          'warn',
        )
      : null,
    overruled.length > 0
      ? line(
          `${overruled.length} excluded, but below a chosen one: the cascade cancels ${overruled.length === 1 ? 'it' : 'them'} too (Ctrl-T turns it off)`,
          'bad',
        )
      : null,
    plan.kind === 'ready' && plan.below.progressing + plan.below.unsafe > 0
      ? line(`Of the descendants, ${plan.below.progressing} healthy and ${plan.below.unsafe} unsafe`, 'warn')
      : null,
    running.length > 0
      ? line(
          `${running.length} ${running.length === 1 ? 'is' : 'are'} healthy: last event ${latestEvent(running, state.openedAt)} ago`,
          'warn',
        )
      : null,
    plan.kind === 'ready' && plan.plan.unknown.length > 0
      ? line(`Not found: ${plan.plan.unknown.join(', ')}`, 'warn')
      : null,
    ...(plan.kind === 'ready' ? gapLines(plan.plan) : []),
    plan.kind === 'ready' ? endedLine(plan.plan) : null,
    skipsResumed(state) && taken.length > 0
      ? line('Executions that emit an event before the write are skipped', 'faint')
      : null,
  ];
  return lines.filter((entry): entry is PlanLine => entry !== null);
}

/** What a shard that does not answer keeps from the plan. */
function gapLines({ unread = [], gap }: CancelPlan): PlanLine[] {
  const ids = unread.map(({ executionId }) => executionId);
  return [
    ...(ids.length > 0
      ? [line(`${ids.length} cannot be cancelled, their shard does not answer: ${ids.slice(0, 3).join(', ')}`, 'bad')]
      : []),
    ...(gap === undefined ? [] : [line(`Descendants may be missing: ${visibleText(gap)}`, 'bad')]),
  ];
}

/** How long before `at` the latest event of some executions was; nothing that happens later changes it. */
const latestEvent = (targets: readonly FrozenTarget[], at: number): string =>
  formatDuration(Math.max(0, at - Math.max(...targets.map((target) => target.lastEventAt ?? 0))));

const names = (targets: readonly FrozenTarget[]): string =>
  targets.length > 3
    ? `${targets
        .slice(0, 3)
        .map((target) => target.executionId)
        .join(', ')}, …`
    : targets.map((target) => target.executionId).join(', ');

/** One row of the dialog's list. */
export interface TargetRow {
  readonly id: string;
  readonly status: StatusWord;
  readonly path: string;
  readonly note: string;
  /** Set for the unsafe ones: whether they are taken. */
  readonly taken: boolean | null;
}

const OPEN: StatusWord = { glyph: '●', word: 'LIVE', color: 'running' };

function noteOf(depth: number, target: FrozenTarget | undefined): string {
  const code = target?.diagnosis?.code ?? '';
  if (depth === 0) return code;
  return target && isUnsafe(target) ? `descendant, excluded (${code})` : `descendant, level ${depth}`;
}

/** What was chosen, without the unsafe ones, then what a cascade adds. At most `most` rows are made. */
export function targetRows(state: DraftState, most: number): { rows: TargetRow[]; more: number } {
  const frozen = new Map(state.targets.map((target) => [target.executionId, target]));
  const plan = planOf(state);
  const rows: TargetRow[] = [];
  const ids =
    plan.kind === 'ready'
      ? plan.plan.targets.map((target) => ({ id: target.executionId, path: target.path, depth: target.depth }))
      : chosenIds(state).map((id) => ({ id, path: frozen.get(id)?.path ?? null, depth: 0 }));
  const listed = ids.filter(({ id }) => {
    const target = frozen.get(id);
    // Unsafe ones have a list of their own, with boxes; one that only the cascade takes must be seen here too.
    return target === undefined || !isUnsafe(target) || state.leftOut.has(id);
  });
  for (const { id, path, depth } of listed.slice(0, most)) {
    const target = frozen.get(id);
    rows.push({
      id,
      status: target?.status ? statusWord(target.status) : OPEN,
      path: path === null ? NO_PATH : visibleText(path),
      note: noteOf(depth, target),
      taken: null,
    });
  }
  return { rows, more: Math.max(0, listed.length - rows.length) };
}

export function unsafeRow(target: FrozenTarget, state: DraftState): TargetRow {
  const code = target.diagnosis?.code ?? 'unknown';
  return {
    id: target.executionId,
    status: statusWord(target.status ?? 'STALE'),
    path: target.path === null ? NO_PATH : visibleText(target.path),
    note: `${code}: ${CODE_WORDS[code]}`,
    taken: !state.leftOut.has(target.executionId),
  };
}

import { displayStatus, type Execution } from '../../domain/execution.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import type { Runaway } from '../../domain/runaway/facts.js';
import type { StopState } from '../../domain/stopping/stopping.js';
import type { ExecutionSummary } from '../../service/live-feed/feed-state.js';
import type { CancellationRecord } from '../../store/event-store.js';
import type { ConsoleContext, FrozenTarget, MarkKind } from '../shell/console-context.js';

/**
 * A row of any view: what the feed knows, for the Cancelled view who cancelled it and whether it has stopped, and how it
 * runs away.
 */
export interface ListRow extends ExecutionSummary {
  readonly cancellation?: CancellationRecord;
  readonly stop?: StopState;
  /** How it behaves unlike its playbook; counts only while it is running. */
  readonly runaway?: Runaway;
}

/** All that a row can say of an execution that the feed does not hold. */
export const rowOf = (execution: Execution, children: ListRow['children'] = null): ListRow => ({
  execution,
  currentStep: execution.lastEvent.node === execution.path ? null : execution.lastEvent.node,
  workerId: execution.lastEvent.workerId,
  children,
  diagnosis: null,
});

/** What runs away shows over minutes, and each read counts the commands of all that runs; milliseconds. */
export const RUNAWAYS_EVERY_MS = 15_000;

/** What time it is for a list, by the database's clock, and from when on silence is staleness (milliseconds). */
export interface ListClock {
  readonly now: number;
  readonly staleAfterMs: number;
}

/** Rows by id: what a Map offers for reading. */
export interface Rows {
  get(id: ExecutionId): ListRow | undefined;
  has(id: ExecutionId): boolean;
  [Symbol.iterator](): Iterator<[ExecutionId, ListRow]>;
}

interface Known extends Pick<ListRow, 'diagnosis'> {
  readonly execution: Execution | null;
  readonly workerId?: string | null;
  readonly runaway?: Runaway | null | undefined;
}

/** An execution as a dialog takes it: a copy of what is known now. The diagnosis counts only while it is stale. */
export function frozenTarget(
  executionId: ExecutionId,
  known: Known | undefined,
  clock: ListClock,
  how: { chosen: MarkKind; hidden: boolean },
): FrozenTarget {
  const execution = known?.execution ?? null;
  const status = execution ? displayStatus(execution, clock.now, clock.staleAfterMs) : null;
  return {
    executionId,
    path: execution?.path ?? null,
    status,
    lastEventAt: execution?.lastEvent.at ?? null,
    workerId: known?.workerId ?? execution?.lastEvent.workerId ?? null,
    diagnosis: status === 'STALE' ? (known?.diagnosis ?? null) : null,
    runaway: status === 'RUNNING' ? (known?.runaway ?? undefined) : undefined,
    ...how,
  };
}

/** By what the console judges an execution now. */
export const clockOf = ({ clock, staleAfterMs }: Pick<ConsoleContext, 'clock' | 'staleAfterMs'>): ListClock => ({
  now: clock.store.getState().now,
  staleAfterMs: staleAfterMs(),
});

/**
 * Opens the cancel dialog over executions that were named one by one, outside of any list with marks.
 *
 * @param path the playbook where only the screen knows it
 */
export function openCancel(
  context: Pick<ConsoleContext, 'clock' | 'staleAfterMs' | 'open'>,
  executions: Iterable<readonly [ExecutionId, Known | undefined]>,
  path: string | null = null,
): void {
  const clock = clockOf(context);
  const targets = Array.from(executions, ([id, known]) => {
    const target = frozenTarget(id, known, clock, { chosen: 'explicit', hidden: false });
    return { ...target, path: target.path ?? path };
  });
  context.open('cancel', targets, { clearMarks: () => {} });
}

/** Puts an id or several on the clipboard, and says whether the terminal took them. */
export function copyIds({ copy, notices }: Pick<ConsoleContext, 'copy' | 'notices'>, ids: readonly string[]): void {
  const done = copy(ids.join('\n'));
  notices.say(copyNotice(ids, done), done ? 'good' : 'warn');
}

function copyNotice(ids: readonly string[], done: boolean): string {
  if (!done) return ids.length === 1 ? `the terminal refused the copy: ${ids[0]}` : 'too many ids for the clipboard';
  return ids.length === 1 ? `copied ${ids[0]}` : `copied ${ids.length} ids`;
}

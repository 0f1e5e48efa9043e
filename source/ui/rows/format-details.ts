import { type DisplayStatus, NO_PATH, silentFor } from '../../domain/execution.js';
import { type Runaway, rateWords, runTimeWords, type UsualRunTime } from '../../domain/runaway/facts.js';
import { SAFE_CODES } from '../../domain/staleness/staleness-types.js';
import { formatDuration } from '../../text/duration.js';
import { visibleText } from '../../text/visible-text.js';
import { evidenceText, type ShownClock } from './format-evidence.js';
import { CODE_WORDS, stopEvidence } from './format-status.js';
import type { ListRow } from './list-row.js';
import { SAFE_MARK } from './row-cells.js';

/** What the panel under the list says of an execution. */
export interface Details {
  readonly title: string;
  /** The most important sentence first. */
  readonly sentences: readonly string[];
  readonly tone: 'plain' | 'safe' | 'warn';
}

const some = (parts: readonly (string | false | null | undefined)[], separator = ' · '): string =>
  parts.filter((part) => part).join(separator);

function lastEvent(row: ListRow, now: number): string {
  const { lastEvent: event } = row.execution;
  const step = event.node && event.node !== row.execution.path ? ` on ${visibleText(event.node)}` : '';
  const by = event.workerId ? ` by ${visibleText(event.workerId)}` : '';
  return `last event ${visibleText(event.type)}${step}${by}, ${formatDuration(silentFor(row.execution, now))} ago`;
}

function family(row: ListRow): string {
  const { execution, children } = row;
  return some([
    execution.parentExecutionId && `child of ${execution.parentExecutionId}`,
    children && children.all > 0 && `${children.live} of ${children.all} children not ended`,
    execution.stack === null && 'no start event',
    execution.ends.length > 1 && `its log has more than one terminal event: ${execution.ends.join(', ')}`,
  ]);
}

function cancelDetails(row: ListRow, now: number): readonly string[] {
  const { cancellation } = row;
  if (!cancellation) return ['reading who cancelled it and why…', lastEvent(row, now)];
  const age = (at: number) => formatDuration(now - at);
  return [
    row.execution.status === 'CANCELLED'
      ? stopEvidence(row.stop, age)
      : `ended as ${row.execution.status}, which takes precedence over the cancel`,
    cancellation.reason ? `reason: ${visibleText(cancellation.reason)}` : 'no reason given',
    some([
      `by ${visibleText(cancellation.cancelledBy ?? 'an unknown user')}, ${age(cancellation.at)} ago`,
      cancellation.parentCancelId && `with ${cancellation.parentCancelId}`,
      cancellation.cascade === true && 'cascade',
      cancellation.batchId && `batch ${visibleText(cancellation.batchId)}`,
      cancellation.source && visibleText(cancellation.source),
    ]),
  ];
}

/** What was found of an execution while it ran says nothing once it is silent or has ended. */
export const isRunaway = (row: ListRow, status: DisplayStatus): row is ListRow & { readonly runaway: Runaway } =>
  status === 'RUNNING' && row.runaway !== undefined;

/** The full evidence, then its rate and for how long it has been running, which the evidence of `overrunning` says itself. */
function runawayDetails(row: ListRow, runaway: Runaway, now: number, usual: UsualRunTime | null): readonly string[] {
  const { startedAt } = row.execution;
  const saysRunTime = startedAt !== null && runaway.code !== 'overrunning';
  return [
    `${runaway.code}: ${visibleText(runaway.evidence.sentence)}`,
    some([
      runaway.rate && rateWords(runaway.rate),
      saysRunTime && `running for ${runTimeWords(Math.max(0, now - startedAt), usual)}`,
      runaway.also.length > 0 && `also ${runaway.also.join(', ')}`,
      family(row),
    ]),
  ];
}

/**
 * An execution in sentences: for a stale one the evidence and whether cancelling it is safe.
 *
 * @param usual how long its playbook usually runs, where that is known: for what runs away
 */
export function detailsOf(
  row: ListRow,
  status: DisplayStatus,
  clock: ShownClock,
  { inCancelledView, usual = null }: { readonly inCancelledView: boolean; readonly usual?: UsualRunTime | null },
): Details {
  const { now } = clock;
  const { execution, diagnosis } = row;
  const version = execution.version === null ? '' : ` v${execution.version}`;
  const path = execution.path === null ? NO_PATH : visibleText(execution.path);
  const title = `${execution.executionId}  ${path}${version}`;
  if (inCancelledView) return { title, sentences: cancelDetails(row, now), tone: 'plain' };
  if (status === 'STALE' && diagnosis) {
    const verdict = diagnosis.safe
      ? `${SAFE_MARK} safe to cancel`
      : SAFE_CODES.has(diagnosis.code)
        ? 'not safe now: nothing is safe while a condition of the engine holds'
        : `not safe by default (${CODE_WORDS[diagnosis.code]}): check before you cancel`;
    return {
      title,
      sentences: [evidenceText(diagnosis.evidence, clock), some([`${diagnosis.code}: ${verdict}`, family(row)])],
      tone: diagnosis.safe ? 'safe' : 'warn',
    };
  }
  if (isRunaway(row, status)) {
    return { title, sentences: runawayDetails(row, row.runaway, now, usual), tone: 'warn' };
  }
  const ended = `ended as ${status} ${formatDuration(now - (execution.endedAt ?? execution.lastEvent.at))} ago`;
  const isOpen = status === 'RUNNING' || status === 'STALE';
  const why = status === 'STALE' ? 'silent for longer than the threshold; being diagnosed' : isOpen ? '' : ended;
  return {
    title,
    sentences: [some([why, lastEvent(row, now)]), family(row)].filter((line) => line !== ''),
    tone: 'plain',
  };
}

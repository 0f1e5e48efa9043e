import { type EpochMs, NO_PATH } from '../domain/execution.js';
import type { ExecutionId } from '../domain/execution-id.js';
import { counted, evidenceLine, runTimeWords, times } from '../domain/runaway/facts.js';
import { failureLine } from '../domain/staleness/stale-evidence.js';
import { SAFE_CODES } from '../domain/staleness/staleness-types.js';
import { stopSentence } from '../domain/stopping/stop-sentences.js';
import { isSettled } from '../domain/stopping/stopping.js';
import type { ChildStatuses } from '../store/details/types.js';
import { formatDuration } from '../text/duration.js';
import { visibleText } from '../text/visible-text.js';
import type { ExecutionDescription } from './describe.js';
import { type MomentWords, UTC_WORDS, whenWords } from './moment-words.js';

/** One fact of an execution, fit for a terminal. */
export interface DescribedFact {
  readonly label: string;
  /** Null where it is not known: whoever prints it has a sign for that. */
  readonly text: string | null;
  readonly tone: 'plain' | 'faint' | 'good' | 'warn' | 'bad';
  /** What one may look at next from this fact. */
  readonly leadsTo?: { readonly kind: 'execution' | 'children' | 'events'; readonly executionId: ExecutionId };
}

/** Characters of the first error: a screen's worth. */
const ERROR_CHARACTERS = 1000;

/**
 * Everything that is asked of one execution but its status, the most telling first. The same on the command line and in
 * the console, but for how moments are said. Source: product.md, "One execution".
 */
export function describedFacts(one: ExecutionDescription, now: EpochMs, say: MomentWords = UTC_WORDS): DescribedFact[] {
  const when = whenWords(now, say);
  const { execution, children, firstError, command, worker } = one;
  const { executionId, lastEvent } = execution;
  const ago = (at: EpochMs) => `${formatDuration(now - at)} ago`;
  const node = lastEvent.node === null ? '' : ` ${lastEvent.node}`;
  const by = lastEvent.workerId === null ? '' : ` by ${lastEvent.workerId}`;
  const isOpen = execution.status === 'RUNNING';
  return [
    ...whyFacts(one, now, say),
    { label: 'Started', text: startText(one, when), tone: 'plain' },
    { label: 'Run time', text: runTime(one, now), tone: 'plain' },
    { label: 'Playbook', text: playbook(one), tone: 'plain' },
    parentFact(one),
    {
      label: 'Children',
      text: childrenText(children),
      tone: children.stale + children.failed > 0 ? 'warn' : 'plain',
      ...(children.all > 0 ? { leadsTo: { kind: 'children' as const, executionId } } : {}),
    },
    {
      label: isOpen ? 'Step' : 'Last step',
      text: one.step === null ? null : visibleText(one.step) + (isOpen ? inFlight(one) : ''),
      tone: 'plain',
    },
    {
      label: 'Worker',
      text: worker && workerText(worker, now),
      tone: worker?.liveness === 'lost' && isOpen ? 'warn' : 'plain',
    },
    {
      label: 'Attempts',
      text: command && attemptsText(command.attempts),
      tone: (command?.attempts ?? 0) > 1 ? 'warn' : 'plain',
    },
    {
      label: 'Last event',
      text: `${visibleText(`${lastEvent.type}${node}${by}`)}, ${when(lastEvent.at)}`,
      tone: 'plain',
      leadsTo: { kind: 'events', executionId },
    },
    {
      label: 'First error',
      text: firstError
        ? `${visibleText(`${firstError.node ?? 'no step'}: ${failureLine(firstError.text, ERROR_CHARACTERS) ?? 'no text'}`)} (${visibleText(firstError.type)}, ${ago(firstError.at)})`
        : 'none',
      tone: firstError ? 'bad' : 'faint',
    },
  ];
}

/** `RUNNING for 12m (since …)`, without its glyph, which each front end has of its own. */
export function statusText(
  { execution, status, since }: ExecutionDescription,
  now: EpochMs,
  say: MomentWords = UTC_WORDS,
): string {
  const { ends } = execution;
  const also = ends.length > 1 ? `; its events say ${ends.join(' and ')}, of which ${ends[0]} counts` : '';
  if (since === null) return `${status}${also}`;
  const [age, at] = [formatDuration(now - since), say.moment(since)];
  if (status === 'STALE') return `STALE, silent for ${age} (since ${at})`;
  if (status === 'RUNNING') return `RUNNING for ${age} (since ${at})`;
  return `${status} ${age} ago (${at})${also}`;
}

/** The diagnosis, the runaway code, or the cancel: what explains the status. */
function whyFacts(one: ExecutionDescription, now: EpochMs, say: MomentWords): DescribedFact[] {
  const { diagnosis, runaway } = one;
  const why = diagnosis && say.evidence(diagnosis.evidence);
  return [
    ...(diagnosis
      ? [
          {
            label: 'Why',
            text: `${diagnosis.code}: ${visibleText(why ?? '')}`,
            tone: 'warn' as const,
            ...(diagnosis.evidence.relatedExecutionId === null
              ? {}
              : { leadsTo: { kind: 'execution' as const, executionId: diagnosis.evidence.relatedExecutionId } }),
          },
          {
            label: 'Cleanup',
            text: cleanupText(diagnosis),
            tone: diagnosis.safe ? ('plain' as const) : ('warn' as const),
          },
        ]
      : []),
    ...(runaway
      ? [{ label: 'Runaway', text: `${runaway.code}: ${visibleText(evidenceLine(runaway))}`, tone: 'warn' as const }]
      : []),
    ...cancelFacts(one, now, whenWords(now, say)),
  ];
}

function cancelFacts(
  { cancellation, execution }: ExecutionDescription,
  now: EpochMs,
  when: (at: EpochMs) => string,
): DescribedFact[] {
  if (!cancellation) return [];
  const { record, stop } = cancellation;
  const ago = (at: EpochMs) => `${formatDuration(now - at)} ago`;
  const who = record.cancelledBy === null ? 'an unknown actor' : visibleText(record.cancelledBy);
  const withRoot = record.parentCancelId === null ? '' : `, with ${visibleText(record.parentCancelId)}`;
  const cascade = record.cascade === true ? ', cascade' : '';
  const nevertheless = execution.status === 'CANCELLED' ? '' : `; it is ${execution.status} nevertheless`;
  return [
    {
      label: 'Cancelled',
      text: `by ${who}, ${when(record.at)}${withRoot}${cascade}${nevertheless}`,
      tone: 'plain',
    },
    {
      label: 'Reason',
      text: record.reason === null ? 'none given' : visibleText(record.reason),
      tone: record.reason === null ? 'faint' : 'plain',
    },
    {
      label: 'Work',
      text: stop && stopSentence(stop, ago),
      tone: !stop ? 'faint' : stop.phase === 'still-emitting' ? 'bad' : isSettled(stop.phase) ? 'good' : 'warn',
    },
    {
      label: 'Batch',
      text:
        record.batchId === null && record.source === null
          ? null
          : [record.batchId, record.source && `by ${record.source}`]
              .flatMap((part) => (part === null ? [] : visibleText(part)))
              .join(' '),
      tone: 'plain',
    },
  ];
}

/** Whether cleaning it up is safe, in the words of the cleanup command. */
function cleanupText({ code, safe }: NonNullable<ExecutionDescription['diagnosis']>): string {
  if (safe) return 'safe to cancel';
  if (SAFE_CODES.has(code)) return 'not now: nothing is safe while a condition of the engine holds';
  return `not safe by default; --include ${code} takes it`;
}

function startText(
  { execution: { startedAt, stack } }: ExecutionDescription,
  when: (at: EpochMs) => string,
): string | null {
  if (startedAt === null) return null;
  const note = stack === null ? '; no start event, this is its first' : '';
  return `${when(startedAt)}${note}`;
}

function playbook({ execution: { path, version } }: ExecutionDescription): string {
  if (path === null) return NO_PATH;
  return `${visibleText(path)}${version === null ? '' : ` v${version}`}`;
}

function runTime({ execution: { startedAt, endedAt }, usual }: ExecutionDescription, now: EpochMs): string | null {
  return startedAt === null ? null : runTimeWords(Math.max(0, (endedAt ?? now) - startedAt), usual);
}

function parentFact({ execution: { parentExecutionId }, parent }: ExecutionDescription): DescribedFact {
  if (parentExecutionId === null) return { label: 'Parent', text: 'none', tone: 'faint' };
  const path = parent === null || parent.path === null ? '' : ` ${visibleText(parent.path)}`;
  return {
    label: 'Parent',
    text: parent ? `${parentExecutionId}${path} (${parent.status})` : `${parentExecutionId} (no rows here)`,
    tone: 'plain',
    ...(parent ? { leadsTo: { kind: 'execution', executionId: parentExecutionId } } : {}),
  };
}

/** `1 live of 3: 1 running, 2 completed`: the statuses that occur. */
export function childrenText(children: ChildStatuses): string {
  if (children.all === 0) return 'none';
  const parts = (['running', 'stale', 'completed', 'failed', 'cancelled'] as const)
    .filter((status) => children[status] > 0)
    .map((status) => `${counted(children[status])} ${status}`);
  const some = children.isCapped ? 'at least ' : '';
  return `${counted(children.live)} live of ${some}${counted(children.all)}: ${parts.join(', ')}`;
}

function inFlight({ command }: ExecutionDescription): string {
  if (!command) return '';
  const more = command.outstanding > 1 ? `; ${counted(command.outstanding)} commands in progress or waiting` : '';
  return `, command ${command.stage}${more}`;
}

const attemptsText = (attempts: number): string => (attempts === 0 ? 'not claimed yet' : times(attempts));

function workerText(
  { name, heartbeatAt, liveness }: NonNullable<ExecutionDescription['worker']>,
  now: EpochMs,
): string {
  const beat = heartbeatAt === null ? 'no heartbeat known' : `last heartbeat ${formatDuration(now - heartbeatAt)} ago`;
  return `${visibleText(name)}, ${liveness === 'lost' ? 'gone, ' : ''}${beat}`;
}

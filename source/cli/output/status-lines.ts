import { displayStatus, type Execution, silentFor } from '../../domain/execution.js';
import { failureLine } from '../../domain/staleness/failure-text.js';
import { type Diagnosis, SAFE_CODES } from '../../domain/staleness/staleness-types.js';
import type { ExecutionDescription } from '../../service/describe.js';
import { formatDuration } from '../../text/duration.js';
import { visibleText } from '../../text/visible-text.js';
import { type ListClock, playbook } from './execution-table.js';
import { paintStatus, statusWord } from './status-word.js';
import type { Style } from './style.js';
import { ago, shortTime } from './table.js';

const LABEL_WIDTH = 12;

export interface StatusFacts
  extends ListClock,
    Partial<Pick<ExecutionDescription, 'firstError' | 'parent' | 'runMs' | 'worker'>> {
  readonly diagnosis: Diagnosis | null;
  readonly children: { readonly all: number; readonly live: number };
}

/** One execution, a labelled line a fact. */
export function statusLines(execution: Execution, facts: StatusFacts, style: Style): string[] {
  const { now, staleAfterMs, diagnosis, children, firstError, parent, runMs, worker: by } = facts;
  const { lastEvent, startedAt, endedAt, parentExecutionId, ends } = execution;
  const status = displayStatus(execution, now, staleAfterMs);
  const line = (label: string, value: string) => `${`${label}:`.padEnd(LABEL_WIDTH)}${value}`;
  const when = (at: number) => `${shortTime(at)} (${ago(at, now)} ago)`;
  const also = ends.length > 1 ? `  (its events say ${ends.join(' and ')}; ${ends[0]} counts)` : '';
  const node = lastEvent.node === null ? '' : ` ${lastEvent.node}`;
  const worker = lastEvent.workerId === null ? '' : ` by ${lastEvent.workerId}`;
  return [
    line('Execution', execution.executionId),
    line('Status', `${paintStatus(statusWord(status), status, style)}${also}`),
    line('Playbook', visibleText(playbook(execution))),
    line('Parent', parentExecutionId === null ? '-' : `${parentExecutionId}${parent ? ` (${parent.status})` : ''}`),
    line('Started', startedAt === null ? 'no start event' : when(startedAt)),
    ...(endedAt === null ? [] : [line('Ended', when(endedAt))]),
    line('Last event', `${visibleText(`${lastEvent.type}${node}${worker}`)}, ${when(lastEvent.at)}`),
    ...(runMs === null || runMs === undefined ? [] : [line('Run time', formatDuration(runMs))]),
    ...(by
      ? [
          line(
            'Worker',
            `${visibleText(by.name)}, ${by.heartbeatAt === null ? 'no heartbeat known' : `last heartbeat ${ago(by.heartbeatAt, now)} ago`}`,
          ),
        ]
      : []),
    ...(firstError
      ? [
          line(
            'First error',
            visibleText(`${firstError.node ?? firstError.type}: ${failureLine(firstError.text) ?? 'no text'}`),
          ),
        ]
      : []),
    ...(status === 'STALE' ? [line('Silent', formatDuration(silentFor(execution, now)))] : []),
    line('Children', children.all === 0 ? 'none' : `${children.live} live of ${children.all}`),
    ...(diagnosis
      ? [
          line('Why', `${diagnosis.code}: ${visibleText(diagnosis.evidence.sentence)}`),
          line('Cleanup', cleanupWords(diagnosis)),
        ]
      : []),
  ];
}

function cleanupWords({ code, safe }: Diagnosis): string {
  if (safe) return 'safe';
  if (SAFE_CODES.has(code)) return 'not now: nothing is safe while a condition of the engine holds';
  return `no; use --include ${code}`;
}

import type { Execution } from '../../domain/execution.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import { runTimeWords, type UsualRunTime } from '../../domain/runaway/sentences.js';
import { failureLine } from '../../domain/staleness/stale-evidence.js';
import type { Failure } from '../../domain/staleness/stale-facts.js';
import type { CancellationRecord } from '../../store/event-store.js';
import { formatDuration } from '../../text/duration.js';
import { visibleText } from '../../text/visible-text.js';
import type { ConsoleContext } from '../shell/console-context.js';

/** What the panel says of an execution beyond what the lists read. */
export interface PanelFacts {
  readonly executionId: ExecutionId;
  readonly firstError: Failure | null;
  readonly cancellation: CancellationRecord | null;
  readonly usual: UsualRunTime | null;
}

/** A cursor that passes by reads nothing. */
const REST_MS = 250;

/**
 * Reads them for the execution under the cursor once it rests there. One read at a time, in the share of the connections
 * that polling has; one that fails leaves the panel without them.
 *
 * @returns how to stop it
 */
export function readPanelFacts(
  { services, staleAfterMs }: Pick<ConsoleContext, 'services' | 'staleAfterMs'>,
  { executionId, path }: Pick<Execution, 'executionId' | 'path'>,
  take: (facts: PanelFacts) => void,
): () => void {
  const reading = new AbortController();
  const { signal } = reading;
  const read = async () => {
    const options = { signal, polling: true };
    const [details, usual] = await Promise.all([
      services.store.executionDetails([executionId], { ...options, staleAfterMs: staleAfterMs() }),
      path === null ? null : services.runaway.usualRunTime(path, options),
    ]);
    const own = details.get(executionId);
    if (own && !signal.aborted) {
      take({ executionId, firstError: own.firstError, cancellation: own.cancellation, usual });
    }
  };
  const timer = setTimeout(() => read().catch(() => {}), REST_MS);
  timer.unref();
  return () => {
    clearTimeout(timer);
    reading.abort();
  };
}

/** The facts in sentences for the panel, the most telling first. */
export function panelSentences(
  facts: PanelFacts | null,
  execution: Execution,
  now: number,
  { withCancel }: { readonly withCancel: boolean },
): string[] {
  if (facts?.executionId !== execution.executionId) return [];
  const { firstError, cancellation, usual } = facts;
  const { startedAt, endedAt } = execution;
  const run = startedAt === null ? null : runTimeWords(Math.max(0, (endedAt ?? now) - startedAt), usual);
  const ago = (at: number) => `${formatDuration(now - at)} ago`;
  return [
    ...(cancellation && withCancel
      ? [
          `cancelled by ${visibleText(cancellation.cancelledBy ?? 'an unknown actor')}, ${ago(cancellation.at)}: ${visibleText(cancellation.reason ?? 'no reason given')}`,
        ]
      : []),
    ...(firstError
      ? [
          `first error: ${visibleText(`${firstError.node ?? firstError.type}: ${failureLine(firstError.text) ?? 'no text'}`)}, ${ago(firstError.at)}`,
        ]
      : []),
    ...(run?.includes(',') ? [`run time ${run}`] : []),
  ];
}

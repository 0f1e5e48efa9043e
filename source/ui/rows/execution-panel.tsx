import { type ReactElement, useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { displayStatus, type Execution } from '../../domain/execution.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import { runTimeWords, type UsualRunTime } from '../../domain/runaway/facts.js';
import { failureLine } from '../../domain/staleness/stale-evidence.js';
import type { Failure } from '../../domain/staleness/stale-facts.js';
import type { CancellationRecord } from '../../store/event-store.js';
import { formatDuration } from '../../text/duration.js';
import { visibleText } from '../../text/visible-text.js';
import { displayWidth, truncate, wrap } from '../../text/width.js';
import { Lines } from '../kit/line.js';
import type { ConsoleContext } from '../shell/console-context.js';
import { useClockText, useConsole } from '../shell/use-console.js';
import { detailsOf, isRunaway } from './format-details.js';
import type { ListRow } from './list-row.js';

/** What the panel says of an execution beyond what the lists read. */
interface PanelFacts {
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
function readPanelFacts(
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
function panelSentences(
  facts: PanelFacts | null,
  execution: Execution,
  now: number,
  { withCancel, withRunTime }: { readonly withCancel: boolean; readonly withRunTime: boolean },
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
    ...(withRunTime && run?.includes(',') ? [`run time ${run}`] : []),
  ];
}

const SEPARATOR = '\u0000';

/** An execution that goes on is read again when it has moved for so long; milliseconds. */
const AGAIN_MS = 10_000;

/** Lines of the panel: its rule, and what is said. */
export const PANEL_LINES = 4;
/** On terminals of fewer rows too few executions would be left beside it. */
export const ROWS_FOR_PANEL = 22;

export interface ExecutionPanelProps {
  readonly row: ListRow | undefined;
  readonly staleAfterMs: number;
  /** In a view of cancelled executions: who, why and whether it has stopped, instead of how it is. */
  readonly withCancel?: boolean;
  /** Said second: what the screen knows beyond the execution. */
  readonly note?: string;
  readonly width: number;
}

/** Why an execution is as it is. Made into one text, so that it is drawn again only when that changes. */
export function ExecutionPanel(props: ExecutionPanelProps): ReactElement {
  const { row, staleAfterMs, withCancel = false, note = '', width } = props;
  const { context, theme } = useConsole();
  const zone = useStore(context.times, (times) => times.zone);
  const facts = usePanelFacts(row?.execution);
  const text = useClockText(({ now }) => {
    if (!row) return ['plain', '', 0].join(SEPARATOR);
    const { execution } = row;
    const status = displayStatus(execution, now, staleAfterMs);
    const usual = facts?.executionId === execution.executionId ? facts.usual : null;
    const details = detailsOf(row, status, { now, zone }, { inCancelledView: withCancel, usual });
    const [first = '', ...rest] = details.sentences;
    // The details of a runaway say it already.
    const withRunTime = !isRunaway(row, status);
    const more = panelSentences(facts, execution, now, { withCancel: !withCancel, withRunTime });
    // Whether a cancel is safe, and who cancelled, comes before what is read late; else an error is worth more.
    const others = withCancel || details.tone !== 'plain' ? [...rest, ...more] : [...more, ...rest];
    const joined = others.filter((sentence) => sentence !== '').join(' · ');
    const sentences = [first, note, joined].filter((sentence) => sentence !== '');
    const lines = fitted(sentences, width - 2, PANEL_LINES - 1);
    const evidence = lines.filter(({ of }) => of === 0).length;
    return [details.tone, details.title, evidence, ...lines.map(({ text }) => text)].join(SEPARATOR);
  });
  const [tone = 'plain', title = '', evidence = '', ...lines] = text.split(SEPARATOR);
  const color = tone === 'safe' ? theme.safe : tone === 'warn' ? theme.warn : theme.text;
  const rule = title === '' ? '' : `── ${truncate(title, width - 8)} `;
  const head = rule + '─'.repeat(Math.max(0, width - displayWidth(rule)));
  const said = Array.from({ length: PANEL_LINES - 1 }, (_, line) => ({
    pieces: [{ text: ` ${lines[line] ?? ''}`, color: line < Number(evidence) ? color : undefined }],
  }));
  return (
    <Lines lines={[{ pieces: [{ text: head, color: theme.faint }] }, ...said]} width={width} height={PANEL_LINES} />
  );
}

/** Texts in so many lines: each has one at least while there are any, and more where there is room. */
function fitted(sentences: readonly string[], width: number, most: number): { text: string; of: number }[] {
  const lines: { text: string; of: number }[] = [];
  for (const [at, sentence] of sentences.entries()) {
    if (lines.length === most) break;
    const left = Math.min(most - lines.length - 1, sentences.length - at - 1);
    lines.push(...wrap(sentence, width, most - lines.length - left).map((text) => ({ text, of: at })));
  }
  return lines;
}

/** What the lists do not read of an execution, once the cursor rests on it. */
function usePanelFacts(execution: Execution | undefined): PanelFacts | null {
  const { context } = useConsole();
  const [facts, take] = useState<PanelFacts | null>(null);
  const { executionId, path, status } = execution ?? {};
  const stretch = Math.floor((execution?.lastEvent.at ?? 0) / AGAIN_MS);
  // biome-ignore lint/correctness/useExhaustiveDependencies: status and stretch say when to read again
  useEffect(
    () => (executionId === undefined ? undefined : readPanelFacts(context, { executionId, path: path ?? null }, take)),
    [context, executionId, path, status, stretch],
  );
  return facts;
}

import { Box } from 'ink';
import { type ReactElement, useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { displayStatus, type Execution } from '../../domain/execution.js';
import { padded, truncate, wrap } from '../../text/width.js';
import { Line } from '../kit/line.js';
import { useClockText, useConsole, useTheme } from '../shell/use-console.js';
import { detailsOf } from './format-details.js';
import { PANEL_LINES } from './layout.js';
import type { ListModel } from './list-model.js';
import { underCursor } from './list-state.js';
import { type PanelFacts, panelSentences, readPanelFacts } from './panel-facts.js';

const SEPARATOR = '\u0000';

/** An execution that goes on is read again when it has moved for so long; milliseconds. */
const AGAIN_MS = 10_000;

/** Why the execution under the cursor is as it is. Made into one text, so that it is drawn again only when that changes. */
export function DetailPanel({ list, width }: { list: ListModel; width: number }): ReactElement {
  const theme = useTheme();
  const id = useStore(list.state, underCursor);
  const view = useStore(list.state, (state) => state.view);
  const staleAfterMs = useStore(list.state, (state) => state.staleAfterMs);
  const row = useStore(list.source.store, (state) => (id === null ? undefined : state.rows.get(id)));
  const facts = usePanelFacts(row?.execution);
  const text = useClockText(({ now }) => {
    if (!row) return `plain${SEPARATOR}${SEPARATOR}`;
    const details = detailsOf(row, displayStatus(row.execution, now, staleAfterMs), now, view === 'cancelled');
    const [first = '', ...rest] = details.sentences;
    const more = panelSentences(facts, row.execution, now, { withCancel: view !== 'cancelled' });
    const lines = fitted([first, ...more, ...rest], width - 2, PANEL_LINES - 1);
    return [details.tone, details.title, ...lines].join(SEPARATOR);
  });
  const [tone = 'plain', title = '', ...lines] = text.split(SEPARATOR);
  const color = tone === 'safe' ? theme.safe : tone === 'warn' ? theme.warn : theme.text;
  const rule = title === '' ? '' : `── ${truncate(title, width - 8)} `;
  return (
    <Box flexDirection="column" height={PANEL_LINES} flexShrink={0} overflowY="hidden">
      <Line
        width={width}
        pieces={[
          {
            text: padded(rule, width).replace(/ +$/, (spaces) => ` ${'─'.repeat(spaces.length - 1)}`),
            color: theme.faint,
          },
        ]}
      />
      {Array.from({ length: PANEL_LINES - 1 }, (_, line) => lines[line] ?? '').map((line, index) => (
        <Line
          // biome-ignore lint/suspicious/noArrayIndexKey: the lines of the panel have no other identity
          key={index}
          width={width}
          pieces={[{ text: ` ${line}`, color: index === 0 ? color : undefined }]}
        />
      ))}
    </Box>
  );
}

/** Sentences in so many lines: each has one at least while there are any, and more where there is room. */
function fitted(sentences: readonly string[], width: number, most: number): string[] {
  const lines: string[] = [];
  for (const [at, sentence] of sentences.entries()) {
    if (lines.length === most) break;
    const left = Math.min(most - lines.length - 1, sentences.length - at - 1);
    lines.push(...wrap(sentence, width, most - lines.length - left));
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

import { Box } from 'ink';
import type { ReactElement } from 'react';
import { useStore } from 'zustand';
import { displayStatus } from '../../domain/execution.js';
import { padded, truncate, wrap } from '../../text/width.js';
import { Line } from '../kit/line.js';
import { useClockText, useConsole } from '../shell/use-console.js';
import { detailsOf } from './detail-words.js';
import { underCursor } from './list-state.js';

/** Lines that the panel takes: its rule, and what is said. */
export const PANEL_LINES = 4;

const SEPARATOR = '\u0000';

/** Why the execution under the cursor is as it is. Made into one text, so that it is drawn again only when that changes. */
export function DetailPanel({ width }: { width: number }): ReactElement {
  const { model, theme } = useConsole();
  const id = useStore(model.list.state, underCursor);
  const view = useStore(model.list.state, (state) => state.view);
  const staleAfterMs = useStore(model.list.state, (state) => state.staleAfterMs);
  const row = useStore(model.list.source.store, (state) => (id === null ? undefined : state.rows.get(id)));
  const text = useClockText(({ now }) => {
    if (!row) return `plain${SEPARATOR}${SEPARATOR}`;
    const details = detailsOf(row, displayStatus(row.execution, now, staleAfterMs), now, view === 'cancelled');
    const first = wrap(details.sentences[0] ?? '', width - 2, PANEL_LINES - 2);
    const rest = details.sentences.slice(1).flatMap((sentence) => wrap(sentence, width - 2, 1));
    const lines = [...first, ...rest].slice(0, PANEL_LINES - 1);
    return [details.tone, details.title, ...lines].join(SEPARATOR);
  });
  const [tone = 'plain', title = '', ...lines] = text.split(SEPARATOR);
  const color = tone === 'good' ? theme.good : tone === 'warn' ? theme.warn : theme.text;
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

import { Box, Text } from 'ink';
import type { ReactElement } from 'react';
import { useStore } from 'zustand';
import { displayStatus } from '../../domain/execution.js';
import { padded, truncate, wrap } from '../../text/width.js';
import { useClockText, useTheme } from '../shell/use-console.js';
import { detailsOf } from './format-details.js';
import { PANEL_LINES } from './layout.js';
import type { ListModel } from './list-model.js';
import { underCursor } from './list-state.js';

const SEPARATOR = '\u0000';

/** Why the execution under the cursor is as it is. Made into one text, so that it is drawn again only when that changes. */
export function DetailPanel({ list, width }: { list: ListModel; width: number }): ReactElement {
  const theme = useTheme();
  const id = useStore(list.state, underCursor);
  const view = useStore(list.state, (state) => state.view);
  const staleAfterMs = useStore(list.state, (state) => state.staleAfterMs);
  const row = useStore(list.source.store, (state) => (id === null ? undefined : state.rows.get(id)));
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
      <Text wrap="truncate" {...(theme.faint ? { color: theme.faint } : {})}>
        {padded(rule, width).replace(/ +$/, (spaces) => ` ${'─'.repeat(spaces.length - 1)}`)}
      </Text>
      {Array.from({ length: PANEL_LINES - 1 }, (_, line) => lines[line] ?? '').map((line, index) => (
        <Text
          // biome-ignore lint/suspicious/noArrayIndexKey: the lines of the panel have no other identity
          key={index}
          wrap="truncate"
          {...(index === 0 && color ? { color } : {})}
        >
          {` ${line}`}
        </Text>
      ))}
    </Box>
  );
}

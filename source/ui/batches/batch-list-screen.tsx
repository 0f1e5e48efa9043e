import { Box } from 'ink';
import { memo, type ReactElement } from 'react';
import { useStore } from 'zustand';
import { wrap } from '../../text/width.js';
import { plural } from '../../text/words.js';
import { Frame } from '../chrome/frame.js';
import { Line } from '../kit/line.js';
import { EmptyList, type EmptyText } from '../rows/empty-list.js';
import type { KeyOf } from '../shell/console-context.js';
import type { ScreenProps } from '../shell/screen.js';
import { useConsole, useTheme } from '../shell/use-console.js';
import { type BatchListModel, type BatchListState, DETAIL_LINES } from './batch-list-model.js';
import {
  type BatchEntry,
  type BatchRowText,
  batchColumns,
  batchDetails,
  batchHeadLine,
  formatBatchEntry,
} from './format-batch-list.js';

/** The batches of the log, newest first, and what the row under the cursor has no room for. */
export function BatchListScreen({ screen, size }: ScreenProps<BatchListModel>): ReactElement {
  const { context, theme } = useConsole();
  const state = useStore(screen.state);
  const zone = useStore(context.times, (times) => times.zone);
  const { cursor, offset, height } = useStore(screen.scroll.state);
  const { columns: width } = size;
  const columns = batchColumns(width);
  const { entries } = state;
  return (
    <Frame size={size} title="Batches" note={noteOf(state, context.keyOf)} scope="batches" withBatches={false}>
      {entries.length === 0 ? (
        <EmptyList words={emptyWords(state, context.keyOf)} width={width} height={height + DETAIL_LINES} />
      ) : (
        <>
          <Line width={width} pieces={[{ text: batchHeadLine(columns, zone), color: theme.faint, bold: true }]} />
          <Box flexDirection="column" height={height} flexShrink={0} overflowY="hidden">
            {entries.slice(offset, offset + height).map((entry, at) => (
              <EntryRow
                key={entry.id}
                words={formatBatchEntry(entry, columns, zone)}
                isCursor={offset + at === cursor}
                width={width}
              />
            ))}
          </Box>
          <Details entry={entries[cursor]} width={width} />
        </>
      )}
    </Frame>
  );
}

/** Cancels that no batch holds: they have no run of this console to be listed by. */
const looseWords = (count: number, keyOf: KeyOf): string =>
  `${plural(count, 'cancel')} by NoETL itself, in no batch: press ${keyOf('view-cancelled')}`;

function noteOf({ entries, list, loading, problem }: BatchListState, keyOf: KeyOf): string {
  if (problem !== null) return `not read: ${problem}`;
  if (!list) return 'reading the log…';
  const loose = list.loose > 0 ? looseWords(list.loose, keyOf) : '';
  const more = list.next === null ? '' : 'down at the end reads older ones';
  const count = `${entries.length}${list.next === null ? '' : ' so far'}`;
  return [count, loading ? 'reading the log…' : more, loose].filter((part) => part !== '').join(' · ');
}

const emptyWords = ({ list, problem }: BatchListState, keyOf: KeyOf): EmptyText =>
  problem !== null
    ? { title: 'The batches could not be read', hints: [problem, `${keyOf('refresh')} tries again.`], tone: 'bad' }
    : list === null
      ? { title: 'Reading the log…', hints: [], tone: 'faint' }
      : {
          title: 'No batches in the log',
          hints: [
            `Each run of a cancel is a batch: ${keyOf('cancel')} in a list, \`noetl-console cancel\` and \`cleanup\` write one.`,
            ...(list.loose > 0 ? [`${looseWords(list.loose, keyOf)}.`] : []),
          ],
          tone: 'faint',
        };

interface EntryRowProps {
  readonly words: BatchRowText;
  readonly isCursor: boolean;
  readonly width: number;
}

const EntryRow = memo(
  function EntryRow({ words, isCursor, width }: EntryRowProps): ReactElement {
    const theme = useTheme();
    const color = isCursor ? theme.cursorText : theme.text;
    const inverse = isCursor && theme.plain;
    return (
      <Line
        width={width}
        background={isCursor ? theme.cursorBackground : undefined}
        pieces={[
          { text: `${isCursor ? '▸' : ' '} ${words.before}`, color, bold: isCursor, inverse },
          { text: words.stateText, color: theme[words.state.color], inverse },
          { text: words.why, color, inverse },
        ]}
      />
    );
  },
  // Texts are made anew with every change of the list; most rows do not change.
  (a, b) => a.isCursor === b.isCursor && a.width === b.width && JSON.stringify(a.words) === JSON.stringify(b.words),
);

function Details({ entry, width }: { entry: BatchEntry | undefined; width: number }): ReactElement | null {
  const theme = useTheme();
  if (!entry) return null;
  const { batch, state, reason } = batchDetails(entry);
  const why = wrap(reason, width - 2, 2);
  return (
    <Box flexDirection="column" height={DETAIL_LINES} flexShrink={0}>
      <Line width={width} pieces={[{ text: '─'.repeat(width), color: theme.faint }]} />
      <Line width={width} pieces={[{ text: ` ${batch}`, color: theme.faint }]} />
      <Line width={width} pieces={[{ text: ` ${state}`, color: theme.text }]} />
      {[0, 1].map((line) => (
        <Line key={line} width={width} pieces={[{ text: ` ${why[line] ?? ''}`, color: theme.text }]} />
      ))}
    </Box>
  );
}

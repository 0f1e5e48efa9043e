import type { ReactElement } from 'react';
import { useStore } from 'zustand';
import { visibleText } from '../../text/visible-text.js';
import { padded } from '../../text/width.js';
import { Frame, useBodyHeight } from '../chrome/frame.js';
import { Line } from '../kit/line.js';
import { EmptyList, type EmptyText } from '../rows/empty-list.js';
import type { KeyOf } from '../shell/console-context.js';
import type { ScreenProps } from '../shell/screen.js';
import { useConsole } from '../shell/use-console.js';
import type { ReportModel, ReportState } from './report-model.js';

/** The incident report of a batch, to be read before it is written to a file. */
export function ReportScreen({ screen, size }: ScreenProps<ReportModel>): ReactElement {
  const {
    theme,
    context: { keyOf },
  } = useConsole();
  const state = useStore(screen.state);
  const { cursor, offset } = useStore(screen.scroll.state);
  const { columns: width } = size;
  const height = useBodyHeight(size, true);
  const { lines } = state;
  const last = Math.min(lines.length, offset + height);
  const note = lines.length > height ? `lines ${offset + 1} to ${last} of ${lines.length}` : '';
  return (
    <Frame size={size} title={`Report of batch ${visibleText(screen.batchId.slice(0, 8))}`} note={note} scope="report">
      {lines.length === 0 ? (
        <EmptyList words={emptyWords(state, keyOf)} width={width} height={height} />
      ) : (
        lines.slice(offset, offset + height).map((line, at) => {
          const isCursor = offset + at === cursor;
          const isTitle = line.startsWith('#');
          return (
            <Line
              // biome-ignore lint/suspicious/noArrayIndexKey: a line of a text is its place in it
              key={offset + at}
              width={width}
              background={isCursor ? theme.cursorBackground : undefined}
              pieces={[
                {
                  text: isCursor ? padded(line, width) : line,
                  bold: isTitle,
                  color: isCursor ? theme.cursorText : isTitle ? theme.accent : theme.text,
                  inverse: isCursor && theme.plain,
                },
              ]}
            />
          );
        })
      )}
    </Frame>
  );
}

const emptyWords = ({ loading, missing, problem }: ReportState, keyOf: KeyOf): EmptyText =>
  problem !== null
    ? { title: 'No report', hints: [problem], tone: 'bad' }
    : missing
      ? { title: 'No cancel in the log names this batch', hints: [`${keyOf('back')} goes back.`], tone: 'warn' }
      : { title: loading ? 'Reading the batch…' : 'No report', hints: [], tone: 'faint' };

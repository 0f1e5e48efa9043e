import type { ReactElement } from 'react';
import { useStore } from 'zustand';
import { visibleText } from '../../text/visible-text.js';
import { padded, truncate } from '../../text/width.js';
import { Frame, useBodyHeight } from '../chrome/frame.js';
import { zoneLabel } from '../kit/format-time.js';
import { Line } from '../kit/line.js';
import { EmptyList } from '../rows/empty-list.js';
import type { KeyOf } from '../shell/console-context.js';
import type { ScreenProps } from '../shell/screen.js';
import { useClockText, useConsole } from '../shell/use-console.js';
import { type DescribeLine, LABEL_WIDTH, MARGIN } from './describe-format.js';
import type { DescribeModel, DescribeState } from './describe-model.js';

/** All that is known of one execution, a labelled line a fact. */
export function DescribeScreen({ screen: model, size }: ScreenProps<DescribeModel>): ReactElement {
  const state = useStore(model.state);
  const { cursor, offset } = useStore(model.scroll.state);
  const { columns: width } = size;
  const height = useBodyHeight(size, true);
  const { context } = useConsole();
  const times = useStore(context.times, (state) => state.zone);
  const zone = useClockText(({ now }) => zoneLabel(now, times));
  const { one, lines } = state;
  return (
    <Frame
      size={size}
      title={`Execution ${model.executionId}`}
      note={noteOf(state, zone, { count: lines.length, height, offset })}
      scope="describe"
    >
      {one ? (
        lines
          .slice(offset, offset + height)
          .map((line, at) => (
            <FactLine key={`${line.fact} ${line.part}`} line={line} width={width} isCursor={offset + at === cursor} />
          ))
      ) : (
        <EmptyList width={width} height={height} words={emptyWords(state, context.keyOf)} />
      )}
    </Frame>
  );
}

/** What is wrong, by which clock the times are, which lines are seen, and the playbook: a narrow screen cuts the end. */
function noteOf(
  { one, problem }: DescribeState,
  zone: string,
  { count, height, offset }: { readonly count: number; readonly height: number; readonly offset: number },
): string {
  const where = count > height ? `${offset + 1}-${Math.min(count, offset + height)} of ${count}` : '';
  const trouble = problem === null ? '' : `not read: ${problem}`;
  const path = one?.execution.path ? visibleText(one.execution.path) : '';
  return [trouble, `times ${zone}`, where, path].filter((part) => part !== '').join(' · ');
}

const emptyWords = ({ missing, problem }: DescribeState, keyOf: KeyOf) =>
  missing
    ? ({ title: 'No rows of this execution exist', hints: [`${keyOf('back')} goes back.`], tone: 'warn' } as const)
    : problem !== null
      ? ({
          title: 'The execution could not be read',
          hints: [problem, `${keyOf('refresh')} retries.`],
          tone: 'bad',
        } as const)
      : ({ title: 'Reading the execution…', hints: [], tone: 'faint' } as const);

function FactLine({ line, width, isCursor }: { line: DescribeLine; width: number; isCursor: boolean }): ReactElement {
  const { theme } = useConsole();
  const { label, text, tone, leadsTo, part } = line;
  const inverse = isCursor && theme.plain;
  const color = isCursor ? theme.cursorText : tone === 'plain' ? theme.text : theme[tone];
  // The mark says that Enter leads on from here.
  const mark = `${isCursor ? '▸' : ' '}${leadsTo && part === 0 ? '›' : ' '}`;
  const room = Math.max(0, width - MARGIN - LABEL_WIDTH);
  return (
    <Line
      width={width}
      background={isCursor ? theme.cursorBackground : undefined}
      pieces={[
        { text: mark, color: isCursor ? theme.cursorText : theme.accent, bold: true, inverse },
        { text: padded(label, LABEL_WIDTH), color: isCursor ? theme.cursorText : theme.faint, inverse },
        { text: isCursor ? padded(text, room) : truncate(text, room), color, bold: isCursor && part === 0, inverse },
      ]}
    />
  );
}

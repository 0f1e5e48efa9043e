import { Box, Text } from 'ink';
import { memo, type ReactElement } from 'react';
import { useStore } from 'zustand';
import type { ExecutionTree } from '../../service/tree.js';
import { displayWidth, padded, truncate } from '../../text/width.js';
import { Frame, useBodyHeight } from '../chrome/frame.js';
import { EmptyList } from '../rows/empty-list.js';
import type { ScreenProps } from '../shell/screen.js';
import { useClockText, useConsole } from '../shell/use-console.js';
import { formatTreeLine, treeSummary } from './format-tree.js';
import type { TreeModel } from './tree-model.js';
import type { TreeLine } from './tree-state.js';

const ID_WIDTH = 20;
const STATUS_WIDTH = 12;
const SEPARATOR = '\u0000';

/** An execution and everything below it. */
export function TreeScreen({ screen: model, size }: ScreenProps<TreeModel>): ReactElement {
  const state = useStore(model.state);
  const height = useBodyHeight(size, true);
  const { columns: width } = size;
  const { tree, lines, offset, cursor, marks } = state;
  const marked = marks.size > 0 ? `${marks.size} marked · ` : '';
  const only = state.liveOnly ? 'LIVE BRANCHES ONLY · ' : '';
  const note = tree ? `${marked}${only}${treeSummary(tree)}` : '';
  const trouble = state.problem ? ` · read failed: ${state.problem}` : '';
  return (
    <Frame size={size} title={`Tree of ${model.root}`} note={note + trouble} scope="tree">
      {tree ? (
        lines
          .slice(offset, offset + height)
          .map((line, at) => (
            <TreeRow
              key={`${line.executionId}${line.cycle ? `<${offset + at}` : ''}`}
              line={line}
              tree={tree}
              width={width}
              isCursor={offset + at === cursor}
              isMarked={!line.cycle && marks.has(line.executionId)}
            />
          ))
      ) : (
        <EmptyList
          width={width}
          height={height}
          words={
            state.missing
              ? { title: 'This execution has no events', hints: ['Esc goes back.'], tone: 'warn' }
              : state.problem
                ? { title: 'The tree could not be read', hints: [state.problem, 'r retries.'], tone: 'bad' }
                : { title: 'Reading the tree…', hints: [], tone: 'faint' }
          }
        />
      )}
    </Frame>
  );
}

interface TreeRowProps {
  readonly line: TreeLine;
  readonly tree: ExecutionTree;
  readonly width: number;
  readonly isCursor: boolean;
  readonly isMarked: boolean;
}

const TreeRow = memo(function TreeRow({ line, tree, width, isCursor, isMarked }: TreeRowProps): ReactElement {
  const { context, theme } = useConsole();
  const text = useClockText(({ now }) => {
    const words = formatTreeLine(line, tree, { now, staleAfterMs: context.staleAfterMs() });
    return [
      words.branch,
      words.status.color,
      `${words.status.glyph} ${words.status.word}`,
      words.name,
      words.note,
    ].join(SEPARATOR);
  });
  const [branch = '', tone = 'faint', status = '', name = '', note = ''] = text.split(SEPARATOR);
  const room = width - 2 - STATUS_WIDTH - ID_WIDTH;
  const stem = truncate(branch, Math.floor(room / 2));
  const nameWidth = Math.max(4, Math.min(displayWidth(name), room - displayWidth(stem) - 2));
  const noteWidth = Math.max(0, room - displayWidth(stem) - nameWidth - 2);
  const inverse = isCursor && theme.plain;
  const color = (value: string | undefined) => (value ? { color: value } : {});
  return (
    <Box
      height={1}
      flexShrink={0}
      {...(isCursor && theme.cursorBackground ? { backgroundColor: theme.cursorBackground } : {})}
    >
      <Text wrap="truncate" bold inverse={inverse} {...color(isMarked ? theme.mark : theme.cursorText)}>
        {`${isCursor ? '▸' : ' '}${isMarked ? '✱' : ' '}`}
      </Text>
      <Text wrap="truncate" inverse={inverse} {...color(theme[tone as 'faint'])}>
        {padded(status, STATUS_WIDTH)}
      </Text>
      <Text wrap="truncate" inverse={inverse} {...color(isCursor ? theme.cursorText : theme.text)}>
        {padded(line.executionId, ID_WIDTH)}
      </Text>
      <Text wrap="truncate" inverse={inverse} {...color(theme.faint)}>
        {stem}
      </Text>
      <Text wrap="truncate" bold={isCursor} inverse={inverse} {...color(isCursor ? theme.cursorText : theme.text)}>
        {`${padded(name, nameWidth, { keep: 'end' })}  `}
      </Text>
      <Text wrap="truncate" inverse={inverse} {...color(isCursor ? theme.cursorText : theme.faint)}>
        {padded(note, noteWidth)}
      </Text>
    </Box>
  );
});

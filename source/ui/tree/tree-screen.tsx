import { memo, type ReactElement, useMemo } from 'react';
import { useStore } from 'zustand';
import { type DisplayStatus, displayStatus } from '../../domain/execution.js';
import type { ExecutionTree } from '../../service/tree.js';
import { padded, truncate } from '../../text/width.js';
import { Frame, useBodyHeight } from '../chrome/frame.js';
import { Line, type Piece } from '../kit/line.js';
import { type Column, columnsFor, headPieces } from '../rows/columns.js';
import { EmptyList } from '../rows/empty-list.js';
import { ExecutionPanel } from '../rows/execution-panel.js';
import { gutterPiece, rowPieces, timedCells } from '../rows/row-pieces.js';
import type { ScreenProps } from '../shell/screen.js';
import { useClockText, useConsole, useTheme } from '../shell/use-console.js';
import { branchOf, freedBy, standInOf, type TreeStandIn, treeSummary } from './format-tree.js';
import { type TreeModel, treeLayout } from './tree-model.js';
import type { TreeLine } from './tree-state.js';

/** An execution and everything below it, in the list's columns. */
export function TreeScreen({ screen: model, size }: ScreenProps<TreeModel>): ReactElement {
  const { context } = useConsole();
  const state = useStore(model.state);
  const body = useBodyHeight(size, true);
  const { columns: width } = size;
  const { rows: height, hasPanel } = treeLayout(body, size.rows);
  const columns = useMemo(() => columnsFor('tree', width), [width]);
  const { tree, lines, offset, cursor, marks } = state;
  const staleAfterMs = context.staleAfterMs();
  const summary = useMemo(
    () => (tree ? treeSummary(tree, { now: tree.asOf, staleAfterMs }) : ''),
    [tree, staleAfterMs],
  );
  const note = [marks.size > 0 && `${marks.size} marked`, state.liveOnly && 'LIVE BRANCHES ONLY', summary];
  const trouble = state.problem ? ` · read failed: ${state.problem}` : '';
  const freed = useMemo(
    () => (tree ? freedBy(marks.size > 0 ? marks : new Set([lines[cursor]?.executionId ?? tree.root]), tree) : ''),
    [tree, marks, lines, cursor],
  );
  if (!tree) {
    return (
      <Frame size={size} title={`Tree of ${model.root}`} note={trouble} scope="tree">
        <EmptyList
          width={width}
          height={body}
          words={
            state.missing
              ? { title: 'This execution has no events', hints: ['Esc goes back.'], tone: 'warn' }
              : state.problem
                ? { title: 'The tree could not be read', hints: [state.problem, 'r retries.'], tone: 'bad' }
                : { title: 'Reading the tree…', hints: [], tone: 'faint' }
          }
        />
      </Frame>
    );
  }
  const shown = lines.slice(offset, offset + height);
  return (
    <Frame
      size={size}
      title={`Tree of ${model.root}`}
      note={note.filter((part) => part).join(' · ') + trouble}
      scope="tree"
      otherwise={hasPanel ? '' : freed}
    >
      <Heads columns={columns} width={width} />
      {shown.map((line, at) => (
        <TreeRow
          key={`${line.executionId}${line.cycle ? `<${offset + at}` : ''}`}
          model={model}
          line={line}
          tree={tree}
          columns={columns}
          width={width}
          isCursor={offset + at === cursor}
          isMarked={!line.cycle && marks.has(line.executionId)}
        />
      ))}
      {hasPanel && (
        <>
          {Array.from({ length: height - shown.length }, (_, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: empty lines have no identity
            <Line key={at} width={width} pieces={[]} />
          ))}
          <Panel model={model} staleAfterMs={staleAfterMs} note={freed} width={width} />
        </>
      )}
    </Frame>
  );
}

function Heads({ columns, width }: { columns: readonly Column[]; width: number }): ReactElement {
  const theme = useTheme();
  const pieces = headPieces(columns).map(({ text }): Piece => ({ text, bold: true, color: theme.faint }));
  return <Line width={width} pieces={pieces} />;
}

/** Why the execution under the cursor is as it is, and what a cancel of it does to those that wait for it. */
function Panel(props: { model: TreeModel; staleAfterMs: number; note: string; width: number }): ReactElement {
  const { model, ...rest } = props;
  const id = useStore(model.state, (state) => state.lines[state.cursor]?.executionId ?? model.root);
  return <ExecutionPanel row={model.row(id)} {...rest} />;
}

interface TreeRowProps {
  readonly model: TreeModel;
  readonly line: TreeLine;
  /** A new one where the tree was read again: what the row shows may have changed. */
  readonly tree: ExecutionTree;
  readonly columns: readonly Column[];
  readonly width: number;
  readonly isCursor: boolean;
  readonly isMarked: boolean;
}

const TreeRow = memo(function TreeRow({ model, line, tree, ...look }: TreeRowProps): ReactElement {
  const { columns, width, isCursor, isMarked } = look;
  const { context, theme } = useConsole();
  const staleAfterMs = context.staleAfterMs();
  const standIn = standInOf(line, tree);
  const status = useClockText(({ now }): DisplayStatus => {
    const row = model.row(line.executionId);
    return row ? displayStatus(row.execution, now, staleAfterMs) : 'RUNNING';
  });
  // The feed's news come with the clock: what else of the row they change is drawn with its ages.
  const timed = useClockText(({ now }) => {
    const row = model.row(line.executionId);
    return row ? timedCells(row, columns, now, status) : '';
  });
  const row = standIn ? undefined : model.row(line.executionId);
  const pieces = standIn
    ? standInPieces(line, standIn, columns, theme[standIn.status.color])
    : row
      ? rowPieces({ row, columns, status, timed, isCursor, theme, branch: branchOf(line) })
      : [];
  return (
    <Line
      width={width}
      pieces={[gutterPiece({ isCursor, isMarked }, theme), ...pieces]}
      background={isCursor ? theme.cursorBackground : undefined}
    />
  );
});

/** Status and id in their columns, and from the playbook's on what there is to say. */
function standInPieces(line: TreeLine, { status, words }: TreeStandIn, columns: readonly Column[], color?: string) {
  const pieces: Piece[] = [];
  for (const { id, width } of columns) {
    if (id === 'status') pieces.push({ text: `${padded(`${status.glyph} ${status.word}`, width)} `, color });
    if (id === 'id') pieces.push({ text: `${padded(line.executionId, width)} ` });
    if (id === 'path') pieces.push({ text: `${truncate(branchOf(line), Math.floor(width / 2))}${words}`, color });
  }
  return pieces;
}

import { type ReactElement, useMemo } from 'react';
import { useStore } from 'zustand';
import type { ExecutionTree } from '../../service/tree.js';
import { padded, truncate } from '../../text/width.js';
import { Frame, useBodyHeight } from '../chrome/frame.js';
import { Line, type Piece } from '../kit/line.js';
import { type Column, columnsFor, headPieces } from '../rows/columns.js';
import { EmptyList } from '../rows/empty-list.js';
import { ExecutionPanel } from '../rows/execution-panel.js';
import { type BlockRow, RowBlock } from '../rows/row-block.js';
import type { ScreenProps } from '../shell/screen.js';
import { useConsole, useTheme } from '../shell/use-console.js';
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
  const zone = useStore(context.times, (times) => times.zone);
  const columns = useMemo(() => columnsFor('tree', width, zone), [width, zone]);
  const { tree, lines, cursor, marks } = state;
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
              ? { title: 'This execution has no events', hints: [`${context.keyOf('back')} goes back.`], tone: 'warn' }
              : state.problem
                ? {
                    title: 'The tree could not be read',
                    hints: [state.problem, `${context.keyOf('refresh')} retries.`],
                    tone: 'bad',
                  }
                : { title: 'Reading the tree…', hints: [], tone: 'faint' }
          }
        />
      </Frame>
    );
  }
  return (
    <Frame
      size={size}
      title={`Tree of ${model.root}`}
      note={note.filter((part) => part).join(' · ') + trouble}
      scope="tree"
      otherwise={hasPanel ? '' : freed}
    >
      <Heads columns={columns} width={width} />
      <TreeRows model={model} tree={tree} columns={columns} width={width} height={height} />
      {hasPanel && <Panel model={model} staleAfterMs={staleAfterMs} note={freed} width={width} />}
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

interface TreeRowsProps {
  readonly model: TreeModel;
  readonly tree: ExecutionTree;
  readonly columns: readonly Column[];
  readonly width: number;
  readonly height: number;
}

/** The lines of the tree that are in the window. */
function TreeRows({ model, tree, ...block }: TreeRowsProps): ReactElement {
  const { columns, height } = block;
  const { context, theme } = useConsole();
  const { lines, offset, cursor, marks } = useStore(model.state);
  const shown = useMemo(() => lines.slice(offset, offset + height), [lines, offset, height]);
  const standIns = useMemo(
    () =>
      shown.map((line) => {
        const standIn = standInOf(line, tree);
        return standIn ? standInPieces(line, standIn, columns, theme[standIn.status.color]) : undefined;
      }),
    [shown, tree, columns, theme],
  );
  const rows = shown.map(
    (line, at): BlockRow => ({
      key: `${line.executionId}${line.cycle ? `<${offset + at}` : ''}`,
      isCursor: offset + at === cursor,
      isMarked: !line.cycle && marks.has(line.executionId),
      branch: branchOf(line),
      standIn: standIns[at],
    }),
  );
  const read = (at: number) => {
    const line = shown[at];
    return line && !standIns[at] ? model.row(line.executionId) : undefined;
  };
  return <RowBlock rows={rows} read={read} staleAfterMs={context.staleAfterMs()} {...block} />;
}

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

import { type ReactElement, useRef } from 'react';
import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import { type DisplayStatus, displayStatus } from '../../domain/execution.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import { type LineSpec, Lines } from '../kit/line.js';
import { keepInView } from '../kit/scroll.js';
import type { Column } from '../rows/columns.js';
import type { ListRow } from '../rows/list-row.js';
import { gutterPiece, rowPieces, timedCells } from '../rows/row-pieces.js';
import type { Theme } from '../shell/theme.js';
import { useClockText, useTheme } from '../shell/use-console.js';
import type { ListModel } from './list-model.js';
import { rangeOf } from './list-state.js';

/** Between the rows' texts, and between a status and the cells with an age in them. */
const ROW = '\u0001';
const STATUS = '\u0002';

/** All that a row's line is made from; a line is made again when one of these changes. */
interface RowFacts {
  readonly row: ListRow | undefined;
  readonly timed: string;
  readonly columns: readonly Column[];
  readonly theme: Theme;
  readonly isCursor: boolean;
  readonly isMarked: boolean;
  readonly inRange: boolean;
}

interface MadeLine {
  readonly facts: RowFacts;
  readonly line: LineSpec;
}

/** A row's texts by the second that they are of: a key between two seconds makes none of them again. */
const timedRows = new WeakMap<ListRow, { now: number; staleAfterMs: number; columns: unknown; text: string }>();

function timedText(row: ListRow, columns: readonly Column[], now: number, staleAfterMs: number): string {
  const known = timedRows.get(row);
  if (known && known.now === now && known.staleAfterMs === staleAfterMs && known.columns === columns) return known.text;
  const status = displayStatus(row.execution, now, staleAfterMs);
  const text = `${status}${STATUS}${timedCells(row, columns, now, status)}`;
  timedRows.set(row, { now, staleAfterMs, columns, text });
  return text;
}

function isSame(a: RowFacts, b: RowFacts): boolean {
  return (
    a.row === b.row &&
    a.timed === b.timed &&
    a.columns === b.columns &&
    a.theme === b.theme &&
    a.isCursor === b.isCursor &&
    a.isMarked === b.isMarked &&
    a.inRange === b.inRange
  );
}

function makeLine(facts: RowFacts): LineSpec {
  const { row, columns, theme, isCursor } = facts;
  const [status, timed = ''] = facts.timed.split(STATUS);
  const look = { columns, status: status as DisplayStatus, timed, isCursor, theme };
  return {
    pieces: [gutterPiece(facts, theme), ...(row ? rowPieces({ ...look, row }) : [])],
    background: isCursor ? theme.cursorBackground : undefined,
  };
}

interface ExecutionRowsProps {
  readonly list: ListModel;
  readonly columns: readonly Column[];
  readonly width: number;
  readonly height: number;
}

/**
 * The rows of the list that are in the window, and no others. They are drawn as one block: Ink's price is by the node, and
 * a key changes two of forty rows. A row's line is kept as long as nothing in it changes.
 */
export function ExecutionRows({ list, columns, width, height }: ExecutionRowsProps): ReactElement {
  const theme = useTheme();
  const state = useStore(list.state);
  const { order, cursor, marks, staleAfterMs } = state;
  const offset = keepInView(state.offset, cursor, height, order.ids.length);
  const ids = order.ids.slice(offset, offset + height);
  const rows = useStore(
    list.source.store,
    useShallow((source) => ids.map((id) => source.rows.get(id))),
  );
  const texts = useClockText(({ now }) =>
    rows.map((row) => (row ? timedText(row, columns, now, staleAfterMs) : '')).join(ROW),
  ).split(ROW);
  const range = rangeOf(state);
  const made = useRef<ReadonlyMap<ExecutionId, MadeLine>>(new Map());
  const next = new Map<ExecutionId, MadeLine>();
  const lines = ids.map((id, at): LineSpec => {
    const index = offset + at;
    const facts: RowFacts = {
      row: rows[at],
      timed: texts[at] ?? '',
      columns,
      theme,
      isCursor: index === cursor,
      isMarked: marks.has(id),
      inRange: range !== null && index >= range.from && index <= range.to,
    };
    const known = made.current.get(id);
    const one = known && isSame(known.facts, facts) ? known : { facts, line: makeLine(facts) };
    next.set(id, one);
    return one.line;
  });
  made.current = next;
  return <Lines lines={lines} width={width} height={height} />;
}

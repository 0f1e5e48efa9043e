import { memo, type ReactElement } from 'react';
import { useStore } from 'zustand';
import type { DisplayStatus } from '../../domain/execution.js';
import { displayStatus } from '../../domain/execution.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import { Line, type Piece } from '../kit/line.js';
import type { Column } from '../rows/columns.js';
import { statusWord, stopWord } from '../rows/format-status.js';
import type { ListRow } from '../rows/list-row.js';
import { cellText, TIMED_COLUMNS } from '../rows/row-cells.js';
import type { Theme } from '../shell/theme.js';
import { useClockText, useTheme } from '../shell/use-console.js';
import type { ListModel } from './list-model.js';

const SEPARATOR = '\u0000';
const isTimed = ({ id }: Column): boolean => TIMED_COLUMNS.has(id);

interface CellProps {
  readonly row: ListRow;
  readonly column: Column;
  readonly status: DisplayStatus;
  readonly isCursor: boolean;
  /** The last cell has no space after it: the row is exactly as wide as the screen. */
  readonly isLast: boolean;
  readonly theme: Theme;
}

function colorFor({ row, column, status, isCursor, theme }: CellProps): string | undefined {
  if (column.id === 'status') return theme[statusWord(status).color];
  if (column.id === 'stop') return theme[stopWord(row.stop).color];
  if (column.id === 'evidence') return isCursor ? theme.cursorText : theme.warn;
  if (column.id === 'why') return row.diagnosis?.safe ? theme.safe : theme.warn;
  if (isCursor) return theme.cursorText;
  if (column.id === 'age') return status === 'STALE' ? theme.stale : theme.faint;
  return column.id === 'path' || column.id === 'id' || column.id === 'reason' ? theme.text : theme.faint;
}

function cellPiece(props: CellProps, text: string): Piece {
  return {
    text: props.isLast ? text : `${text} `,
    color: colorFor(props),
    bold: props.isCursor,
    inverse: props.isCursor && props.theme.plain,
  };
}

export interface ExecutionRowProps {
  readonly list: ListModel;
  readonly id: ExecutionId;
  readonly columns: readonly Column[];
  readonly width: number;
  readonly isCursor: boolean;
  readonly isMarked: boolean;
  readonly inRange: boolean;
}

/** One execution. It listens for itself, so that a key or an event draws only the rows that it concerns. */
export const ExecutionRow = memo(function ExecutionRow(props: ExecutionRowProps): ReactElement {
  const theme = useTheme();
  const { list, columns, width, isCursor, isMarked, inRange } = props;
  const row = useStore(list.source.store, (state) => state.rows.get(props.id));
  const staleAfterMs = useStore(list.state, (state) => state.staleAfterMs);
  const status = useClockText(
    (clock): DisplayStatus => (row ? displayStatus(row.execution, clock.now, staleAfterMs) : 'RUNNING'),
  );
  // The cells with an age in them, as one text: the row is drawn again when its coarse words change.
  const timed = useClockText(({ now }) =>
    row ? columns.map((column) => (isTimed(column) ? cellText(row, column, now, status) : '')).join(SEPARATOR) : '',
  ).split(SEPARATOR);
  const mark = isMarked ? '✱' : inRange ? '+' : ' ';
  const pieces: Piece[] = [
    {
      text: `${isCursor ? '▸' : ' '}${mark}`,
      color: isMarked || inRange ? theme.mark : theme.cursorText,
      bold: true,
      inverse: isCursor && theme.plain,
    },
  ];
  if (row)
    for (const [at, column] of columns.entries()) {
      const cell = { row, column, status, isCursor, isLast: at === columns.length - 1, theme };
      pieces.push(cellPiece(cell, isTimed(column) ? (timed[at] ?? '') : cellText(row, column, 0, status)));
    }
  return <Line width={width} pieces={pieces} background={isCursor ? theme.cursorBackground : undefined} />;
});

import { memo, type ReactElement } from 'react';
import { useStore } from 'zustand';
import { type DisplayStatus, displayStatus } from '../../domain/execution.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import { Line } from '../kit/line.js';
import type { Column } from '../rows/columns.js';
import { gutterPiece, rowPieces, timedCells } from '../rows/row-pieces.js';
import { useClockText, useTheme } from '../shell/use-console.js';
import type { ListModel } from './list-model.js';

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
  const timed = useClockText(({ now }) => (row ? timedCells(row, columns, now, status) : ''));
  const pieces = row ? rowPieces({ row, columns, status, timed, isCursor, theme }) : [];
  return (
    <Line
      width={width}
      pieces={[gutterPiece({ isCursor, isMarked, inRange }, theme), ...pieces]}
      background={isCursor ? theme.cursorBackground : undefined}
    />
  );
});

import { Box, Text } from 'ink';
import { memo, type ReactElement } from 'react';
import { useStore } from 'zustand';
import type { DisplayStatus } from '../../domain/execution.js';
import { displayStatus } from '../../domain/execution.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import type { Column } from '../rows/columns.js';
import { statusWord, stopWord } from '../rows/format-status.js';
import type { ListRow } from '../rows/list-row.js';
import { cellText, TIMED_COLUMNS } from '../rows/row-cells.js';
import type { Theme } from '../shell/theme.js';
import { useClockText, useTheme } from '../shell/use-console.js';
import type { ListModel } from './list-model.js';

interface CellProps {
  readonly row: ListRow;
  readonly column: Column;
  readonly status: DisplayStatus;
  readonly isCursor: boolean;
  /** The last cell has no space after it: the row is exactly as wide as the screen, or Yoga would shrink it. */
  readonly isLast: boolean;
  readonly theme: Theme;
}

function colorFor({ row, column, status, isCursor, theme }: CellProps): string | undefined {
  if (column.id === 'status') return theme[statusWord(status).color];
  if (column.id === 'stop') return theme[stopWord(row.stop).color];
  if (column.id === 'evidence') return isCursor ? theme.cursorText : theme.warn;
  if (column.id === 'why') return row.diagnosis?.safe ? theme.good : theme.warn;
  if (isCursor) return theme.cursorText;
  if (column.id === 'age') return status === 'STALE' ? theme.stale : theme.faint;
  return column.id === 'path' || column.id === 'id' || column.id === 'reason' ? theme.text : theme.faint;
}

function Cell(props: CellProps & { text: string }): ReactElement {
  const color = colorFor(props);
  return (
    <Text
      wrap="truncate"
      {...(color ? { color } : {})}
      bold={props.isCursor}
      inverse={props.isCursor && props.theme.plain}
    >
      {props.isLast ? props.text : `${props.text} `}
    </Text>
  );
}

/** A cell with an age in it: drawn again when its coarse words change. */
function TimedCell(props: CellProps): ReactElement {
  const text = useClockText((clock) => cellText(props.row, props.column, clock.now, props.status));
  return <Cell {...props} text={text} />;
}

export interface ExecutionRowProps {
  readonly list: ListModel;
  readonly id: ExecutionId;
  readonly columns: readonly Column[];
  readonly isCursor: boolean;
  readonly isMarked: boolean;
  readonly inRange: boolean;
}

/** One execution. It listens for itself, so that a key or an event draws only the rows that it concerns. */
export const ExecutionRow = memo(function ExecutionRow(props: ExecutionRowProps): ReactElement {
  const theme = useTheme();
  const { list, columns, isCursor, isMarked, inRange } = props;
  const row = useStore(list.source.store, (state) => state.rows.get(props.id));
  const staleAfterMs = useStore(list.state, (state) => state.staleAfterMs);
  const status = useClockText(
    (clock): DisplayStatus => (row ? displayStatus(row.execution, clock.now, staleAfterMs) : 'RUNNING'),
  );
  const mark = isMarked ? '✱' : inRange ? '+' : ' ';
  const background = isCursor ? theme.cursorBackground : undefined;
  const markColor = isMarked || inRange ? theme.mark : theme.cursorText;
  return (
    <Box height={1} flexShrink={0} {...(background ? { backgroundColor: background } : {})}>
      <Text {...(markColor ? { color: markColor } : {})} bold inverse={isCursor && theme.plain}>
        {`${isCursor ? '▸' : ' '}${mark}`}
      </Text>
      {row &&
        columns.map((column, index) => {
          const cell = { row, column, status, isCursor, isLast: index === columns.length - 1, theme };
          return TIMED_COLUMNS.has(column.id) ? (
            <TimedCell key={column.id} {...cell} />
          ) : (
            <Cell key={column.id} {...cell} text={cellText(row, column, 0, status)} />
          );
        })}
    </Box>
  );
});

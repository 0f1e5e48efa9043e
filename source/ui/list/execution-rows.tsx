import { Box } from 'ink';
import type { ReactElement } from 'react';
import { useStore } from 'zustand';
import { keepInView } from '../kit/scroll.js';
import { useConsole } from '../shell/use-console.js';
import type { Column } from './columns.js';
import { ExecutionRow } from './execution-row.js';
import { rangeOf } from './list-state.js';

/** The rows of the list that are in the window, and no others; keyed by execution, so that scrolling moves them. */
export function ExecutionRows({
  columns,
  width,
  height,
}: {
  columns: readonly Column[];
  width: number;
  /** As the screen is now; the state hears of it a moment later. */
  height: number;
}): ReactElement {
  const { model } = useConsole();
  const state = useStore(model.list.state);
  const { order, cursor, marks } = state;
  const offset = keepInView(state.offset, cursor, height, order.ids.length);
  const range = rangeOf(state);
  return (
    <Box flexDirection="column" height={height} flexShrink={0}>
      {order.ids.slice(offset, offset + height).map((id, line) => {
        const index = offset + line;
        return (
          <ExecutionRow
            key={id}
            id={id}
            columns={columns}
            width={width}
            isCursor={index === cursor}
            isMarked={marks.has(id)}
            inRange={range !== null && index >= range.from && index <= range.to}
          />
        );
      })}
    </Box>
  );
}

import { Box } from 'ink';
import type { ReactElement } from 'react';
import { useStore } from 'zustand';
import { keepInView } from '../kit/scroll.js';
import type { Column } from '../rows/columns.js';
import { ExecutionRow } from './execution-row.js';
import type { ListModel } from './list-model.js';
import { rangeOf } from './list-state.js';

/** The rows of the list that are in the window, and no others; keyed by execution, so that scrolling moves them. */
export function ExecutionRows({
  list,
  columns,
  width,
  height,
}: {
  list: ListModel;
  columns: readonly Column[];
  width: number;
  height: number;
}): ReactElement {
  const state = useStore(list.state);
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
            list={list}
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

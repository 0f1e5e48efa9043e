import type { ReactElement } from 'react';
import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import { keepInView } from '../kit/scroll.js';
import type { Column } from '../rows/columns.js';
import { type BlockRow, RowBlock } from '../rows/row-block.js';
import type { ListModel } from './list-model.js';
import { rangeOf } from './list-state.js';

interface ExecutionRowsProps {
  readonly list: ListModel;
  readonly columns: readonly Column[];
  readonly width: number;
  readonly height: number;
}

/** The rows of the list that are in the window. */
export function ExecutionRows({ list, ...block }: ExecutionRowsProps): ReactElement {
  const { height } = block;
  const state = useStore(list.state);
  const { order, cursor, marks, staleAfterMs } = state;
  const offset = keepInView(state.offset, cursor, height, order.ids.length);
  const ids = order.ids.slice(offset, offset + height);
  const rows = useStore(
    list.source.store,
    useShallow((source) => ids.map((id) => source.rows.get(id))),
  );
  const range = rangeOf(state);
  const wanted = ids.map((id, at): BlockRow => {
    const index = offset + at;
    const inRange = range !== null && index >= range.from && index <= range.to;
    return { key: id, isCursor: index === cursor, isMarked: marks.has(id), inRange };
  });
  return <RowBlock rows={wanted} read={(at) => rows[at]} staleAfterMs={staleAfterMs} {...block} />;
}

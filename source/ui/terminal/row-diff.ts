import { type CellStyle, PLAIN, transition } from './cell-style.js';
import { BLANK, type Cell, cellWidth, isCertain, type Row } from './row-cells.js';
import { ERASE_TO_END_OF_LINE, moveBetween, moveToColumn, type ScreenPosition } from './sequences.js';

/** Unchanged cells between two changes that cost less to write again than a cursor movement does. */
const NEAR = 7;

/**
 * The style in which the terminal writes now, and where, if that is certain. Both are carried from one change to the next
 * of a frame.
 */
export type Pen = { style: CellStyle; at?: ScreenPosition | undefined };

function move(pen: Pen, column: number, row: number): string {
  const output = moveBetween(pen.at, { column, row });
  pen.at = undefined;
  return output;
}

/** Back to the terminal's own style: before erasing, which fills with the background, and at the end of a frame. */
export function resetPen(pen: Pen): string {
  const output = transition(pen.style, PLAIN);
  pen.style = PLAIN;
  return output;
}

function write(cells: readonly Cell[], start: number, end: number, pen: Pen): string {
  let output = '';
  for (let column = start; column < end; column++) {
    const cell = cells[column] ?? BLANK;
    if (cell.text === '') continue;
    // A space takes the style before it where the difference is invisible.
    if (cell.text !== ' ' || cell.style.spaceKey !== pen.style.spaceKey) {
      output += transition(pen.style, cell.style);
      pen.style = cell.style;
    }
    output += cell.text;
    if (!isCertain(cell.text)) output += moveToColumn(column + cellWidth(cell.text));
  }
  return output;
}

/** Where writing up to a column leaves the cursor; after the last cell terminals differ. */
const after = (column: number, row: number, columns: number): ScreenPosition | undefined =>
  column < columns ? { column, row } : undefined;

/** The whole row, whatever is on the screen now. */
export function writeRow(next: Row, row: number, columns: number, pen: Pen): string {
  if (next.isUncertain) {
    return resetPen(pen) + move(pen, 0, row) + ERASE_TO_END_OF_LINE + write(next.cells, 0, next.cells.length, pen);
  }
  const text = move(pen, 0, row) + write(next.cells, 0, next.cells.length, pen);
  pen.at = after(next.cells.length, row, columns);
  // Erasing after a full row would erase its last cell: the cursor waits on it.
  return next.cells.length < columns ? text + resetPen(pen) + ERASE_TO_END_OF_LINE : text;
}

/** Whether two cells look the same. */
export function isSame(left: Cell | undefined, right: Cell | undefined): boolean {
  if (left === right) return true;
  const a = left ?? BLANK;
  const b = right ?? BLANK;
  if (a.text !== b.text) return false;
  return a.text === ' ' ? a.style.spaceKey === b.style.spaceKey : a.style.key === b.style.key;
}

/** The runs of cells that differ, near ones joined, none beginning or ending inside a wide cluster. */
function changedSpans(previous: readonly Cell[], next: readonly Cell[]): [start: number, end: number][] {
  const spans: [number, number][] = [];
  const length = Math.max(previous.length, next.length);
  for (let column = 0; column < length; column++) {
    if (isSame(previous[column], next[column])) continue;
    let [start, end] = [column, column + 1];
    while (start > 0 && next[start]?.text === '') start--;
    while (next[end]?.text === '') end++;
    const last = spans.at(-1);
    if (last !== undefined && start - last[1] <= NEAR) last[1] = Math.max(last[1], end);
    else spans.push([start, end]);
  }
  return spans;
}

/** What turns a row on the screen into another: the changed cells only. */
export function updateRow(previous: Row, next: Row, row: number, columns: number, pen: Pen): string {
  // Where the widths are uncertain it is unknown which cells the screen really shows.
  if (previous.isUncertain || next.isUncertain) return writeRow(next, row, columns, pen);
  let output = '';
  for (const [start, end] of changedSpans(previous.cells, next.cells)) {
    const written = Math.min(end, next.cells.length);
    output += move(pen, Math.min(start, written), row) + write(next.cells, start, written, pen);
    pen.at = after(written, row, columns);
    if (end > written) return output + resetPen(pen) + ERASE_TO_END_OF_LINE;
  }
  return output;
}

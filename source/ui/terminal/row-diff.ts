import { type CellStyle, PLAIN, transition } from './cell-style.js';
import { cellWidth, isCertain } from './cell-width.js';
import { BLANK, type Cell, type Row } from './row-cells.js';
import { ERASE_TO_END_OF_LINE, moveTo, moveToColumn } from './sequences.js';

/** Unchanged cells between two changes that cost less to write again than a cursor movement does. */
const NEAR = 7;

/** The text of some cells, beginning and ending in the plain style. */
function write(cells: readonly Cell[], start: number, end: number): string {
  let output = '';
  let style: CellStyle = PLAIN;
  for (let column = start; column < end; column++) {
    const cell = cells[column] ?? BLANK;
    if (cell.text === '') continue;
    // A space takes the style before it where nobody sees the difference.
    if (cell.text !== ' ' || cell.style.spaceKey !== style.spaceKey) {
      output += transition(style, cell.style);
      style = cell.style;
    }
    output += cell.text;
    if (!isCertain(cell.text)) output += moveToColumn(column + cellWidth(cell.text));
  }
  return output + transition(style, PLAIN);
}

/** The whole row, whatever is on the screen now. */
export function writeRow(next: Row, row: number, columns: number): string {
  const text = write(next.cells, 0, next.cells.length);
  if (next.isUncertain) return moveTo(0, row) + ERASE_TO_END_OF_LINE + text;
  // Erasing after a full row would erase its last cell: the cursor waits on it.
  return moveTo(0, row) + text + (next.cells.length < columns ? ERASE_TO_END_OF_LINE : '');
}

function isSame(left: Cell | undefined, right: Cell | undefined): boolean {
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
export function updateRow(previous: Row, next: Row, row: number, columns: number): string {
  // Where the widths are uncertain nobody knows which cells the screen really shows.
  if (previous.isUncertain || next.isUncertain) return writeRow(next, row, columns);
  let output = '';
  for (const [start, end] of changedSpans(previous.cells, next.cells)) {
    const written = Math.min(end, next.cells.length);
    output += moveTo(Math.min(start, written), row) + write(next.cells, start, written);
    if (end > written) return output + ERASE_TO_END_OF_LINE;
  }
  return output;
}

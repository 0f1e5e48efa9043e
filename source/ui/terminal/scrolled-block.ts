import { EMPTY_ROW, type Row } from './row-cells.js';
import { isSame } from './row-diff.js';
import { deleteLines, insertLines, moveTo, RESET_MARGINS, setMargins } from './sequences.js';

/** Rows of the screen that show what was `by` rows further down (`by` > 0) or up before. */
export type ScrolledBlock = {
  readonly first: number;
  /** Inclusive. */
  readonly last: number;
  readonly by: number;
};

/** Fewer rows cost less to write than to move. */
const LEAST_ROWS = 4;
/** A list scrolls by a row for a key and by three for the wheel; more than that changes most of what is seen. */
const MOST_BY = 3;

/** Cells that may differ in a row that has moved: its ages have become a second older meanwhile. */
const MOST_CHANGED = 8;

function isNearly(previous: Row | undefined, next: Row): boolean {
  if (previous === next) return true;
  if (previous === undefined || previous.isUncertain || next.isUncertain) return false;
  let changed = 0;
  for (let at = Math.max(previous.cells.length, next.cells.length) - 1; at >= 0; at--) {
    if (!isSame(previous.cells[at], next.cells[at]) && ++changed > MOST_CHANGED) return false;
  }
  return true;
}

function longestRun(previous: readonly Row[], next: readonly Row[], by: number): ScrolledBlock | undefined {
  let best: ScrolledBlock | undefined;
  let start = -1;
  for (let row = 0; row <= next.length; row++) {
    const [from, to] = [previous[row + by], next[row]];
    const isMoved =
      from !== undefined &&
      to !== undefined &&
      from !== EMPTY_ROW &&
      (from === to || (!isNearly(previous[row], to) && isNearly(from, to)));
    if (isMoved && start < 0) start = row;
    if (isMoved || start < 0) continue;
    const rows = row - start;
    // The block on the screen is both where the rows were and where they are.
    const block = { first: Math.min(start, start + by), last: Math.max(row - 1, row - 1 + by), by };
    if (rows >= LEAST_ROWS && (best === undefined || block.last - block.first > best.last - best.first)) best = block;
    start = -1;
  }
  return best;
}

/** The largest block that has moved, all but its ages, when moving it saves rows. */
export function scrolledBlock(previous: readonly Row[], next: readonly Row[]): ScrolledBlock | undefined {
  let best: ScrolledBlock | undefined;
  for (let by = -MOST_BY; by <= MOST_BY; by++) {
    const block = by === 0 ? undefined : longestRun(previous, next, by);
    if (block && (best === undefined || block.last - block.first > best.last - best.first)) best = block;
  }
  return best;
}

/** Lets the terminal move the block: rows that come in are blank then. */
export function scrollSequence({ first, last, by }: ScrolledBlock): string {
  const move = by > 0 ? deleteLines(by) : insertLines(-by);
  return setMargins(first, last) + moveTo(0, first) + move + RESET_MARGINS;
}

/** The screen's rows after the terminal has moved the block. */
export function scrolledRows(previous: readonly Row[], { first, last, by }: ScrolledBlock): Row[] {
  return previous.map((row, at) => {
    if (at < first || at > last) return row;
    const from = at + by;
    return from >= first && from <= last ? (previous[from] ?? EMPTY_ROW) : EMPTY_ROW;
  });
}

import { PLAIN } from './cell-style.js';
import { EMPTY_ROW, type Row, rowCells } from './row-cells.js';
import { type Pen, resetPen, updateRow, writeRow } from './row-diff.js';
import { scrolledBlock, scrolledRows, scrollSequence } from './scrolled-block.js';
import { BEGIN_SYNCHRONISED, END_SYNCHRONISED } from './sequences.js';
import type { TerminalSize } from './terminal-context.js';

/** Keeps the screen equal to the newest frame. */
export type ScreenPainter = {
  /** Shows a frame: lines of text with SGR sequences. What does not fit the screen is cut. */
  readonly paint: (frame: string) => void;
  /** Keeps a frame for the next `repaint` without writing it: the terminal is the shell's at the moment. */
  readonly hold: (frame: string) => void;
  /** The screen shows anything now (resized, resumed): the next paint writes every row. */
  readonly forget: () => void;
  /** Writes the newest frame again, if `forget` was called since it was painted. */
  readonly repaint: () => void;
};

/**
 * @param write takes what is to go to the terminal, one call a frame
 * @param size the terminal's size at the moment of painting
 * @param wholeRows a changed row is written whole: a screen reader reads out what is written
 */
export function createScreenPainter(
  write: (output: string) => void,
  size: () => TerminalSize,
  wholeRows: boolean,
): ScreenPainter {
  let frame = '';
  let lines: readonly string[] = [];
  let shown: readonly Row[] | undefined;

  function paint(newest: string): void {
    frame = newest;
    const { columns, rows } = size();
    const nextLines = newest.split('\n').slice(0, rows);
    // Lines that have only moved, as when a list scrolls, need no second reading.
    const known = new Map(lines.map((line, row) => [line, shown?.[row]]));
    const next = Array.from({ length: rows }, (_, row): Row => {
      const line = nextLines[row] ?? '';
      return line === '' ? EMPTY_ROW : (known.get(line) ?? rowCells(line, columns));
    });
    let output = '';
    const block = shown && !wholeRows ? scrolledBlock(shown, next) : undefined;
    if (shown && block) {
      output = scrollSequence(block);
      shown = scrolledRows(shown, block);
    }
    const pen: Pen = { style: PLAIN };
    for (const [row, cells] of next.entries()) {
      const previous = shown?.[row];
      if (previous === cells) continue;
      const isWritten =
        previous === undefined || (wholeRows && updateRow(previous, cells, row, columns, { style: PLAIN }) !== '');
      if (isWritten) output += writeRow(cells, row, columns, pen);
      else if (!wholeRows) output += updateRow(previous, cells, row, columns, pen);
    }
    output += resetPen(pen);
    lines = nextLines;
    shown = next;
    if (output !== '') write(BEGIN_SYNCHRONISED + output + END_SYNCHRONISED);
  }

  return {
    paint,
    hold: (newest) => {
      frame = newest;
    },
    forget: () => {
      shown = undefined;
    },
    repaint: () => {
      if (shown === undefined) paint(frame);
    },
  };
}

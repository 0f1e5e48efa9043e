import type { DisplayStatus } from '../../domain/execution.js';
import { displayWidth, truncate } from '../../text/width.js';
import type { Piece } from '../kit/line.js';
import type { Theme } from '../shell/theme.js';
import type { Column } from './columns.js';
import { statusWord, stopWord } from './format-status.js';
import type { ListRow } from './list-row.js';
import { cellText, TIMED_COLUMNS } from './row-cells.js';

const SEPARATOR = '\u0000';

export interface RowLook {
  readonly row: ListRow;
  readonly columns: readonly Column[];
  readonly status: DisplayStatus;
  /** The cells with an age in them, as `timedCells` made them. */
  readonly timed: string;
  readonly isCursor: boolean;
  readonly theme: Theme;
  /** What stands before the playbook: the branch of a tree. */
  readonly branch?: string;
}

/** The cells with an age in them, as one text: a row is drawn again when its coarse words change. */
export const timedCells = (row: ListRow, columns: readonly Column[], now: number, status: DisplayStatus): string =>
  columns.map((column) => (TIMED_COLUMNS.has(column.id) ? cellText(row, column, now, status) : '')).join(SEPARATOR);

function colorFor({ row, status, isCursor, theme }: RowLook, { id }: Column): string | undefined {
  if (id === 'status') return theme[statusWord(status).color];
  if (id === 'stop') return theme[stopWord(row.stop).color];
  if (id === 'evidence') return isCursor ? theme.cursorText : theme.warn;
  if (id === 'why') return row.diagnosis?.safe ? theme.safe : theme.warn;
  if (isCursor) return theme.cursorText;
  if (id === 'age') return status === 'STALE' ? theme.stale : theme.faint;
  return id === 'path' || id === 'id' || id === 'reason' ? theme.text : theme.faint;
}

/** Cursor and mark. */
export function gutterPiece(
  { isCursor, isMarked, inRange = false }: { isCursor: boolean; isMarked: boolean; inRange?: boolean },
  theme: Theme,
): Piece {
  return {
    text: `${isCursor ? '▸' : ' '}${isMarked ? '✱' : inRange ? '+' : ' '}`,
    color: isMarked || inRange ? theme.mark : theme.cursorText,
    bold: true,
    inverse: isCursor && theme.plain,
  };
}

/** The cells of one execution, one space between them. The last has none after it: the row is as wide as the screen. */
export function rowPieces(look: RowLook): Piece[] {
  const { row, columns, status, isCursor, theme, branch = '' } = look;
  const timed = look.timed.split(SEPARATOR);
  const inverse = isCursor && theme.plain;
  return columns.flatMap((column, at): Piece[] => {
    const gap = at === columns.length - 1 ? '' : ' ';
    const style = { color: colorFor(look, column), bold: isCursor, inverse };
    if (column.id === 'path' && branch !== '') {
      const stem = truncate(branch, Math.floor(column.width / 2));
      const name = cellText(row, { ...column, width: column.width - displayWidth(stem) }, 0, status);
      return [
        { text: stem, color: isCursor ? theme.cursorText : theme.faint, inverse },
        { ...style, text: `${name}${gap}` },
      ];
    }
    const text = TIMED_COLUMNS.has(column.id) ? (timed[at] ?? '') : cellText(row, column, 0, status);
    return [{ ...style, text: `${text}${gap}` }];
  });
}

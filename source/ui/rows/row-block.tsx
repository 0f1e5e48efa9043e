import { type ReactElement, useRef } from 'react';
import { type DisplayStatus, displayStatus } from '../../domain/execution.js';
import { displayWidth, truncate } from '../../text/width.js';
import { type LineSpec, Lines, type Piece } from '../kit/line.js';
import type { Theme } from '../shell/theme.js';
import { useClockText, useTheme } from '../shell/use-console.js';
import type { Column } from './columns.js';
import { statusWord, stopWord } from './format-status.js';
import type { ListRow } from './list-row.js';
import { cellText, TIMED_COLUMNS } from './row-cells.js';

const SEPARATOR = '\u0000';

interface RowLook {
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
const timedCells = (row: ListRow, columns: readonly Column[], now: number, status: DisplayStatus): string =>
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
function gutterPiece(
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
function rowPieces(look: RowLook): Piece[] {
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

/** Between the rows' texts, and between a status and the cells with an age in them. */
const ROW = '\u0001';
const STATUS = '\u0002';

/** A row of the block as its screen wants it. */
export interface BlockRow {
  /** The same for the same row of the next drawing. */
  readonly key: string;
  readonly isCursor: boolean;
  readonly isMarked: boolean;
  readonly inRange?: boolean;
  /** What stands before the playbook: the branch of a tree. */
  readonly branch?: string;
  /** In place of the row's own cells, where there is no execution to show. */
  readonly standIn?: readonly Piece[] | undefined;
}

/** All that a row's line is made from; a line is made again when one of these changes. */
interface RowFacts extends Omit<BlockRow, 'key'> {
  readonly row: ListRow | undefined;
  readonly timed: string;
  readonly columns: readonly Column[];
  readonly theme: Theme;
}

interface MadeLine {
  readonly facts: RowFacts;
  readonly line: LineSpec;
}

/** A row's texts by the second that they are of: a key between two seconds makes none of them again. */
const timedRows = new WeakMap<ListRow, { now: number; staleAfterMs: number; columns: unknown; text: string }>();

function timedText(row: ListRow, columns: readonly Column[], now: number, staleAfterMs: number): string {
  const known = timedRows.get(row);
  if (known && known.now === now && known.staleAfterMs === staleAfterMs && known.columns === columns) return known.text;
  const status = displayStatus(row.execution, now, staleAfterMs);
  const text = `${status}${STATUS}${timedCells(row, columns, now, status)}`;
  timedRows.set(row, { now, staleAfterMs, columns, text });
  return text;
}

const isSame = (a: RowFacts, b: RowFacts): boolean =>
  a.row === b.row &&
  a.timed === b.timed &&
  a.columns === b.columns &&
  a.theme === b.theme &&
  a.isCursor === b.isCursor &&
  a.isMarked === b.isMarked &&
  a.inRange === b.inRange &&
  a.branch === b.branch &&
  a.standIn === b.standIn;

function makeLine(facts: RowFacts): LineSpec {
  const { row, columns, theme, isCursor, branch = '', standIn } = facts;
  const [status, timed = ''] = facts.timed.split(STATUS);
  const look = { columns, status: status as DisplayStatus, timed, isCursor, theme, branch };
  return {
    pieces: [gutterPiece(facts, theme), ...(standIn ?? (row ? rowPieces({ ...look, row }) : []))],
    background: isCursor ? theme.cursorBackground : undefined,
  };
}

interface RowBlockProps {
  readonly rows: readonly BlockRow[];
  /** What each row shows, as known now: asked again with every tick of the clock. */
  readonly read: (at: number) => ListRow | undefined;
  readonly columns: readonly Column[];
  readonly staleAfterMs: number;
  readonly width: number;
  readonly height: number;
}

/**
 * The rows of a window, and no others. They are drawn as one block: Ink's price is by the node, and a key changes two of
 * forty rows. A row's line is kept as long as nothing in it changes.
 */
export function RowBlock({ rows, read, columns, staleAfterMs, width, height }: RowBlockProps): ReactElement {
  const theme = useTheme();
  const texts = useClockText(({ now }) =>
    rows
      .map((_, at) => {
        const row = read(at);
        return row ? timedText(row, columns, now, staleAfterMs) : '';
      })
      .join(ROW),
  ).split(ROW);
  const made = useRef<ReadonlyMap<string, MadeLine>>(new Map());
  const next = new Map<string, MadeLine>();
  const lines = rows.map(({ key, ...wanted }, at): LineSpec => {
    const facts: RowFacts = { ...wanted, row: read(at), timed: texts[at] ?? '', columns, theme };
    const known = made.current.get(key);
    const one = known && isSame(known.facts, facts) ? known : { facts, line: makeLine(facts) };
    next.set(key, one);
    return one.line;
  });
  made.current = next;
  return <Lines lines={lines} width={width} height={height} />;
}

import type { EpochMs } from '../../domain/execution.js';
import { endlessTime } from '../../domain/time-range.js';
import { isoTime } from '../../service/json/execution-json.js';
import { formatDuration } from '../../text/duration.js';
import { visibleText } from '../../text/visible-text.js';
import { displayWidth, truncate } from '../../text/width.js';
import type { Style } from './style.js';

/** One column of a printed table. */
export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => string;
  readonly align?: 'right';
  /** May be cut down to this many columns where the terminal is narrow. */
  readonly least?: number;
  /** Left out where the table is too wide even so; the highest number goes first. */
  readonly drop?: number;
  /** Colours a cell that has been padded already. */
  readonly paint?: (cell: string, row: Row, style: Style) => string;
}

const GAP = '  ';
/** Less of a cell tells nothing. */
const BONE = 8;

/**
 * Rows as aligned text with a header line. On a terminal (`width` is its columns) cells are cut and columns left out
 * until it fits; without one (`width` undefined) everything is printed in full, fit for cut and awk.
 */
export function table<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  style: Style,
  width?: number,
): string[] {
  const cells = new Map(columns.map((column) => [column, rows.map((row) => visibleText(column.cell(row)))]));
  const titles = new Map(columns.map((column) => [column, visibleText(column.title)]));
  const widths = new Map(columns.map((column) => [column, widest([titles.get(column)!, ...cells.get(column)!])]));
  const shown = fitColumns([...columns], widths, width);
  const isCut = width !== undefined;
  const line = (texts: readonly string[]) => texts.join(GAP).trimEnd();
  const header = line(
    shown.map((column) => style.bold(pad(titles.get(column)!, widths.get(column)!, isCut, column.align))),
  );
  return [
    header,
    ...rows.map((row, index) =>
      line(
        shown.map((column) => {
          const cell = pad(cells.get(column)![index]!, widths.get(column)!, isCut, column.align);
          return column.paint ? column.paint(cell, row, style) : cell;
        }),
      ),
    ),
  ];
}

/** Wider cells stand out of their column: one of a megabyte must not make every row as long. */
const WIDEST = 1000;
/** Enough for so many columns of any text. */
const UNITS_MEASURED = 16 * WIDEST;

/** `Math.max(...)` of a long list would overflow the stack. */
const widest = (texts: readonly string[]): number =>
  texts.reduce((most, text) => Math.max(most, Math.min(WIDEST, displayWidth(text.slice(0, UNITS_MEASURED)))), 0);

/** Cuts what may be cut; where that is not enough leaves columns out; and where none is left, cuts to the bone. */
function fitColumns<Row>(columns: Column<Row>[], widths: Map<Column<Row>, number>, width?: number): Column<Row>[] {
  if (width === undefined) return columns;
  const over = () =>
    columns.reduce((sum, column) => sum + widths.get(column)!, GAP.length * (columns.length - 1)) - width;
  const spare = (column: Column<Row>, least: number) => Math.max(0, widths.get(column)! - least);
  const flexible = () => columns.filter((column) => column.least !== undefined);
  while (over() > flexible().reduce((sum, column) => sum + spare(column, column.least!), 0)) {
    const dropped = columns.filter((column) => column.drop !== undefined).sort((a, b) => b.drop! - a.drop!)[0];
    if (!dropped) break;
    columns.splice(columns.indexOf(dropped), 1);
  }
  for (const least of [(column: Column<Row>) => column.least!, () => BONE]) {
    for (const column of flexible().sort((a, b) => widths.get(b)! - widths.get(a)!)) {
      if (over() > 0) widths.set(column, widths.get(column)! - Math.min(over(), spare(column, least(column))));
    }
  }
  return columns;
}

function pad(text: string, width: number, isCut: boolean, align?: 'right'): string {
  const fitted = isCut ? truncate(text, width) : text;
  const blank = ' '.repeat(Math.max(0, width - displayWidth(fitted.slice(0, UNITS_MEASURED))));
  return align === 'right' ? blank + fitted : fitted + blank;
}

/** A time for a table: to the second, in UTC. */
export const shortTime = (at: EpochMs | null): string => {
  const iso = at === null ? null : (endlessTime(at) ?? isoTime(at));
  return iso === null ? '-' : iso.replace('T', ' ').replace(/\.\d+Z$/, 'Z');
};

/** How long ago, coarsely. */
export const ago = (at: EpochMs | null, now: EpochMs): string => (at === null ? '-' : formatDuration(now - at));

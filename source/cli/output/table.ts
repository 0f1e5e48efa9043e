import { type EpochMs, endlessTime } from '../../domain/execution.js';
import { isoTime } from '../../service/json.js';
import { formatDuration } from '../../text/duration.js';
import { visibleText } from '../../text/visible-text.js';
import { displayWidth, truncate } from '../../text/width.js';
import type { Style } from './style.js';
import { type Terminal, tableWidth } from './terminal.js';

/** One column of a printed table. */
export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => string;
  readonly align?: 'right';
  /** May be cut down to this many columns where the terminal is narrow. */
  readonly least?: number;
  /** Left out where the table is too wide even so; the highest number goes first. */
  readonly drop?: number;
  /** Shown with `-o wide` only. */
  readonly wide?: boolean;
  /** Colours a cell that has been padded already. */
  readonly paint?: (cell: string, row: Row, style: Style) => string;
}

const GAP = '  ';
/** Narrower cells are unreadable; a terminal that has no room for that many cuts all the same. */
const NARROWEST = 8;

/** Prints a table: to the terminal's width, or with `-o wide` with all its columns and uncut. */
export function printTable<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  terminal: Terminal,
  form: string | null = null,
): void {
  const isWide = form === 'wide';
  const shown = columns.filter((column) => isWide || !column.wide);
  for (const line of table(rows, shown, terminal.style, isWide ? undefined : tableWidth(terminal))) {
    terminal.print(line);
  }
}

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
  // These maps have every column, and cells every row: what they are asked for below is always there.
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

/**
 * Cuts what may be cut, the widest first, as far as `least`; where that is not enough leaves columns out; where none may
 * be left out cuts further, and in the end whatever there is: a table is never wider than its terminal.
 */
function fitColumns<Row>(columns: Column<Row>[], widths: Map<Column<Row>, number>, width?: number): Column<Row>[] {
  if (width === undefined) return columns;
  const widthOf = (column: Column<Row>) => widths.get(column) ?? 0;
  const over = () => columns.reduce((sum, column) => sum + widthOf(column), GAP.length * (columns.length - 1)) - width;
  const flexible = () => columns.filter((column) => column.least !== undefined);
  const spare = () => flexible().reduce((sum, column) => sum + Math.max(0, widthOf(column) - (column.least ?? 0)), 0);
  while (over() > spare()) {
    const dropped = columns
      .filter((column) => column.drop !== undefined)
      .sort((a, b) => (b.drop ?? 0) - (a.drop ?? 0))[0];
    if (!dropped) break;
    columns.splice(columns.indexOf(dropped), 1);
  }
  const cutTo = (among: readonly Column<Row>[], least: (column: Column<Row>) => number) => {
    for (const [column, cut] of levelled(among, widthOf, least, over())) widths.set(column, cut);
  };
  cutTo(flexible(), (column) => column.least ?? 0);
  cutTo(flexible(), () => NARROWEST);
  cutTo(columns, () => 1);
  return columns;
}

/** New widths that together are `over` less: the widest columns are cut to one common width, none below its least. */
function levelled<Column>(
  columns: readonly Column[],
  widthOf: (column: Column) => number,
  least: (column: Column) => number,
  over: number,
): [Column, number][] {
  if (over <= 0) return [];
  const at = (level: number) =>
    columns.map((column): [Column, number] => {
      const width = widthOf(column);
      return [column, Math.min(width, Math.max(level, Math.min(width, least(column))))];
    });
  const gained = (level: number) => at(level).reduce((sum, [column, cut]) => sum + widthOf(column) - cut, 0);
  let level = columns.reduce((most, column) => Math.max(most, widthOf(column)), 0);
  while (level > 0 && gained(level) < over) level -= 1;
  const widths = at(level);
  // What one level too many has taken goes back to whom it fits.
  let back = gained(level) - over;
  return widths.map(([column, cut]) => {
    const more = back > 0 && cut === level && cut < widthOf(column) ? 1 : 0;
    back -= more;
    return [column, cut + more];
  });
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

import stringWidth from 'string-width';
import { applySgr, type CellStyle, PLAIN } from './cell-style.js';

const LARGEST_CACHE = 4_096;
const widths = new Map<string, number>();
const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** How many cells Ink gives a cluster: at least one, even for what has no width of its own. */
export function cellWidth(cluster: string): number {
  let width = widths.get(cluster);
  if (width === undefined) {
    if (widths.size >= LARGEST_CACHE) widths.clear();
    width = Math.max(1, stringWidth(cluster));
    widths.set(cluster, width);
  }
  return width;
}

/** Characters of one cell that nothing can join: ASCII, Latin, box drawing and geometric shapes. */
function isSimple(code: number): boolean {
  return (code >= 0x20 && code < 0x7f) || (code > 0xad && code < 0x300) || (code >= 0x2500 && code < 0x25fd);
}

/** True where the width of a cluster is the same on every terminal: simple characters, arrows and plain CJK. */
export function isCertain(cluster: string): boolean {
  if (cluster.length > 1) return false;
  const code = cluster.charCodeAt(0);
  if (isSimple(code)) return true;
  const isCjk = (code >= 0x3041 && code <= 0x9fff) || (code >= 0xac00 && code <= 0xd7a3);
  return isCjk || (code >= 0x2010 && code < 0x2500 && cellWidth(cluster) === 1);
}

/** Where the characters that could join one another, beginning at `start`, end: before two simple ones in a row. */
function endOfJoined(text: string, start: number): number {
  let end = start + 1;
  while (end < text.length && !(isSimple(text.charCodeAt(end)) && isSimple(text.charCodeAt(end - 1)))) end++;
  return end;
}

/** The user-perceived characters of a text without escape sequences. */
function clusters(text: string): string[] {
  return text.length === 1 ? [text] : Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** One cell of the screen. The second cell of a wide cluster has no text. */
export type Cell = { readonly text: string; readonly style: CellStyle };

/** One line of the screen, without the plain blanks at its end. */
export type Row = {
  readonly cells: readonly Cell[];
  /** Some cluster on it may be wider or narrower on this terminal than Ink thinks. */
  readonly isUncertain: boolean;
};

/** A plain space. */
export const BLANK: Cell = { text: ' ', style: PLAIN };

/** A row with nothing on it. */
export const EMPTY_ROW: Row = { cells: [], isUncertain: false };

/** SGR; any other control sequence; an OSC or DCS string; a lone escape. */
const SEQUENCE =
  /\u001b\[([\d;:]*)m|\u001b\[[0-?]*[ -/]*[@-~]|\u001b[\]P_^X][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b/g;
/** C0, DEL, C1, and the marks that turn or hide text: whatever reaches the screen layer is not obeyed. */
const OBEYED = /^[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/;

/** Cells of simple characters by style and character: most cells of most frames, so they are made once. */
const simpleCells = new Map<string, Cell[]>();
const MOST_STYLES = 200;

function simpleCellsOf(style: CellStyle): Cell[] {
  let cells = simpleCells.get(style.key);
  if (cells === undefined) {
    if (simpleCells.size >= MOST_STYLES) simpleCells.clear();
    cells = [];
    simpleCells.set(style.key, cells);
  }
  return cells;
}

/**
 * One line of a frame as cells.
 * @param line text with SGR sequences, every style ended on the line; every other sequence is dropped
 * @param columns cells beyond these are cut; a wide cluster that does not fit becomes a blank
 */
export function rowCells(line: string, columns: number): Row {
  const cells: Cell[] = [];
  let style = PLAIN;
  let simple = simpleCellsOf(style);
  let isUncertain = false;

  function addCluster(cluster: string): void {
    if (cells.length >= columns) return;
    const width = cellWidth(cluster);
    if (OBEYED.test(cluster) || cells.length + width > columns) {
      cells.push({ text: ' ', style });
      return;
    }
    isUncertain ||= !isCertain(cluster);
    cells.push({ text: cluster, style });
    for (let extra = 1; extra < width; extra++) cells.push({ text: '', style });
  }

  function add(text: string): void {
    let index = 0;
    while (index < text.length && cells.length < columns) {
      const code = text.charCodeAt(index);
      if (isSimple(code) && (index + 1 >= text.length || isSimple(text.charCodeAt(index + 1)))) {
        simple[code] ??= { text: String.fromCharCode(code), style };
        cells.push(simple[code]);
        index++;
      } else {
        const end = endOfJoined(text, index);
        for (const cluster of clusters(text.slice(index, end))) addCluster(cluster);
        index = end;
      }
    }
  }

  let end = 0;
  for (const match of line.matchAll(SEQUENCE)) {
    add(line.slice(end, match.index));
    if (match[1] !== undefined) {
      style = applySgr(style, match[1]);
      simple = simpleCellsOf(style);
    }
    end = match.index + match[0].length;
  }
  add(line.slice(end));
  for (let last = cells.at(-1); last && isBlank(last); last = cells.at(-1)) cells.pop();
  return { cells, isUncertain };
}

function isBlank(cell: Cell): boolean {
  return cell.text === ' ' && cell.style.spaceKey === '';
}

import { formatElapsed } from '../../text/duration.js';
import { clamp } from '../kit/scroll.js';
import type { GanttRow } from './rows.js';
import { united } from './spans.js';

/** What a cell of a bar stands for, weakest first: where two meet in one cell, the stronger one shows. */
export const CELLS = ['blank', 'waits', 'works', 'children', 'open', 'cancelled', 'failed'] as const;
export type Cell = (typeof CELLS)[number];

/** One cell each on every terminal; distinguishable without colour. */
export const CELL_GLYPHS: Readonly<Record<Cell, string>> = {
  blank: ' ',
  waits: '░',
  works: '█',
  children: '─',
  open: '»',
  cancelled: '■',
  failed: '✗',
};

/** The time that the chart shows. */
export interface Range {
  readonly from: number;
  readonly to: number;
  /** Set when what is open has been silent for so long that its silence is cut off: since when. */
  readonly silentSince: number | null;
}

/** Silence of up to so many times of what was busy is drawn; a longer one would leave nothing of the rest. */
const SILENCE_SHOWN = 1;
const CUT_MARGIN = 0.1;

/** From the first beginning to the last end; to `now` where something is open. */
export function rangeOf(rows: readonly GanttRow[], now: number): Range {
  let from = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  let isOpen = false;
  for (const row of rows) {
    from = Math.min(from, row.from);
    last = Math.max(last, row.lastAt);
    isOpen ||= row.to === null;
  }
  if (rows.length === 0) return { from: now, to: now + 1, silentSince: null };
  const busy = Math.max(1, last - from);
  const end = isOpen ? Math.max(now, last) : last;
  if (end - last > Math.max(60_000, busy * SILENCE_SHOWN)) {
    return { from, to: last + Math.ceil(busy * CUT_MARGIN), silentSince: last };
  }
  return { from, to: Math.max(from + 1, end), silentSince: null };
}

/** A row's bar in exactly `width` cells. Nothing is drawn outside of them, whatever the times are. */
export function barCells(row: GanttRow, range: Range, width: number): Cell[] {
  const cells = new Array<number>(Math.max(0, width)).fill(0);
  if (width <= 0) return [];
  const scale = width / (range.to - range.from);
  const cellOf = (at: number): number => clamp(Math.floor((at - range.from) * scale), 0, width - 1);
  /** The cell that a stretch ends in; at least the one that it begins in. */
  const lastCellOf = (from: number, to: number): number =>
    Math.max(cellOf(from), Math.min(width, Math.ceil((to - range.from) * scale)) - 1);
  const paint = (first: number, last: number, cell: Cell): void => {
    const strength = CELLS.indexOf(cell);
    for (let at = first; at <= last; at += 1) cells[at] = Math.max(cells[at] ?? 0, strength);
  };
  const stretch = (from: number, to: number, cell: Cell): void => paint(cellOf(from), lastCellOf(from, to), cell);
  for (const span of row.spans) {
    const end = span.to ?? range.to;
    if (span.begun === null) stretch(span.from, end, 'waits');
    else {
      if (span.begun > span.from) stretch(span.from, span.begun, 'waits');
      stretch(span.begun, end, 'works');
    }
  }
  for (const { from, to } of united(row.waitsOn, range.to)) {
    if (to > from) stretch(from, to, 'children');
  }
  for (const span of row.spans) {
    const last = lastCellOf(span.from, span.to ?? range.to);
    if (span.state === 'failed' || span.state === 'cancelled') paint(last, last, span.state);
    else if (span.to === null) paint(last, last, 'open');
  }
  return cells.map((strength) => CELLS[strength] ?? 'blank');
}

/** Cells of one kind that follow one another, as text. */
export function runsOf(cells: readonly Cell[]): { readonly cell: Cell; readonly text: string }[] {
  const runs: { cell: Cell; text: string }[] = [];
  for (const cell of cells) {
    const last = runs.at(-1);
    if (last?.cell === cell) last.text += CELL_GLYPHS[cell];
    else runs.push({ cell, text: CELL_GLYPHS[cell] });
  }
  return runs;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const TICKS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((count) => count * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * MINUTE),
  ...[1, 2, 3, 6, 12].map((count) => count * HOUR),
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000].map((count) => count * DAY),
];
/** Cells for a tick and its label. */
const TICK_WIDTH = 10;

const tickLabel = (ms: number): string =>
  ms === 0
    ? '0'
    : ms < MINUTE && ms % SECOND === 0
      ? `${ms / SECOND}s`
      : formatElapsed(ms).replace(/\.0s$/, 's').replaceAll(' ', '');

/** The scale above the bars: time since the beginning, in exactly `width` cells. */
export function axisLine({ from, to }: Range, width: number): string {
  const length = to - from;
  const most = Math.max(1, Math.floor(width / TICK_WIDTH));
  const step = TICKS.find((tick) => length / tick <= most) ?? length;
  let line = '';
  for (let at = 0; at <= length; at += step) {
    const cell = Math.floor((at / length) * width);
    const text = `│${tickLabel(at)}`;
    if (cell < line.length || cell + text.length > width) continue;
    line = line.padEnd(cell) + text;
  }
  return line.padEnd(Math.max(0, width)).slice(0, Math.max(0, width));
}

/** Widths of the columns, each with its gap; `who` is 0 where there is no room. */
export interface GanttColumns {
  readonly label: number;
  readonly who: number;
  readonly took: number;
  readonly bar: number;
}
export const GANTT_MARK = 2;
const TOOK_WIDTH = 9;
const WHO_WIDTH = 20;
const WHO_FROM = 110;

/** How a screen's width is shared out: from 80 columns on, the bar has about half. */
export function ganttColumns(width: number): GanttColumns {
  const label = clamp(Math.floor(width * 0.28), 17, 44);
  const who = width >= WHO_FROM ? WHO_WIDTH : 0;
  return { label, who, took: TOOK_WIDTH, bar: Math.max(1, width - GANTT_MARK - label - who - TOOK_WIDTH) };
}

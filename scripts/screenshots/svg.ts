import type { ScreenCell } from '../../test/terminal/screen-model.js';
import { BACKGROUND, cssColour, FOREGROUND } from './palette.js';

const FONT_SIZE = 14;
/** The advance of DejaVu Sans Mono, Menlo and their kin; `textLength` pulls other fonts into the same grid. */
const CELL_WIDTH = FONT_SIZE * 0.602;
const CELL_HEIGHT = 18;
const BASELINE = 13.5;
const MARGIN = 12;
/** Drawn as a rectangle: fonts leave gaps between the blocks of a bar. */
const FULL_BLOCK = '█';
const FONTS = "'DejaVu Sans Mono',Menlo,Consolas,'Liberation Mono',monospace";

/** The cells of a screen, line by line. */
export type ScreenCells = readonly (readonly ScreenCell[])[];

type Look = { readonly color: string; readonly background: string; readonly attributes: string };
type Run = Look & { readonly column: number; text: string; width: number };

const BLANK: ScreenCell = {
  text: ' ',
  width: 1,
  foreground: { kind: 'default' },
  background: { kind: 'default' },
  bold: false,
  dim: false,
  italic: false,
  underline: false,
  inverse: false,
  strike: false,
};

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function look(cell: ScreenCell): Look {
  const foreground = cssColour(cell.foreground, FOREGROUND);
  const background = cssColour(cell.background, BACKGROUND);
  const attributes = [
    cell.bold && ' font-weight="bold"',
    cell.italic && ' font-style="italic"',
    cell.underline && ' text-decoration="underline"',
    cell.strike && ' text-decoration="line-through"',
    cell.dim && ' opacity="0.6"',
  ].filter(Boolean);
  return {
    color: cell.inverse ? background : foreground,
    background: cell.inverse ? foreground : background,
    attributes: attributes.join(''),
  };
}

/** Neighbours of one look become one piece of text; what is not plain ASCII stands alone, so that it cannot shift others. */
function runs(line: readonly ScreenCell[]): Run[] {
  const found: Run[] = [];
  line.forEach((cell, column) => {
    if (cell.width === 0) return;
    const { color, background, attributes } = look(cell);
    const last = found.at(-1);
    const isJoined =
      last?.color === color &&
      last.background === background &&
      last.attributes === attributes &&
      /^[ -~]+$/.test(last.text + cell.text);
    if (isJoined) {
      last.text += cell.text;
      last.width += cell.width;
    } else found.push({ color, background, attributes, column, text: cell.text, width: cell.width });
  });
  return found;
}

function number(value: number): string {
  return String(Math.round(value * 100) / 100);
}

function filled(color: string, x: number, row: number, cells: number, attributes = ''): string {
  // A hair wider than its cells, or renderers leave seams between neighbours.
  const width = number(cells * CELL_WIDTH + 0.3);
  return `<rect x="${number(x)}" y="${MARGIN + row * CELL_HEIGHT}" width="${width}" height="${CELL_HEIGHT}" fill="${color}"${attributes}/>`;
}

function rectangle(run: Run, row: number): string {
  return run.background === BACKGROUND ? '' : filled(run.background, MARGIN + run.column * CELL_WIDTH, row, run.width);
}

function words(run: Run, row: number): string {
  const y = number(MARGIN + row * CELL_HEIGHT + BASELINE);
  let output = '';
  for (const match of run.text.matchAll(/[^ ]+(?: [^ ]+)*/g)) {
    const x = number(MARGIN + (run.column + match.index) * CELL_WIDTH);
    if (match[0] === FULL_BLOCK) {
      output += filled(run.color, MARGIN + (run.column + match.index) * CELL_WIDTH, row, 1, run.attributes);
      continue;
    }
    const isAscii = /^[ -~]+$/.test(match[0]);
    const length = isAscii ? ` textLength="${number(match[0].length * CELL_WIDTH)}" lengthAdjust="spacing"` : '';
    output += `<text x="${x}" y="${y}" fill="${run.color}"${run.attributes}${length}>${escapeXml(match[0])}</text>`;
  }
  return output;
}

/** Screens of one width below each other, with a blank line between. */
export function stacked(screens: readonly ScreenCells[]): ScreenCells {
  const blank = screens[0]?.[0]?.map((): ScreenCell => BLANK) ?? [];
  return screens.flatMap((cells, at) => (at === 0 ? cells : [blank, ...cells]));
}

/**
 * A picture of a screen.
 * @param title what it shows, for readers who cannot see it
 */
export function screenSvg(cells: ScreenCells, title: string): string {
  const columns = cells[0]?.length ?? 0;
  const width = Math.ceil(columns * CELL_WIDTH + 2 * MARGIN);
  const height = cells.length * CELL_HEIGHT + 2 * MARGIN;
  const lines = cells.map(runs);
  const body = lines.flatMap((line, row) => [
    line.map((run) => rectangle(run, row)).join(''),
    line.map((run) => words(run, row)).join(''),
  ]);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escapeXml(title)}</title>`,
    `<rect width="100%" height="100%" rx="8" fill="${BACKGROUND}"/>`,
    `<g font-family="${FONTS}" font-size="${FONT_SIZE}" xml:space="preserve">`,
    ...body.filter((line) => line !== ''),
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

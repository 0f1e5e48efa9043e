import stringWidth from 'string-width';

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;
/** A grapheme is rarely above 8 code units; beyond this much text nothing can be seen in a cell anyway. */
const UNITS_PER_CELL = 16;

/** More texts beyond ASCII than a screen holds; most frames show the same ones again. */
const LARGEST_CACHE = 4096;
const widths = new Map<string, number>();

/** Columns that a text takes on a terminal: wide characters two, combining ones none. */
export function displayWidth(text: string): number {
  if (PRINTABLE_ASCII.test(text)) return text.length;
  let width = widths.get(text);
  if (width === undefined) {
    if (widths.size >= LARGEST_CACHE) widths.clear();
    width = stringWidth(text);
    widths.set(text, width);
  }
  return width;
}

function head(text: string, width: number): { text: string; width: number } {
  let used = 0;
  let end = 0;
  for (const { segment, index } of segmenter.segment(text.slice(0, width * UNITS_PER_CELL))) {
    const cell = stringWidth(segment);
    if (used + cell > width) break;
    used += cell;
    end = index + segment.length;
  }
  return { text: text.slice(0, end), width: used };
}

function tail(text: string, width: number): { text: string; width: number } {
  const from = Math.max(0, text.length - width * UNITS_PER_CELL);
  const segments = [...segmenter.segment(text.slice(from))];
  let used = 0;
  let start = text.length - from;
  for (let index = segments.length - 1; index >= 0; index -= 1) {
    const { segment, index: at } = segments[index]!;
    const cell = stringWidth(segment);
    if (used + cell > width) break;
    used += cell;
    start = at;
  }
  return { text: text.slice(from + start), width: used };
}

/** At most `width` columns of a text; what is cut off leaves an ellipsis at the end, or at the start for `keep: 'end'`. */
export function truncate(text: string, width: number, keep: 'start' | 'end' = 'start'): string {
  if (width <= 0) return '';
  if (PRINTABLE_ASCII.test(text)) {
    if (text.length <= width) return text;
    if (width === 1) return '…';
    return keep === 'start' ? `${text.slice(0, width - 1)}…` : `…${text.slice(text.length - width + 1)}`;
  }
  if (text.length <= width * UNITS_PER_CELL && displayWidth(text) <= width) return text;
  if (width === 1) return '…';
  return keep === 'start' ? `${head(text, width - 1).text}…` : `…${tail(text, width - 1).text}`;
}

/** A text in exactly `width` columns: cut off or padded. */
export function padded(
  text: string,
  width: number,
  { keep = 'start', align = 'left' }: { keep?: 'start' | 'end'; align?: 'left' | 'right' } = {},
): string {
  const cut = truncate(text, width, keep);
  const padding = ' '.repeat(Math.max(0, width - displayWidth(cut)));
  return align === 'left' ? cut + padding : padding + cut;
}

/** A text in lines of at most `width` columns, broken at spaces where that is possible. */
export function wrap(text: string, width: number, maxLines = Number.POSITIVE_INFINITY): string[] {
  if (width <= 0) return [];
  const lines: string[] = [];
  let rest = text;
  while (rest !== '') {
    if (lines.length === maxLines - 1) {
      lines.push(truncate(rest, width));
      return lines;
    }
    const room = PRINTABLE_ASCII.test(rest) ? rest.slice(0, width) : head(rest, width).text;
    if (room.length === rest.length) {
      lines.push(rest);
      return lines;
    }
    // One grapheme wider than the line would never end otherwise.
    const piece = room === '' ? (segmenter.segment(rest)[Symbol.iterator]().next().value?.segment ?? rest) : room;
    const space = rest[piece.length] === ' ' ? piece.length : piece.lastIndexOf(' ');
    const at = space > 0 ? space : piece.length;
    lines.push(rest.slice(0, at).trimEnd());
    rest = rest.slice(at).replace(/^ +/, '');
  }
  return lines;
}

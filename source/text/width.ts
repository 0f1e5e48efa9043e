import stringWidth from 'string-width';

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;
/** A grapheme is rarely above 8 code units; beyond this much text nothing can be seen in a cell anyway. */
const UNITS_PER_CELL = 16;

/** More texts beyond ASCII than a screen holds; most frames show the same ones again. Long ones are not kept. */
const LARGEST_CACHE = 4096;
const LONGEST_CACHED = 512;
const widths = new Map<string, number>();
/** Text is segmented in pieces of this many code units: the segmenter's time grows faster than the text it is given. */
const PIECE = 1024;

/** Columns that a text takes on a terminal: wide characters two, combining ones none. Linear in its length. */
export function displayWidth(text: string): number {
  if (PRINTABLE_ASCII.test(text)) return text.length;
  let width = widths.get(text);
  if (width !== undefined) return width;
  width = 0;
  for (const { cells } of graphemes(text)) width += cells;
  if (text.length > LONGEST_CACHED) return width;
  if (widths.size >= LARGEST_CACHE) widths.clear();
  widths.set(text, width);
  return width;
}

const isHighSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdbff;

/** Cells of characters that no neighbour of their kind joins (ASCII, Latin, Han, Hangul syllables); 0 for all others. */
function plainCells(code: number): 0 | 1 | 2 {
  if ((code >= 0x20 && code < 0x7f) || (code > 0xad && code < 0x300)) return 1;
  return (code >= 0x4e00 && code <= 0x9fff) || (code >= 0xac00 && code <= 0xd7a3) ? 2 : 0;
}

/** The user-perceived characters of a text with their widths, read as far as the caller goes. */
function* graphemes(text: string): Generator<{ end: number; cells: number }> {
  for (let start = 0; start < text.length; ) {
    const cells = plainCells(text.charCodeAt(start));
    if (cells > 0 && (start + 1 === text.length || plainCells(text.charCodeAt(start + 1)) > 0)) {
      start += 1;
      yield { end: start, cells };
      continue;
    }
    // Half of a surrogate pair at the end would be taken for a character of its own.
    const end = start + PIECE;
    const piece = text.slice(start, isHighSurrogate(text.charCodeAt(end - 1)) ? end - 1 : end);
    const isLast = start + piece.length >= text.length;
    const segments = [...segmenter.segment(piece)];
    // The last of a piece may go on in the next one, unless it is all that the piece holds.
    const sure = isLast || segments.length === 1 ? segments.length : segments.length - 1;
    for (const { segment, index } of segments.slice(0, sure)) {
      yield { end: start + index + segment.length, cells: stringWidth(segment) };
    }
    // `sure` is below the count of segments here.
    start += sure === segments.length ? piece.length : segments[sure]!.index;
  }
}

function head(text: string, width: number): string {
  let used = 0;
  let end = 0;
  for (const grapheme of graphemes(text.slice(0, width * UNITS_PER_CELL))) {
    used += grapheme.cells;
    if (used > width) break;
    end = grapheme.end;
  }
  return text.slice(0, end);
}

function tail(text: string, width: number): string {
  const from = Math.max(0, text.length - width * UNITS_PER_CELL);
  const window = text.slice(from);
  const all = [...graphemes(window)];
  let used = 0;
  let start = window.length;
  for (let index = all.length - 1; index >= 0; index -= 1) {
    // The index runs over the list.
    used += all[index]!.cells;
    if (used > width) break;
    start = all[index - 1]?.end ?? 0;
  }
  return window.slice(start);
}

/**
 * At most `width` columns of a text; what is cut off leaves an ellipsis at the end, or at the start for `keep: 'end'`.
 * The work depends on the width, not on the text.
 */
export function truncate(text: string, width: number, keep: 'start' | 'end' = 'start'): string {
  if (width <= 0) return '';
  if (text.length <= width * UNITS_PER_CELL && displayWidth(text) <= width) return text;
  if (width === 1) return '…';
  return keep === 'start' ? `${head(text, width - 1)}…` : `…${tail(text, width - 1)}`;
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
    const room = head(rest, width);
    if (room.length === rest.length) {
      lines.push(rest);
      return lines;
    }
    // One grapheme wider than the line would never end otherwise.
    const piece = room === '' ? rest.slice(0, graphemes(rest).next().value?.end ?? rest.length) : room;
    const space = rest[piece.length] === ' ' ? piece.length : piece.lastIndexOf(' ');
    const at = space > 0 ? space : piece.length;
    lines.push(rest.slice(0, at).trimEnd());
    rest = rest.slice(at).replace(/^ +/, '');
  }
  return lines;
}

import stringWidth from 'string-width';

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
export function isSimple(code: number): boolean {
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
export function endOfJoined(text: string, start: number): number {
  let end = start + 1;
  while (end < text.length && !(isSimple(text.charCodeAt(end)) && isSimple(text.charCodeAt(end - 1)))) end++;
  return end;
}

/** The user-perceived characters of a text without escape sequences. */
export function clusters(text: string): string[] {
  return text.length === 1 ? [text] : Array.from(segmenter.segment(text), ({ segment }) => segment);
}

import stringWidth from 'string-width';

const ASCII = /^[\u0020-\u007e]*$/;

/** Columns that a text without colour codes takes on a terminal. */
export const widthOf = (text: string): number => (ASCII.test(text) ? text.length : stringWidth(text));

/** The text in at most `width` columns, ending in … where it was cut; never through the middle of a character. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  if (width <= 1) return width === 1 ? '…' : '';
  let taken = '';
  let used = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    used += widthOf(segment);
    if (used > width - 1) break;
    taken += segment;
  }
  return `${taken}…`;
}

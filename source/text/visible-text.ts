/**
 * Characters that a terminal obeys, that reorder what is read, or that are invisible: C0, DEL and C1 controls; halves
 * of surrogate pairs; line and paragraph separators; Unicode's default ignorable ones (bidi marks, embeddings, overrides
 * and isolates, zero-width marks, variation selectors, fillers, tags); interlinear marks; the private characters of the
 * last plane, which no font shows and which stand for whole lines inside the full screen (ui/terminal/drawn-lines).
 */
const UNSAFE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb\u{100000}-\u{10ffff}]/u;
const EVERY_UNSAFE = new RegExp(UNSAFE.source, 'gu');

/** Unicode's pictures for C0 (␀ to ␟) start here; DEL has its own. */
const CONTROL_PICTURES = 0x2400;
const PICTURE_OF_DELETE = '\u2421';

/** True when the text can go to a terminal as it is. */
export const isVisible = (text: string): boolean => !UNSAFE.test(text);

/**
 * Text from the database, fit for a terminal: what would be obeyed or could not be seen is shown instead, C0 controls
 * and DEL as their pictures (`␛`), the rest as `\u{202E}`. Other text is returned as it is. One line stays one line.
 */
export function visibleText(text: string): string {
  if (isVisible(text)) return text;
  return text.replace(EVERY_UNSAFE, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x20) return String.fromCodePoint(CONTROL_PICTURES + code);
    if (code === 0x7f) return PICTURE_OF_DELETE;
    return `\\u{${code.toString(16).toUpperCase()}}`;
  });
}

/**
 * A value as JSON that is fit for a terminal too: the same characters are escaped, which JSON reads as they were.
 * @param indent spaces a level, over several lines; one line unless given
 */
export function visibleJson(value: unknown, indent?: number): string {
  const json = JSON.stringify(value, null, indent);
  if (isVisible(json)) return json;
  const escaped = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  const visible = (line: string) =>
    line.replace(EVERY_UNSAFE, (character) => character.split('').map(escaped).join(''));
  // A line end that is part of a text is escaped already: what is left of them is the layout.
  return json.split('\n').map(visible).join('\n');
}

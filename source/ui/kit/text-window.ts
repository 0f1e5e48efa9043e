import { visibleText } from '../../text/visible-text.js';
import { displayWidth, truncate } from '../../text/width.js';
import { splitAtCursor, type TextInput } from './text-input.js';

/** What of a line of text is seen: the cursor always, and as much before it as there is room for. */
export interface TextWindow {
  readonly before: string;
  readonly under: string;
  readonly after: string;
}

/** The part of a text field that fits into `width` columns, control characters shown. */
export function textWindow(input: TextInput, width: number): TextWindow {
  const { before, under, after } = splitAtCursor(input);
  const seen = { before: visibleText(before), under: visibleText(under), after: visibleText(after) };
  const room = Math.max(0, width - displayWidth(seen.under));
  const tail = Math.min(displayWidth(seen.after), Math.floor(room / 4));
  const head = truncate(seen.before, room - tail, 'end');
  return { before: head, under: seen.under, after: truncate(seen.after, room - displayWidth(head)) };
}

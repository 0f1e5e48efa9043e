import type { FilterProblem } from '../../domain/filter.js';
import { visibleText } from '../../text/visible-text.js';
import { displayWidth, truncate } from '../../text/width.js';
import type { KeyEvent } from '../terminal/input-event.js';

/** A line of text being edited. `cursor` counts graphemes, so that no key splits a character. */
export interface TextInput {
  readonly text: string;
  readonly cursor: number;
}

export type TextEdit =
  | { readonly type: 'insert'; readonly text: string }
  | { readonly type: 'backspace' | 'delete' | 'left' | 'right' | 'home' | 'end' | 'word-back' | 'clear' | 'kill-end' }
  | { readonly type: 'set'; readonly text: string };

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const graphemes = (text: string): string[] => Array.from(segmenter.segment(text), (part) => part.segment);

export const emptyInput: TextInput = { text: '', cursor: 0 };
export const inputOf = (text: string): TextInput => ({ text, cursor: graphemes(text).length });

/** The line after one edit. */
export function editText(input: TextInput, edit: TextEdit): TextInput {
  if (edit.type === 'set') return inputOf(edit.text);
  if (edit.type === 'clear') return emptyInput;
  const parts = graphemes(input.text);
  const at = Math.min(input.cursor, parts.length);
  const join = (left: string[], right: string[]): TextInput => {
    const before = left.join('');
    return { text: before + right.join(''), cursor: graphemes(before).length };
  };
  switch (edit.type) {
    case 'insert':
      return join([...parts.slice(0, at), edit.text], parts.slice(at));
    case 'backspace':
      return join(parts.slice(0, Math.max(0, at - 1)), parts.slice(at));
    case 'delete':
      return join(parts.slice(0, at), parts.slice(at + 1));
    case 'left':
      return { ...input, cursor: Math.max(0, at - 1) };
    case 'right':
      return { ...input, cursor: Math.min(parts.length, at + 1) };
    case 'home':
      return { ...input, cursor: 0 };
    case 'end':
      return { ...input, cursor: parts.length };
    case 'kill-end':
      return join(parts.slice(0, at), []);
    case 'word-back': {
      let start = at;
      while (start > 0 && parts[start - 1] === ' ') start -= 1;
      while (start > 0 && parts[start - 1] !== ' ') start -= 1;
      return join(parts.slice(0, start), parts.slice(at));
    }
  }
}

/** The line split for drawing: before the cursor, the character under it (a space at the end), after it. */
export function splitAtCursor(input: TextInput): { before: string; under: string; after: string } {
  const parts = graphemes(input.text);
  return {
    before: parts.slice(0, input.cursor).join(''),
    under: parts[input.cursor] ?? ' ',
    after: parts.slice(input.cursor + 1).join(''),
  };
}

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

/** A line that points at what is wrong in the prompt above it (one column of prompt sign), and says what. */
export function caretLine(prompt: TextInput, problem: FilterProblem, width: number): string {
  const message = visibleText(problem.message);
  const carets = '^'.repeat(Math.max(1, displayWidth(prompt.text.slice(problem.at, problem.at + problem.length))));
  const indent = displayWidth(prompt.text.slice(0, problem.at)) + 1;
  const pointed = `${' '.repeat(indent)}${carets} ${message}`;
  if (displayWidth(pointed) <= width) return pointed;
  // The message matters more than where it points when both do not fit.
  const before = ' '.repeat(Math.max(0, Math.min(indent, width - displayWidth(message) - 2)));
  return truncate(`${before}^ ${message}`, width);
}

const NAMED: Readonly<Record<string, TextEdit>> = {
  backspace: { type: 'backspace' },
  delete: { type: 'delete' },
  left: { type: 'left' },
  right: { type: 'right' },
  home: { type: 'home' },
  end: { type: 'end' },
};
const WITH_CTRL: Readonly<Record<string, TextEdit>> = {
  a: { type: 'home' },
  e: { type: 'end' },
  k: { type: 'kill-end' },
  u: { type: 'clear' },
  w: { type: 'word-back' },
};

/** What a key does in a line of text; null for a key that does not edit. */
export function textEditOf(event: KeyEvent): TextEdit | null {
  if (event.ctrl) return WITH_CTRL[event.name] ?? null;
  if (event.meta) return null;
  if (event.text !== '') return { type: 'insert', text: event.text };
  return NAMED[event.name] ?? null;
}

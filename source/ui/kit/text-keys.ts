import type { KeyEvent } from '../terminal/input-event.js';
import type { TextEdit } from './text-input.js';

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

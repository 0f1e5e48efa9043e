/** Names of the keys that are not printable characters. `space` is printable too: its text is ' '. */
export type NamedKey =
  | 'up'
  | 'down'
  | 'left'
  | 'right'
  | 'home'
  | 'end'
  | 'pageup'
  | 'pagedown'
  | 'insert'
  | 'delete'
  | 'backspace'
  | 'enter'
  | 'escape'
  | 'tab'
  | 'space'
  | 'f1'
  | 'f2'
  | 'f3'
  | 'f4'
  | 'f5'
  | 'f6'
  | 'f7'
  | 'f8'
  | 'f9'
  | 'f10'
  | 'f11'
  | 'f12';

/**
 * One key. `name` is a NamedKey, or the character as typed ('a', 'G', '?', 'é'); for ctrl with a letter the lower-case
 * letter. `text` is what a text field inserts: empty for every key that inserts nothing. `shift` is set for named keys
 * only (shift-tab, shift-up); a capital letter is its own name.
 */
export type KeyEvent = {
  readonly kind: 'key';
  readonly name: string;
  readonly text: string;
  readonly ctrl: boolean;
  readonly meta: boolean;
  readonly shift: boolean;
};

/** A whole bracketed paste, however many reads it came in. Line ends are '\n'; nothing else is altered. */
export type PasteEvent = { readonly kind: 'paste'; readonly text: string };

/** A mouse action. `x` and `y` count cells from 0 at the top left. Releases and motion are not delivered. */
export type MouseEvent = {
  readonly kind: 'mouse';
  readonly action: 'press' | 'wheel-up' | 'wheel-down';
  readonly button: 'left' | 'middle' | 'right' | 'none';
  readonly x: number;
  readonly y: number;
  readonly ctrl: boolean;
  readonly meta: boolean;
  readonly shift: boolean;
};

/** What the terminal's user did. */
export type InputEvent = KeyEvent | PasteEvent | MouseEvent;

/** Answers true when it has used the event: Ctrl-C then does not quit and Ctrl-Z does not suspend. */
export type InputHandler = (event: InputEvent) => unknown;

/**
 * The key as a keymap writes it: modifiers in the order ctrl, alt, shift, then the name, joined by '-'
 * ('ctrl-c', 'alt-x', 'shift-tab', 'G', 'space', 'pagedown').
 */
export function keyId(event: KeyEvent): string {
  const modifiers = [event.ctrl && 'ctrl', event.meta && 'alt', event.shift && 'shift'].filter(Boolean);
  return [...modifiers, event.name].join('-');
}

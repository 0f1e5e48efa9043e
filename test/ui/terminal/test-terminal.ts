import type { InputEvent, InputHandler, KeyEvent } from '../../../source/ui/terminal/input-event.js';
import type { Terminal, TerminalSize } from '../../../source/ui/terminal/terminal-context.js';

/** A terminal for screens under ink-testing-library: put it into TerminalContext.Provider. */
export type TestTerminal = Terminal & {
  /** Delivers keys by keymap id ('down', 'ctrl-c', 'G'), one after the other, synchronously. */
  readonly press: (...keyIds: readonly string[]) => void;
  /** Types each character of a text. */
  readonly type: (text: string) => void;
  readonly emit: (event: InputEvent) => void;
  readonly resize: (size: TerminalSize) => void;
  /** What was given to copyToClipboard, in order. */
  readonly copied: readonly string[];
  readonly hasQuit: () => boolean;
};

/** The event of a key id, as keyId would write it. */
export function keyEvent(id: string): KeyEvent {
  const match = /^(ctrl-)?(alt-)?(shift-)?(.+)$/su.exec(id);
  if (match === null) throw new Error(`No key is called "${id}"`);
  const [, ctrl, meta, shift, name = ''] = match;
  const isText = ctrl === undefined && meta === undefined && ([...name].length === 1 || name === 'space');
  return {
    kind: 'key',
    name,
    text: isText ? (name === 'space' ? ' ' : name) : '',
    ctrl: ctrl !== undefined,
    meta: meta !== undefined,
    shift: shift !== undefined,
  };
}

/** A terminal of a given size whose input is what the test says. */
export function createTestTerminal(initial: TerminalSize = { columns: 100, rows: 30 }): TestTerminal {
  const handlers = new Set<InputHandler>();
  const listeners = new Set<() => void>();
  const copied: string[] = [];
  let size = initial;
  let hasQuit = false;
  const emit = (event: InputEvent) => {
    for (const handler of [...handlers]) handler(event);
  };
  return {
    size: () => size,
    onResize: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onInput: (handler) => {
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
    quit: () => {
      hasQuit = true;
    },
    suspend: () => {},
    bell: () => {},
    setTitle: () => {},
    copyToClipboard: (text) => {
      copied.push(text);
      return true;
    },
    mouse: true,
    screenReader: false,
    press: (...keyIds) => {
      for (const id of keyIds) emit(keyEvent(id));
    },
    type: (text) => {
      for (const character of text) emit(keyEvent(character === ' ' ? 'space' : character));
    },
    emit,
    resize: (next) => {
      size = next;
      for (const listener of [...listeners]) listener();
    },
    copied,
    hasQuit: () => hasQuit,
  };
}

import { createContext, useContext, useInsertionEffect, useRef, useSyncExternalStore } from 'react';
import type { DrawnLines } from './drawn-lines.js';
import type { InputHandler } from './input-event.js';

/** Cells across and down. */
export type TerminalSize = { readonly columns: number; readonly rows: number };

/** What a component may ask of the terminal. */
export type Terminal = {
  /** The size at this moment; the same object until it changes. */
  readonly size: () => TerminalSize;
  /** Calls back after every change of size; answers the way to stop it. */
  readonly onResize: (listener: () => void) => () => void;
  /** Calls back for every key, paste and mouse action; answers the way to stop it. */
  readonly onInput: (handler: InputHandler) => () => void;
  /** Leaves the full screen as an ordinary quit. */
  readonly quit: () => void;
  /** Ctrl-Z: gives the terminal back to the shell until `fg`. */
  readonly suspend: () => void;
  /** OSC 52. False when the text is too long for terminals to take. Whether the terminal obeyed cannot be known. */
  readonly copyToClipboard: (text: string) => boolean;
  /** Rings the terminal's bell. */
  readonly bell: () => void;
  /** Sets the terminal's title until the full screen is left. */
  readonly setTitle: (text: string) => void;
  /** Whether mouse events are asked for. */
  readonly mouse: boolean;
  /** Whether Ink's screen-reader output is on. */
  readonly screenReader: boolean;
  /** Where whole lines are kept from Ink; absent where Ink's own text is wanted (tests, screen readers). */
  readonly lines?: DrawnLines | undefined;
};

const NO_SUBSCRIPTION = (): (() => void) => () => {};
const DETACHED_SIZE: TerminalSize = { columns: 100, rows: 30 };

/** Outside a full screen (ink-testing-library without a provider): 100×30, no input. */
const DETACHED: Terminal = {
  size: () => DETACHED_SIZE,
  onResize: NO_SUBSCRIPTION,
  onInput: NO_SUBSCRIPTION,
  quit: () => {},
  suspend: () => {},
  copyToClipboard: () => false,
  bell: () => {},
  setTitle: () => {},
  mouse: false,
  screenReader: false,
};

/** The terminal of the components below. Tests provide their own with `createTestTerminal`. */
export const TerminalContext = createContext<Terminal>(DETACHED);

/** The terminal that this component is drawn on. */
export function useTerminal(): Terminal {
  return useContext(TerminalContext);
}

/** The terminal's size, live. */
export function useTerminalSize(): TerminalSize {
  const terminal = useTerminal();
  return useSyncExternalStore(terminal.onResize, terminal.size);
}

/**
 * Hears every input event while mounted and `isActive`; every such handler hears every event. All keys of one read
 * (typed ahead, or held) come before React draws again, so that a held key costs one frame and not one for each repeat:
 * a handler must decide by a store's state and not by what it closed over when it was drawn.
 */
export function useInputEvents(handler: InputHandler, options: { readonly isActive?: boolean } = {}): void {
  const terminal = useTerminal();
  const latest = useRef(handler);
  const isActive = options.isActive ?? true;
  useInsertionEffect(() => {
    latest.current = handler;
  });
  useInsertionEffect(() => {
    if (!isActive) return undefined;
    return terminal.onInput((event) => latest.current(event));
  }, [terminal, isActive]);
}

/**
 * The terminal, full screen: what Ink 6.8 lacks (alternate buffer, size, paste, mouse, suspend) or does wrong (a frame
 * as tall as the terminal). One folder, so that it can go when Ink 7 comes. test/ui/terminal/test-terminal.ts is
 * its stand-in for tests of screens.
 */
export {
  type InputEvent,
  type InputHandler,
  type KeyEvent,
  keyId,
  type MouseEvent,
  type PasteEvent,
} from './input-event.js';
export { type FullScreen, type FullScreenOptions, mountFullScreen } from './mount-full-screen.js';
export type { TerminalOutcome } from './outcome.js';
export {
  type Terminal,
  TerminalContext,
  type TerminalSize,
  useInputEvents,
  useTerminal,
  useTerminalSize,
} from './terminal-context.js';

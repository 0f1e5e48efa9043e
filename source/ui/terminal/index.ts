/**
 * The terminal, full screen. Ink 8 has an alternate buffer, paste and suspend of its own; these stay ours, because the
 * terminal is restored synchronously on every way out, a changed cell costs a cell, and Ink knows no mouse
 * (docs/decisions). test/ui/terminal/test-terminal.ts is its stand-in for tests of screens.
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

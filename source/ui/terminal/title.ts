import { visibleText } from '../../text/visible-text.js';
import { truncate } from '../../text/width.js';

const ESC = '\u001b';
/** xterm's title stack (XTWINOPS 22 and 23), which tmux, kitty, VTE and iTerm2 know: the shell's own title comes back. */
const PUSH = `${ESC}[22;2t`;
const POP = `${ESC}[23;2t`;
/** Tabs and status lines show less. */
const LONGEST = 120;

export interface TerminalTitle {
  readonly set: (text: string) => void;
  /** What to write when the full screen is entered again, and when it is left: the title goes with it. */
  readonly enter: () => string;
  readonly leave: () => string;
}

/** The terminal's title. Nothing is written, and nothing has to be restored, before the first `set`. */
export function createTitle(write: (text: string) => void): TerminalTitle {
  let current: string | null = null;
  const sequence = (text: string) => `${ESC}]2;${truncate(visibleText(text), LONGEST)}${ESC}\\`;
  return {
    set: (text) => {
      if (text === current) return;
      write((current === null ? PUSH : '') + sequence(text));
      current = text;
    },
    enter: () => (current === null ? '' : PUSH + sequence(current)),
    leave: () => (current === null ? '' : POP),
  };
}

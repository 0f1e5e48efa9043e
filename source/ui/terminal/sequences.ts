import { visibleText } from '../../text/visible-text.js';
import { truncate } from '../../text/width.js';

/** The escape sequences that the full screen writes, by what they do (xterm's control sequences). */
const ESC = '\u001b';

/** Nothing between these two is shown before the second, where the terminal knows the mode. */
export const BEGIN_SYNCHRONISED = `${ESC}[?2026h`;
export const END_SYNCHRONISED = `${ESC}[?2026l`;

export const RESET_STYLE = `${ESC}[0m`;
export const ERASE_TO_END_OF_LINE = `${ESC}[K`;

/** Cursor to a cell; both count from 0. */
export function moveTo(column: number, row: number): string {
  return column === 0 ? `${ESC}[${row + 1}H` : `${ESC}[${row + 1};${column + 1}H`;
}

/** Cursor to a column of the row that it is in, counted from 0. */
export function moveToColumn(column: number): string {
  return `${ESC}[${column + 1}G`;
}

/** A cell of the screen, counted from 0. */
export type ScreenPosition = { readonly column: number; readonly row: number };

/** Backspaces that are shorter than a sequence to the column. */
const MOST_BACKSPACES = 4;

/** The shortest way to a cell: ages stand below one another, and to the next one it takes half of what moveTo does. */
export function moveBetween(from: ScreenPosition | undefined, { column, row }: ScreenPosition): string {
  const absolute = moveTo(column, row);
  if (from === undefined || row < from.row) return absolute;
  const count = (by: number) => (by === 1 ? '' : by);
  const down = row === from.row ? '' : `${ESC}[${count(row - from.row)}B`;
  const relative = down + along(from.column, column);
  return relative.length < absolute.length ? relative : absolute;

  function along(before: number, to: number): string {
    if (to === before) return '';
    if (to === 0) return '\r';
    if (to > before) return `${ESC}[${count(to - before)}C`;
    return before - to <= MOST_BACKSPACES ? '\b'.repeat(before - to) : moveToColumn(to);
  }
}

/** What insertLines and deleteLines move: these rows and no others. The cursor is anywhere after it. */
export function setMargins(first: number, last: number): string {
  return `${ESC}[${first + 1};${last + 1}r`;
}
export const RESET_MARGINS = `${ESC}[r`;

/** Blank rows at the cursor; those from there on go down, the last ones off the margin. Every terminal knows it. */
export function insertLines(count: number): string {
  return `${ESC}[${count === 1 ? '' : count}L`;
}

/** Rows at the cursor go; those below come up, and blank ones in at the margin. */
export function deleteLines(count: number): string {
  return `${ESC}[${count === 1 ? '' : count}M`;
}

const ALTERNATE_BUFFER = '?1049';
const AUTOWRAP = '?7';
const CURSOR = '?25';
const BRACKETED_PASTE = '?2004';
/** Presses and the wheel (1000), reported in the form that has no limit on coordinates (1006). */
const MOUSE = ['?1000', '?1006'];

/**
 * Autowrap is off so that a cluster which this terminal draws wider than we think is cut at the edge instead of
 * pushing the screen up.
 */
export function enterSequence(mouse: boolean, showCursor: boolean): string {
  return [
    `${ESC}[${ALTERNATE_BUFFER}h`,
    `${ESC}[2J`,
    `${ESC}[${AUTOWRAP}l`,
    showCursor ? '' : `${ESC}[${CURSOR}l`,
    `${ESC}[${BRACKETED_PASTE}h`,
    ...(mouse ? MOUSE.map((mode) => `${ESC}[${mode}h`) : []),
  ].join('');
}

/**
 * Undoes enterSequence. It may come in the middle of a frame, so it ends a synchronised update and any style first.
 * The screen is cleared although it is not shown again: after a resize tmux 3.3 mixes what the alternate buffer still
 * holds into the ordinary one (it does so to less, too).
 */
export function leaveSequence(mouse: boolean): string {
  return [
    END_SYNCHRONISED,
    RESET_STYLE,
    RESET_MARGINS,
    ...(mouse ? MOUSE.toReversed().map((mode) => `${ESC}[${mode}l`) : []),
    `${ESC}[${BRACKETED_PASTE}l`,
    `${ESC}[${AUTOWRAP}h`,
    `${ESC}[H${ESC}[2J`,
    `${ESC}[${ALTERNATE_BUFFER}l`,
    `${ESC}[${CURSOR}h`,
  ].join('');
}

/** xterm's title stack (XTWINOPS 22 and 23), which tmux, kitty, VTE and iTerm2 know: the shell's own title comes back. */
const PUSH = `${ESC}[22;2t`;
const POP = `${ESC}[23;2t`;
/** Where the stack is not known, no title is better than that of a program that has ended: the shell or the tab sets its own. */
const CLEAR = `${ESC}]2;${ESC}\\`;
/** Tabs and status lines show less. */
const LONGEST = 120;

interface TerminalTitle {
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
    leave: () => (current === null ? '' : CLEAR + POP),
  };
}

/** xterm refuses more than 100,000 bytes of base64, others less than that without saying so. */
const LONGEST_BASE64 = 74_994;

/**
 * OSC 52: asks the terminal, at the far end of however many ssh hops, to put text on its clipboard.
 * @param env read for TERM: GNU screen passes the sequence on only when wrapped in a DCS
 * @returns undefined when the text is too long
 */
export function clipboardSequence(text: string, env: NodeJS.ProcessEnv): string | undefined {
  const encoded = Buffer.from(text, 'utf8').toString('base64');
  if (encoded.length > LONGEST_BASE64) return undefined;
  const sequence = `\u001b]52;c;${encoded}\u0007`;
  const isScreen = (env.TERM ?? '').startsWith('screen') && env.TMUX === undefined;
  return isScreen ? `\u001bP${sequence}\u001b\\` : sequence;
}

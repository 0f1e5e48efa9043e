import { type DisplayStatus, STATUS_GLYPHS } from '../../domain/execution.js';

/** Colours and weights for plain output; every function returns its text unchanged where colour is off. */
export interface Style {
  readonly colored: boolean;
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
}

/**
 * Whether to colour: `--no-color` and NO_COLOR forbid it, FORCE_COLOR asks for it (`0` and `false` forbid), otherwise a
 * terminal that is not `dumb` gets it. Source: no-color.org, force-color.org.
 */
export function wantsColor(env: NodeJS.ProcessEnv, isTerminal: boolean, noColor: boolean): boolean {
  if (noColor) return false;
  const force = env.FORCE_COLOR;
  if (force !== undefined) return force !== '0' && force !== 'false';
  if (env.NO_COLOR) return false;
  return isTerminal && env.TERM !== 'dumb';
}

export function createStyle(colored: boolean): Style {
  const sgr = (on: number, off: number) => (text: string) =>
    colored && text !== '' ? `\u001b[${on}m${text}\u001b[${off}m` : text;
  return {
    colored,
    bold: sgr(1, 22),
    dim: sgr(2, 22),
    red: sgr(31, 39),
    green: sgr(32, 39),
    yellow: sgr(33, 39),
    cyan: sgr(36, 39),
  };
}

export const statusWord = (status: DisplayStatus): string => `${STATUS_GLYPHS[status]} ${status}`;

/** A text in the colour of a status. */
export function paintStatus(text: string, status: DisplayStatus, style: Style): string {
  switch (status) {
    case 'RUNNING':
      return style.cyan(text);
    case 'STALE':
      return style.yellow(text);
    case 'COMPLETED':
      return style.green(text);
    case 'FAILED':
      return style.red(text);
    case 'CANCELLED':
      return style.dim(text);
  }
}

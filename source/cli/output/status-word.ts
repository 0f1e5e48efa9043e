import { type DisplayStatus, STATUS_GLYPHS } from '../../domain/execution.js';
import type { Style } from './style.js';

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

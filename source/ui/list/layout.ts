import { PANEL_LINES, ROWS_FOR_PANEL } from '../rows/execution-panel.js';
import type { ViewId } from '../shell/views.js';
import type { TerminalSize } from '../terminal/terminal-context.js';

/** Header, tabs, state line, column heads, notice, footer. */
const FIXED_LINES = 6;
/** The summary comes only where enough rows are left. */
const ROWS_FOR_SUMMARY = 18;
/** Row of the terminal on which the tabs are. */
export const TABS_ROW = 1;
/** Header, tabs, state line and column heads come before the first execution. */
const LINES_ABOVE = 4;

/** Which lines the list has, and where its rows begin. */
export interface ListLayout {
  readonly rows: number;
  readonly hasPanel: boolean;
  readonly summaryLines: number;
  /** Row of the terminal with the first execution. */
  readonly top: number;
}

/** Divides the screen; pure, so that the model knows of its rows before they are drawn. */
export function listLayout(
  view: ViewId,
  size: TerminalSize,
  lines: { readonly hasBatch: boolean; readonly hasCondition: boolean; readonly summary: number },
): ListLayout {
  const hasPanel = size.rows >= ROWS_FOR_PANEL;
  const summaryLines = view === 'stale' && size.rows >= ROWS_FOR_SUMMARY ? Math.max(1, lines.summary) : 0;
  const above = summaryLines + (lines.hasCondition ? 1 : 0);
  const taken = FIXED_LINES + above + (hasPanel ? PANEL_LINES : 0) + (lines.hasBatch ? 1 : 0);
  return { rows: Math.max(1, size.rows - taken), hasPanel, summaryLines, top: LINES_ABOVE + above };
}

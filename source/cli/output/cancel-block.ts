import type { ExecutionId } from '../../domain/execution-id.js';
import { cancelledMessage } from '../../service/cancel/cancel-results.js';
import { visibleText } from '../../text/visible-text.js';

const RULE = '='.repeat(60);
/** Values start in column 12. */
const LABEL_WIDTH = 11;

/** The contents of one cancelled execution's block. */
export interface CancelBlock {
  readonly executionId: ExecutionId;
  readonly cancelled: readonly ExecutionId[];
  readonly reason: string | null;
}

/** The output of a cancel, to the letter (product.md, "The output of a cancel"); without the last line end. */
export function cancelBlock({ executionId, cancelled, reason }: CancelBlock): string {
  const line = (label: string, value: string) => `${label.padEnd(LABEL_WIDTH)}${value}`;
  // The one that was cancelled need not be the one that was asked for: a cascade below an ended root.
  const listed = cancelled.length > 1 || cancelled[0] !== executionId;
  return [
    '',
    RULE,
    line('Execution:', executionId),
    line('Status:', 'CANCELLED'),
    line('Cancelled:', `${cancelled.length} execution(s)`),
    line('Message:', cancelledMessage(cancelled.length)),
    ...(reason === null ? [] : [line('Reason:', visibleText(reason))]),
    ...(listed ? ['', 'Cancelled executions:', ...cancelled.map((id) => `  - ${id}`)] : []),
    RULE,
    '',
  ].join('\n');
}

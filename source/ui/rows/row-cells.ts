import { type DisplayStatus, NO_PATH } from '../../domain/execution.js';
import { visibleText } from '../../text/visible-text.js';
import { padded } from '../../text/width.js';
import { ageOf, shortTime } from '../kit/format-time.js';
import type { Column, ColumnId } from './columns.js';
import { statusWord, stopWord } from './format-status.js';
import type { ListRow } from './list-row.js';

/** Columns whose text depends on the clock; the others change with the row only. */
export const TIMED_COLUMNS: ReadonlySet<ColumnId> = new Set(['age', 'cancelled', 'run', 'status']);

/** What is not known, which is neither nothing nor 0. */
export const UNKNOWN = '–';

/** Before the code of a diagnosis that makes a cancel safe, and of one that does not; ✓ means completed. */
export const SAFE_MARK = '◇';
export const UNSAFE_MARK = '!';

const text = (value: string | null | undefined): string => (value ? visibleText(value) : UNKNOWN);

function childrenOf({ children }: ListRow): string {
  if (children === null) return UNKNOWN;
  return children.all === 0 ? '0' : `${children.live}/${children.all}`;
}

function whyOf({ diagnosis, runaway }: ListRow, status: DisplayStatus): string {
  if (status === 'RUNNING') return runaway ? `${UNSAFE_MARK} ${runaway.code}` : '';
  if (status !== 'STALE') return '';
  return diagnosis ? `${diagnosis.safe ? SAFE_MARK : UNSAFE_MARK} ${diagnosis.code}` : UNKNOWN;
}

function contentOf(row: ListRow, { id, width, zone }: Column, now: number, status: DisplayStatus): string {
  const { execution } = row;
  switch (id) {
    case 'status': {
      const { glyph, word, short } = statusWord(status);
      // More than one kind of end: the log disagrees with itself, and the details say how.
      return `${glyph} ${2 + word.length > width ? short : word}${execution.ends.length > 1 ? '!' : ''}`;
    }
    case 'stop': {
      const { glyph, word } = stopWord(row.stop);
      return `${glyph} ${word}`;
    }
    case 'id':
      return execution.executionId;
    case 'path':
      return execution.path === null ? NO_PATH : text(execution.path);
    case 'started':
      return shortTime(execution.startedAt, zone) || UNKNOWN;
    case 'run':
      return ageOf(execution.startedAt, execution.endedAt ?? now) || UNKNOWN;
    case 'step':
      return text(row.currentStep);
    case 'event':
      return text(execution.lastEvent.type);
    case 'age':
      return status === 'RUNNING' || status === 'STALE'
        ? ageOf(execution.lastEvent.at, now)
        : ageOf(execution.endedAt ?? execution.lastEvent.at, now);
    case 'children':
      return childrenOf(row);
    case 'worker':
      return text(row.workerId);
    case 'why':
      return whyOf(row, status);
    case 'evidence':
      return row.runaway ? `${row.runaway.code}: ${visibleText(row.runaway.evidence.sentence)}` : UNKNOWN;
    case 'cancelled':
      return ageOf(row.cancellation?.at ?? execution.endedAt, now) || UNKNOWN;
    case 'by':
      return text(row.cancellation?.cancelledBy);
    case 'reason':
      return row.cancellation?.reason === null ? '' : text(row.cancellation?.reason);
  }
}

/** One cell, exactly as wide as its column. A path keeps its end, where playbooks differ. */
export function cellText(row: ListRow, column: Column, now: number, status: DisplayStatus): string {
  return padded(contentOf(row, column, now, status), column.width, {
    keep: column.id === 'path' ? 'end' : 'start',
    align: column.align,
  });
}

import { matchesGlob } from '../../text/glob.js';
import type { ListClock, ListRow } from '../../ui/rows/list-row.js';
import { displayStatus, silentFor } from '../execution.js';
import type { Filter, FilterTerm } from './filter.js';

const has = (value: string | null | undefined, text: string): boolean => value?.toLowerCase().includes(text) === true;
const globs = (glob: string, value: string | null | undefined): boolean =>
  value !== null && value !== undefined && matchesGlob(glob, value);
const compares = (sign: '<' | '>', value: number, limit: number): boolean =>
  sign === '>' ? value > limit : value < limit;

function holds(term: FilterTerm, row: ListRow, clock: ListClock): boolean {
  const { execution } = row;
  switch (term.kind) {
    case 'text':
      return (
        execution.executionId.includes(term.text) ||
        has(execution.path, term.text) ||
        has(row.currentStep, term.text) ||
        has(row.workerId, term.text) ||
        has(row.cancellation?.reason, term.text)
      );
    case 'status':
      return displayStatus(execution, clock.now, clock.staleAfterMs) === term.status;
    case 'path':
      return globs(term.glob, execution.path);
    case 'worker':
      return globs(term.glob, row.workerId);
    case 'step':
      return globs(term.glob, row.currentStep);
    case 'why':
      return globs(term.glob, row.diagnosis?.code) || globs(term.glob, row.runaway?.code);
    case 'cohort':
      return globs(term.glob, row.diagnosis?.evidence.cohort);
    case 'reason':
      return globs(term.glob, row.cancellation?.reason);
    case 'by':
      return globs(term.glob, row.cancellation?.cancelledBy);
    case 'parent':
      return execution.parentExecutionId === term.id;
    case 'id':
      return execution.executionId === term.id;
    case 'age':
      return compares(term.sign, silentFor(execution, clock.now), term.ms);
    case 'run':
      return execution.startedAt !== null && compares(term.sign, clock.now - execution.startedAt, term.ms);
  }
}

/** Whether a row passes a filter at a moment. */
export function passes(filter: Filter, row: ListRow, clock: ListClock): boolean {
  for (const word of filter) if (holds(word.term, row, clock) === word.not) return false;
  return true;
}

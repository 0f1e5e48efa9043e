import { matchesGlob } from '../../text/glob.js';
import { displayStatus, type EpochMs, type Execution, silentFor } from '../execution.js';
import type { Filter, FilterTerm } from './filter.js';

/** What a filter looks at: an execution, and what is known beside its row; absent or null matches no term. */
export interface ExecutionFacts {
  readonly execution: Execution;
  readonly currentStep: string | null;
  readonly workerId: string | null;
  readonly diagnosis: { readonly code: string; readonly evidence: { readonly cohort: string | null } } | null;
  readonly runaway?: { readonly code: string };
  readonly cancellation?: { readonly reason: string | null; readonly cancelledBy: string | null };
}

/** The database's time, and from when on silence is staleness (milliseconds). */
export interface FilterClock {
  readonly now: EpochMs;
  readonly staleAfterMs: number;
}

const has = (value: string | null | undefined, text: string): boolean => value?.toLowerCase().includes(text) === true;
const globs = (glob: string, value: string | null | undefined): boolean =>
  value !== null && value !== undefined && matchesGlob(glob, value);
const compares = (sign: '<' | '>', value: number, limit: number): boolean =>
  sign === '>' ? value > limit : value < limit;

function holds(term: FilterTerm, facts: ExecutionFacts, clock: FilterClock): boolean {
  const { execution } = facts;
  switch (term.kind) {
    case 'text':
      return (
        execution.executionId.includes(term.text) ||
        has(execution.path, term.text) ||
        has(facts.currentStep, term.text) ||
        has(facts.workerId, term.text) ||
        has(facts.cancellation?.reason, term.text)
      );
    case 'status':
      return displayStatus(execution, clock.now, clock.staleAfterMs) === term.status;
    case 'path':
      return globs(term.glob, execution.path);
    case 'worker':
      return globs(term.glob, facts.workerId);
    case 'step':
      return globs(term.glob, facts.currentStep);
    case 'why':
      return globs(term.glob, facts.diagnosis?.code) || globs(term.glob, facts.runaway?.code);
    case 'cohort':
      return globs(term.glob, facts.diagnosis?.evidence.cohort);
    case 'reason':
      return globs(term.glob, facts.cancellation?.reason);
    case 'by':
      return globs(term.glob, facts.cancellation?.cancelledBy);
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

/** Whether an execution passes a filter at a moment. */
export function passes(filter: Filter, facts: ExecutionFacts, clock: FilterClock): boolean {
  for (const word of filter) if (holds(word.term, facts, clock) === word.not) return false;
  return true;
}

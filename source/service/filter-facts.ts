import { displayStatus, type EpochMs, type Execution } from '../domain/execution.js';
import type { ExecutionId } from '../domain/execution-id.js';
import { type ExecutionFacts, type Filter, type FilterTerm, passes } from '../domain/filter.js';
import type { Runaway } from '../domain/runaway/facts.js';
import type { Diagnosis } from '../domain/staleness/staleness-types.js';
import type { ExecutionsAsOf } from '../store/event-store.js';
import type { Services } from './use-cases.js';

export type FactSources = Pick<Services, 'store' | 'diagnose' | 'runaway'>;

/** An execution, and what was read about it: what a table shows beside the row. */
export interface KnownExecution {
  readonly execution: Execution;
  readonly diagnosis: Diagnosis | null;
  readonly runaway: Runaway | null;
}

export interface FilterReading {
  readonly staleAfterMs: number;
  readonly signal?: AbortSignal;
}

/** The newest cancellations whose reason and author a filter can ask about. */
const CANCELLATIONS_READ = 10_000;
const COSTLY: ReadonlySet<FilterTerm['kind']> = new Set(['why', 'cohort', 'reason', 'by']);

/** Whether a filter has a term of this kind. */
export const asksFor = (filter: Filter, ...kinds: FilterTerm['kind'][]): boolean =>
  filter.some(({ term }) => kinds.includes(term.kind));

/** What a filter sees of an execution in a list: the step and the worker are those of its newest event. */
export const factsOf = (
  execution: Execution,
  known: Partial<Pick<ExecutionFacts, 'diagnosis' | 'runaway' | 'cancellation'>> = {},
): ExecutionFacts => ({
  execution,
  currentStep: execution.lastEvent.node === execution.path ? null : execution.lastEvent.node,
  workerId: execution.lastEvent.workerId,
  diagnosis: null,
  ...known,
});

/**
 * The executions that pass a filter. What stands in their rows is asked first; diagnoses, runaways and cancellations are
 * read for those that are left, and only where the filter has a term for them.
 */
export async function filterExecutions(
  { store, diagnose, runaway }: FactSources,
  filter: Filter,
  { executions, asOf }: ExecutionsAsOf,
  { staleAfterMs, signal }: FilterReading,
): Promise<KnownExecution[]> {
  const clock = { now: asOf, staleAfterMs };
  const cheap = filter.filter(({ term }) => !COSTLY.has(term.kind));
  // A word may stand in the reason of a cancel too, which has not been read yet.
  const ofCancelled = cheap.filter(({ term }) => term.kind !== 'text');
  const left = executions.filter((execution) =>
    passes(execution.status === 'CANCELLED' ? ofCancelled : cheap, factsOf(execution), clock),
  );
  const idsOf = (status: string) =>
    left.flatMap((each) => (displayStatus(each, asOf, staleAfterMs) === status ? each.executionId : []));
  const [stale, running] = [idsOf('STALE'), idsOf('RUNNING')];
  const asksWhy = asksFor(filter, 'why', 'cohort') && stale.length > 0;
  const asksRunaway = asksFor(filter, 'why') && running.length > 0;
  const cancelled = asksFor(filter, 'text', 'reason', 'by') ? left.filter(({ status }) => status === 'CANCELLED') : [];
  const [diagnoses, runaways, cancellations] = await Promise.all([
    asksWhy ? diagnose.diagnoseMany(stale, { olderThanMs: staleAfterMs, signal }) : new Map<ExecutionId, Diagnosis>(),
    asksRunaway ? runaway.find({ staleAfterMs, signal, active: { executions: left, asOf } }) : { found: [] },
    cancelled.length === 0 ? [] : store.recentCancellations(CANCELLATIONS_READ, { signal, since: oldest(cancelled) }),
  ]);
  const runawayOf = new Map(runaways.found.map((each) => [each.runaway.executionId, each.runaway]));
  const cancelOf = new Map(cancellations.map((each) => [each.executionId, each]));
  return left.flatMap((execution) => {
    const id = execution.executionId;
    const known = { diagnosis: diagnoses.get(id) ?? null, runaway: runawayOf.get(id) ?? null };
    const cancellation = execution.status === 'CANCELLED' ? cancelOf.get(id) : undefined;
    const facts = factsOf(execution, {
      diagnosis: known.diagnosis,
      runaway: known.runaway ?? undefined,
      cancellation,
    });
    return passes(filter, facts, clock) ? [{ execution, ...known }] : [];
  });
}

/** No cancel of these was written before the first of them began. */
const oldest = (executions: readonly Execution[]): EpochMs =>
  executions.reduce((least, { startedAt, lastEvent }) => Math.min(least, startedAt ?? lastEvent.at), Date.now());

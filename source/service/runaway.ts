import type { EpochMs, Execution } from '../domain/execution.js';
import type { ExecutionId } from '../domain/execution-id.js';
import { DEFAULT_STALE_AFTER_MS, isSilent } from '../domain/execution-status.js';
import { judgeRunaway } from '../domain/runaway/decide.js';
import {
  DEFAULT_RUNAWAY_THRESHOLDS,
  RUNAWAY_CODES,
  type Runaway,
  type RunawayCode,
  type RunawayThresholds,
  type UsualRunTime,
} from '../domain/runaway/facts.js';
import type { EventStore } from '../store/event-store.js';
import { Baselines } from './runaway-baselines.js';

export type RunawayStore = Pick<
  EventStore,
  'activeExecutions' | 'executionsById' | 'behaviours' | 'runsOfPaths' | 'runsLike' | 'eventPace'
>;

/** A running execution that behaves unlike its playbook, and how. */
export interface RunawayExecution {
  readonly execution: Execution;
  readonly runaway: Runaway;
}

/** What runs away at a moment, with its counts. */
export interface RunawayReport {
  /** In the order of RUNAWAY_CODES, the most extreme of each first. */
  readonly found: readonly RunawayExecution[];
  /** How many running executions were looked at. */
  readonly examined: number;
  readonly byCode: ReadonlyMap<RunawayCode, number>;
  readonly asOf: EpochMs;
}

export interface RunawayOptions {
  readonly thresholds?: Partial<RunawayThresholds>;
  /** Silent for longer is stale and not looked at; milliseconds, 10 minutes unless given. */
  readonly staleAfterMs?: number;
  /** Which of the running executions are asked about; all unless given. */
  readonly wanted?: (execution: Execution) => boolean;
  /** Spares the reading of all executions that have not ended where the caller has just read them. */
  readonly active?: { readonly executions: Iterable<Execution>; readonly asOf: EpochMs };
  readonly signal?: AbortSignal;
  readonly polling?: boolean;
}

export interface RunawayService {
  /** The running, not silent executions that behave unlike their playbook. */
  find(options?: RunawayOptions): Promise<RunawayReport>;
  /** Reads ahead, for a few executions, what `usualRunTime` and `find` will need of their playbooks; once each. */
  lookAhead(ids: readonly ExecutionId[], options?: Pick<RunawayOptions, 'signal' | 'polling'>): Promise<void>;
  /** How long runs of a playbook usually take; null without a run that ended. From the same baseline. */
  usualRunTime(path: string, options?: Pick<RunawayOptions, 'signal' | 'polling'>): Promise<UsualRunTime | null>;
}

/**
 * Newest rows of each kind that are counted of a running execution: one of 200,000 events costs what one of 60,000
 * does, and its evidence says "at least".
 */
const CAP = 20_000;
const MINUTE_MS = 60_000;

/** Finds runaways: reads what running executions did and how their playbooks' last runs behaved; domain/runaway decides. */
export function createRunawayService(store: RunawayStore): RunawayService {
  const baselines = new Baselines(store);
  return {
    async find(options = {}) {
      const { signal, polling, staleAfterMs = DEFAULT_STALE_AFTER_MS, wanted = () => true } = options;
      const reading = { signal, polling };
      const thresholds = { ...DEFAULT_RUNAWAY_THRESHOLDS, ...options.thresholds };
      const { executions, asOf } = options.active ?? (await store.activeExecutions(reading));
      const running = [...executions].filter(
        (execution) =>
          execution.status === 'RUNNING' && !isSilent(execution.lastEvent.at, asOf, staleAfterMs) && wanted(execution),
      );
      // At once, as neither needs the other: a database 50 ms away is waited for once less.
      const [behaviours, usual] = await Promise.all([
        store.behaviours(
          running.map(({ executionId }) => executionId),
          { cap: CAP, minAttempts: thresholds.minAttempts },
          reading,
        ),
        baselines.of(
          running.flatMap(({ path }) => path ?? []),
          reading,
        ),
      ]);
      const found = running.flatMap((execution): RunawayExecution[] => {
        const behaviour = behaviours.get(execution.executionId);
        if (!behaviour) return [];
        const baseline = execution.path === null ? null : (usual.get(execution.path) ?? null);
        const { executionId, startedAt } = execution;
        const runaway = judgeRunaway({ executionId, startedAt, ...behaviour }, baseline, asOf, thresholds);
        return runaway ? [{ execution, runaway }] : [];
      });
      const paced = await withRates(store, found, asOf, reading);
      const byCode = new Map<RunawayCode, number>();
      for (const { runaway } of paced) byCode.set(runaway.code, (byCode.get(runaway.code) ?? 0) + 1);
      return { found: mostExtremeFirst(paced), examined: running.length, byCode, asOf };
    },

    lookAhead: (ids, options = {}) => baselines.lookAhead(ids, options),

    usualRunTime: async (path, options = {}) => (await baselines.of([path], options)).get(path) ?? null,
  };
}

/** Those without a rate of their own get that of their newest events. */
async function withRates(
  store: Pick<RunawayStore, 'eventPace'>,
  found: readonly RunawayExecution[],
  now: EpochMs,
  reading: { signal?: AbortSignal; polling?: boolean },
): Promise<RunawayExecution[]> {
  const open: ExecutionId[] = found.flatMap(({ runaway }) => (runaway.rate === null ? runaway.executionId : []));
  const paces = open.length === 0 ? new Map() : await store.eventPace(open, reading);
  return found.map(({ execution, runaway }) => {
    const pace = paces.get(runaway.executionId);
    if (runaway.rate !== null || !pace || now <= pace.since) return { execution, runaway };
    const perMinute = pace.events / ((now - pace.since) / MINUTE_MS);
    return { execution, runaway: { ...runaway, rate: { perMinute, of: 'events' } } };
  });
}

const mostExtremeFirst = (found: readonly RunawayExecution[]): RunawayExecution[] =>
  [...found].sort(
    ({ runaway: a }, { runaway: b }) =>
      RUNAWAY_CODES.indexOf(a.code) - RUNAWAY_CODES.indexOf(b.code) || b.evidence.observed - a.evidence.observed,
  );

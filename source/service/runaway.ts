import type { EpochMs, Execution } from '../domain/execution.js';
import type { ExecutionId } from '../domain/execution-id.js';
import { DEFAULT_STALE_AFTER_MS, isSilent } from '../domain/execution-status.js';
import { judgeRunaway } from '../domain/runaway/decide.js';
import {
  BASELINE_RUNS,
  type Baseline,
  type Behaviour,
  DEFAULT_RUNAWAY_THRESHOLDS,
  percentile,
  RUNAWAY_CODES,
  type Runaway,
  type RunawayCode,
  type RunawayThresholds,
  type UsualRunTime,
} from '../domain/runaway/facts.js';
import type { EventStore, ReadOptions } from '../store/event-store.js';

export type RunawayStore = Pick<
  EventStore,
  'activeExecutions' | 'executionsById' | 'behaviours' | 'runsOfPaths' | 'eventPace'
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

/** Starts that are looked at for BASELINE_RUNS ends: some runs have not ended, and cancelled ones do not count. */
const STARTS_READ = 2 * BASELINE_RUNS;
/** Rows counted of one baseline run; a longer one makes its playbook's counts unknown. */
const BASELINE_CAP = 5000;
/** The starts of two playbooks. */
const FEW_RUNS = 2 * STARTS_READ;
/** A baseline lasts for a session; a server's session is long, so it is read again after this. */
const LASTS_MS = 3_600_000;
/** Paths that are remembered, oldest forgotten first. */
const MOST_PATHS = 5000;

/** How playbooks usually behave, read once a session and path. */
class Baselines {
  readonly #known = new Map<string, { readonly baseline: Baseline | null; readonly readAt: number }>();

  constructor(
    private readonly store: Pick<RunawayStore, 'runsOfPaths' | 'executionsById' | 'behaviours'>,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** The baselines of these paths; null where a playbook has no run that ended. */
  async of(paths: Iterable<string>, options: ReadOptions = {}): Promise<ReadonlyMap<string, Baseline | null>> {
    const wanted = [...new Set(paths)];
    const isFresh = (path: string) => {
      const known = this.#known.get(path);
      return known !== undefined && this.now() - known.readAt < LASTS_MS;
    };
    const unread = wanted.filter((path) => !isFresh(path));
    if (unread.length > 0) {
      const read = await this.#read(unread, options);
      for (const path of unread) {
        this.#known.delete(path);
        this.#known.set(path, { baseline: read.get(path) ?? null, readAt: this.now() });
      }
    }
    const found = new Map(wanted.map((path) => [path, this.#known.get(path)?.baseline ?? null]));
    for (const path of this.#known.keys()) {
      if (this.#known.size <= MOST_PATHS) break;
      this.#known.delete(path);
    }
    return found;
  }

  async #read(paths: readonly string[], options: ReadOptions): Promise<ReadonlyMap<string, Baseline>> {
    const starts = await this.store.runsOfPaths(paths, STARTS_READ, options);
    const ids = [...starts.values()].flat();
    if (ids.length === 0) return new Map();
    const counting = { cap: BASELINE_CAP, minAttempts: null };
    // Of few runs, those that turn out not to count are read too: less than the round trip that it saves.
    const few = ids.length <= FEW_RUNS ? this.store.behaviours(ids, counting, options) : null;
    const [{ executions }, early] = await Promise.all([this.store.executionsById(ids, options), few]);
    const byPath = new Map<string, Execution[]>();
    for (const execution of executions) {
      if (!hasEndedUncancelled(execution) || execution.path === null) continue;
      byPath.set(execution.path, [...(byPath.get(execution.path) ?? []), execution]);
    }
    const chosen = new Map([...byPath].map(([path, runs]) => [path, newestEnds(runs)]));
    const chosenIds = [...chosen.values()].flat().map(({ executionId }) => executionId);
    const behaviours = early ?? (await this.store.behaviours(chosenIds, counting, options));
    return new Map([...chosen].map(([path, runs]) => [path, baselineOf(runs, behaviours)]));
  }
}

/**
 * A run that was cancelled says nothing of what is usual, and one runaway that was cancelled must not hide the next.
 */
const hasEndedUncancelled = ({ status, ends }: Execution): boolean =>
  (status === 'COMPLETED' || status === 'FAILED') && !ends.includes('CANCELLED');

const newestEnds = (runs: readonly Execution[]): Execution[] =>
  [...runs].sort((a, b) => (b.endedAt ?? 0) - (a.endedAt ?? 0)).slice(0, BASELINE_RUNS);

function baselineOf(runs: readonly Execution[], behaviours: ReadonlyMap<string, Behaviour>): Baseline {
  const issues = new Map<string, number>();
  const found = runs.flatMap(({ executionId }) => behaviours.get(executionId) ?? []);
  for (const { steps } of found) {
    for (const { node, issued } of steps) issues.set(node ?? '', Math.max(issued, issues.get(node ?? '') ?? 0));
  }
  const durations = runs.flatMap(({ startedAt, endedAt }) =>
    startedAt === null || endedAt === null ? [] : [Math.max(0, endedAt - startedAt)],
  );
  return {
    runs: runs.length,
    issues,
    areIssuesCapped: found.some(({ areStepsCapped }) => areStepsCapped),
    children: found.reduce((most, { children }) => Math.max(most, children.count), 0),
    areChildrenCapped: found.some(({ children }) => children.isCapped),
    medianMs: percentile(durations, 0.5),
    p95Ms: percentile(durations, 0.95),
  };
}

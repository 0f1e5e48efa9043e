import type { Execution } from '../domain/execution.js';
import type { ExecutionId } from '../domain/execution-id.js';
import { BASELINE_RUNS, type Baseline, type Behaviour, percentile } from '../domain/runaway/facts.js';
import type { EventStore, ReadOptions } from '../store/event-store.js';

/** Starts that are looked at for BASELINE_RUNS ends: some runs have not ended, and cancelled ones do not count. */
const STARTS_READ = 2 * BASELINE_RUNS;
/** Rows counted of one baseline run; a longer one makes its playbook's counts unknown. */
const CAP = 5000;
/** The starts of two playbooks. */
const FEW_RUNS = 2 * STARTS_READ;
/** Executions whose playbooks are looked for ahead of being asked about. */
const LOOKED_AHEAD = 10;
/** A baseline lasts for a session; a server's session is long, so it is read again after this. */
const LASTS_MS = 3_600_000;
/** Paths that are remembered, oldest forgotten first. */
const MOST_PATHS = 5000;

/** How playbooks usually behave, read once a session and path. */
export class Baselines {
  /** Runs that were read before they were asked for. */
  readonly #ahead = new Map<string, readonly ExecutionId[]>();
  /** Executions whose playbooks' runs were read ahead. */
  readonly #seen = new Set<ExecutionId>();
  readonly #known = new Map<string, { readonly baseline: Baseline | null; readonly readAt: number }>();

  constructor(
    private readonly store: Pick<EventStore, 'runsOfPaths' | 'runsLike' | 'executionsById' | 'behaviours'>,
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

  /**
   * Reads the runs of these executions' playbooks while the executions themselves are read: what is asked of their paths
   * afterwards waits for an answer less. Each execution once; of many, or where that is not possible, nothing.
   */
  async lookAhead(ids: readonly ExecutionId[], options: ReadOptions): Promise<void> {
    const wanted = ids.filter((id) => !this.#seen.has(id));
    if (wanted.length === 0 || wanted.length > LOOKED_AHEAD) return;
    if (this.#seen.size > MOST_PATHS) this.#seen.clear();
    for (const id of wanted) this.#seen.add(id);
    for (const [path, runs] of await this.store.runsLike(wanted, STARTS_READ, options)) this.#ahead.set(path, runs);
  }

  async #runsOf(paths: readonly string[], options: ReadOptions): Promise<ReadonlyMap<string, readonly ExecutionId[]>> {
    const ahead = new Map(
      paths.flatMap((path): [string, readonly ExecutionId[]][] => {
        const runs = this.#ahead.get(path);
        return runs ? [[path, runs]] : [];
      }),
    );
    this.#ahead.clear();
    const rest = paths.filter((path) => !ahead.has(path));
    return rest.length === 0
      ? ahead
      : new Map([...ahead, ...(await this.store.runsOfPaths(rest, STARTS_READ, options))]);
  }

  async #read(paths: readonly string[], options: ReadOptions): Promise<ReadonlyMap<string, Baseline>> {
    const starts = await this.#runsOf(paths, options);
    const ids = [...starts.values()].flat();
    if (ids.length === 0) return new Map();
    const counting = { cap: CAP, minAttempts: null };
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

import type { EpochMs, Execution } from '../../domain/execution.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import { isSilent } from '../../domain/execution-status.js';
import type { Diagnosis } from '../../domain/staleness/staleness-types.js';
import type { FeedState } from './feed-state.js';

const DIAGNOSE_MS = 15_000;
/** Diagnosing may use at most 5 % of wall time, however large the database. */
const SHARE = 20;
/** Stale executions diagnosed in one go, the longest silent last to be dropped. */
const DIAGNOSE_MOST = 20_000;

/** Why executions are stale by the threshold in force. */
export type Diagnose = (
  ids: readonly ExecutionId[],
  known: {
    readonly olderThanMs: number;
    readonly active: { readonly executions: Iterable<Execution>; readonly asOf: EpochMs };
    readonly signal: AbortSignal;
  },
) => Promise<ReadonlyMap<ExecutionId, Diagnosis>>;

/** Keeps the diagnoses of a feed's stale rows up to date. */
export class FeedDiagnosis {
  #due = 0;

  constructor(
    private readonly state: FeedState,
    private readonly diagnose: Diagnose | undefined,
  ) {}

  /** The next call diagnoses, however short ago the last one was. */
  expire(): void {
    this.#due = 0;
  }

  /** True when a diagnosis has changed. */
  async next(asOf: EpochMs, staleAfterMs: number, signal: AbortSignal): Promise<boolean> {
    if (!this.diagnose || Date.now() < this.#due) return false;
    const begun = Date.now();
    const running: Execution[] = [];
    const stale: Execution[] = [];
    for (const { execution } of this.state.rows.values()) {
      if (execution.status !== 'RUNNING') continue;
      running.push(execution);
      if (isSilent(execution.lastEvent.at, asOf, staleAfterMs)) stale.push(execution);
    }
    const asked = stale.slice(0, DIAGNOSE_MOST);
    const ids = asked.map(({ executionId }) => executionId);
    const active = { executions: running, asOf };
    const found = await this.diagnose(ids, { olderThanMs: staleAfterMs, active, signal });
    let changed = false;
    // What could not be diagnosed, on a shard that is away, is not safe because it once was.
    for (const execution of asked) {
      const id = execution.executionId;
      // It moved while the diagnosis was made: what was said of it holds no more.
      if (this.state.rows.get(id)?.execution !== execution) continue;
      changed = this.state.setDiagnosis(id, found.get(id) ?? null) || changed;
    }
    this.#due = Date.now() + Math.max(DIAGNOSE_MS, (Date.now() - begun) * SHARE);
    return changed;
  }
}

import type { EpochMs, Execution } from '../../domain/execution.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import { isSilent } from '../../domain/execution-status.js';
import type { Diagnosis } from '../../domain/staleness/staleness-types.js';
import type { FeedState } from './feed-state.js';

/** Stale executions diagnosed in one go, the longest silent last to be dropped. */
const DIAGNOSE_MOST = 20_000;

/** Why executions are stale by a threshold. */
export type DiagnoseMany = (
  ids: readonly ExecutionId[],
  known: {
    readonly olderThanMs: number;
    readonly active: { readonly executions: Iterable<Execution>; readonly asOf: EpochMs };
    readonly signal: AbortSignal;
  },
) => Promise<ReadonlyMap<ExecutionId, Diagnosis>>;

/** Diagnoses what is stale among a feed's rows; true when a row changed by it. */
export async function diagnoseRows(
  state: FeedState,
  diagnose: DiagnoseMany,
  { asOf, olderThanMs, signal }: { asOf: EpochMs; olderThanMs: number; signal: AbortSignal },
): Promise<boolean> {
  const running: Execution[] = [];
  const stale: ExecutionId[] = [];
  for (const { execution } of state.rows.values()) {
    if (execution.status !== 'RUNNING') continue;
    running.push(execution);
    if (isSilent(execution.lastEvent.at, asOf, olderThanMs)) stale.push(execution.executionId);
  }
  const active = { executions: running, asOf };
  const found = await diagnose(stale.slice(0, DIAGNOSE_MOST), { olderThanMs, active, signal });
  // What could not be diagnosed, on a shard that is away, is not safe because it once was.
  return stale.map((id) => state.setDiagnosis(id, found.get(id) ?? null)).includes(true);
}

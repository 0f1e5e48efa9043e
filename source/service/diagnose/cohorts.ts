import type { ExecutionId } from '../../domain/execution-id.js';
import type { BulkLoad } from '../../domain/staleness/stale-facts.js';
import type { ReadOptions } from '../../store/event-store.js';
import type { Ingest, RecordedFacts, StaleFactsReader } from '../../store/stale-facts/reader.js';

/**
 * Which executions were bulk-loaded: their rows were written long after their own time, at an ingest_time that another
 * execution shares to the microsecond. Mostly the other one is among those read; where it is not, its rows are looked
 * for near by.
 */
export async function bulkLoads(
  store: Pick<StaleFactsReader, 'loadedWithNeighbours'>,
  facts: ReadonlyMap<ExecutionId, RecordedFacts>,
  lagMs: number,
  reading: ReadOptions,
): Promise<ReadonlyMap<ExecutionId, BulkLoad>> {
  const cohorts = new Map<string, { executionId: ExecutionId; ingest: Ingest }[]>();
  for (const [executionId, { ingest }] of facts) {
    if (!ingest || ingest.lagMs < lagMs) continue;
    const cohort = cohorts.get(ingest.ingestTime);
    if (cohort) cohort.push({ executionId, ingest });
    else cohorts.set(ingest.ingestTime, [{ executionId, ingest }]);
  }
  const alone = [...cohorts.values()].filter((cohort) => cohort.length === 1).flat();
  const accompanied =
    alone.length === 0
      ? new Set<ExecutionId>()
      : await store.loadedWithNeighbours(
          alone.map(({ executionId, ingest }) => ({ executionId, ...ingest })),
          reading,
        );
  const loads = new Map<ExecutionId, BulkLoad>();
  for (const cohort of cohorts.values()) {
    for (const { executionId, ingest } of cohort) {
      const others = cohort.length > 1 ? cohort.length - 1 : accompanied.has(executionId) ? 1 : 0;
      if (others === 0) continue;
      loads.set(executionId, { ingestTime: ingest.ingestTime, at: ingest.at, lagMs: ingest.lagMs, others });
    }
  }
  return loads;
}

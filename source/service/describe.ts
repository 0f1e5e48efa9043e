import { displayStatus, type EpochMs, type Execution } from '../domain/execution.js';
import type { ExecutionId } from '../domain/execution-id.js';
import type { Failure, RuntimeRow } from '../domain/staleness/stale-facts.js';
import type { Diagnosis } from '../domain/staleness/staleness-types.js';
import { StoreError } from '../store/errors.js';
import type { EventStore, ReadOptions } from '../store/event-store.js';
import type { DiagnoseService } from './diagnose/diagnose.js';

/** What an operator asks of one execution (product.md, "One execution"). */
export interface ExecutionDescription {
  readonly execution: Execution;
  /** The database's clock at the read. */
  readonly asOf: EpochMs;
  /** From the start to the end, or to now; milliseconds. Null where no start is known. */
  readonly runMs: number | null;
  /** Null where it has none, or one without rows here. */
  readonly parent: Pick<Execution, 'executionId' | 'status'> | null;
  readonly children: { readonly all: number; readonly live: number };
  /** Who wrote the last event, and when it was last heard of; null where no worker is named. */
  readonly worker: {
    readonly name: string;
    readonly heartbeatAt: EpochMs | null;
    readonly status: string | null;
  } | null;
  readonly firstError: Failure | null;
  /** Null unless it is stale. */
  readonly diagnosis: Diagnosis | null;
  /** The usual run time of its playbook, milliseconds; null where no baseline is known. */
  readonly usualRunMs: number | null;
}

/** Describes these executions; those without rows are absent. */
export async function describeExecutions(
  store: EventStore,
  diagnose: DiagnoseService,
  ids: readonly ExecutionId[],
  options: ReadOptions & { readonly staleAfterMs: number },
): Promise<ReadonlyMap<ExecutionId, ExecutionDescription>> {
  const { staleAfterMs, ...reading } = options;
  const { executions, asOf } = await store.executionsById(ids, reading);
  const found = executions.map((execution) => execution.executionId);
  const stale = executions.filter((execution) => displayStatus(execution, asOf, staleAfterMs) === 'STALE');
  const parentIds = executions.flatMap(({ parentExecutionId }) => parentExecutionId ?? []);
  const parents = parentIds.length === 0 ? [] : (await store.executionsById(parentIds, reading)).executions;
  const parentOf = new Map(parents.map((parent) => [parent.executionId, parent]));
  const children = await store.childCounts(found, reading);
  const workers = executions.some(({ lastEvent }) => lastEvent.workerId !== null) ? await readable(store, reading) : [];
  const diagnoses = await diagnose.diagnoseMany(
    stale.map((execution) => execution.executionId),
    { olderThanMs: staleAfterMs, signal: reading.signal },
  );
  const described = new Map<ExecutionId, ExecutionDescription>();
  for (const execution of executions) {
    const { executionId, startedAt, endedAt, lastEvent, parentExecutionId } = execution;
    described.set(executionId, {
      execution,
      asOf,
      runMs: startedAt === null ? null : Math.max(0, (endedAt ?? asOf) - startedAt),
      parent: parentOf.get(parentExecutionId ?? '') ?? null,
      children: children.get(executionId) ?? { all: 0, live: 0 },
      worker: lastEvent.workerId === null ? null : workerOf(lastEvent.workerId, workers),
      firstError: await store.firstErrorOf(executionId, reading),
      diagnosis: diagnoses.get(executionId) ?? null,
      usualRunMs: null,
    });
  }
  return described;
}

function workerOf(name: string, rows: readonly RuntimeRow[]): ExecutionDescription['worker'] {
  const own = rows.filter((row) => row.name === name).sort((a, b) => (b.heartbeatAt ?? 0) - (a.heartbeatAt ?? 0))[0];
  return { name, heartbeatAt: own?.heartbeatAt ?? null, status: own?.status ?? null };
}

/** A user who may not read noetl.runtime still gets the rest. */
async function readable(store: EventStore, reading: ReadOptions): Promise<RuntimeRow[]> {
  const rows = await store.workers(reading).catch((error: unknown) => {
    if (error instanceof StoreError && !error.retryable) return null;
    throw error;
  });
  return rows ?? [];
}

import { type CurrentCommand, currentCommand } from '../domain/command-state.js';
import { type DisplayStatus, displayStatus, type EpochMs, type Execution } from '../domain/execution.js';
import type { ExecutionId } from '../domain/execution-id.js';
import type { Runaway, UsualRunTime } from '../domain/runaway/facts.js';
import {
  DEFAULT_THRESHOLDS,
  type Failure,
  heartbeatsOf,
  isOffline,
  type RuntimeRow,
} from '../domain/staleness/stale-facts.js';
import type { Diagnosis } from '../domain/staleness/staleness-types.js';
import type { StopState } from '../domain/stopping/stopping.js';
import { livenessOf } from '../domain/worker-liveness.js';
import type { ChildStatuses } from '../store/details/types.js';
import { StoreError } from '../store/errors.js';
import type { CancellationRecord, EventStore, ReadOptions, Unread } from '../store/event-store.js';
import type { DiagnoseService } from './diagnose/diagnose.js';
import type { FollowService } from './follow/follow.js';
import type { RunawayService } from './runaway.js';

/** The worker of the current command, else the writer of the last event. */
export interface DescribedWorker {
  readonly name: string;
  /** Null where noetl.runtime has no row of that name, or no heartbeat in it, or may not be read. */
  readonly heartbeatAt: EpochMs | null;
  readonly status: string | null;
  /** Alive, gone, or not known. Source: event-store.md, "Tables" (noetl.runtime). */
  readonly liveness: 'alive' | 'lost' | 'unknown';
}

/** What an operator asks of one execution (product.md, "One execution"). */
export interface ExecutionDescription {
  readonly execution: Execution;
  /** The database's clock at the read. */
  readonly asOf: EpochMs;
  readonly status: DisplayStatus;
  /** Running since its start, ended since its end, stale since its last event; null where no start is known. */
  readonly since: EpochMs | null;
  /** From the start to the end, or to now; milliseconds. Null where no start is known. */
  readonly runMs: number | null;
  /** How long runs of its playbook usually take; null without a baseline. */
  readonly usual: UsualRunTime | null;
  /** Null where it has none, or one without rows here. */
  readonly parent: {
    readonly executionId: ExecutionId;
    readonly path: string | null;
    readonly status: DisplayStatus;
  } | null;
  readonly children: ChildStatuses;
  /** The step that it is at, or was at last; null where no command and no step is known. */
  readonly step: string | null;
  readonly command: CurrentCommand | null;
  /** Null where no worker is named. */
  readonly worker: DescribedWorker | null;
  readonly firstError: Failure | null;
  /** Null unless it is stale. */
  readonly diagnosis: Diagnosis | null;
  /** How it runs away; null unless it is running and does. */
  readonly runaway: Runaway | null;
  /** The cancel in its log, also where it ended otherwise; `stop` is null where the log does not say. */
  readonly cancellation: { readonly record: CancellationRecord; readonly stop: StopState | null } | null;
}

export interface DescribeSources {
  readonly store: Pick<EventStore, 'executionsById' | 'executionDetails' | 'workers'>;
  readonly diagnose: Pick<DiagnoseService, 'diagnoseMany'>;
  readonly follow: Pick<FollowService, 'look'>;
  readonly runaway: Pick<RunawayService, 'find' | 'usualRunTime' | 'lookAhead'>;
}

export interface DescribeService {
  /** Describes these executions, a few at a time; those without rows are absent. Throws StoreError where none could be read. */
  describe(
    ids: readonly ExecutionId[],
    options: ReadOptions & { readonly staleAfterMs: number },
  ): Promise<Descriptions>;
}

/** `unread` are those on a shard that did not answer. */
export type Descriptions = ReadonlyMap<ExecutionId, ExecutionDescription> & { readonly unread?: Unread };

export const createDescribeService = (sources: DescribeSources): DescribeService => ({
  describe: (ids, options) => describeExecutions(sources, ids, options),
});

/**
 * Two rounds of reads: what the ids alone lead to, and then what depends on it (the parent, the diagnosis, the baseline,
 * the look at a cancel). Within a round nothing waits for anything else.
 */
export async function describeExecutions(
  { store, diagnose, follow, runaway }: DescribeSources,
  ids: readonly ExecutionId[],
  options: ReadOptions & { readonly staleAfterMs: number },
): Promise<Descriptions> {
  const { staleAfterMs, ...reading } = options;
  const [{ executions, asOf, unread }, details, workers] = await Promise.all([
    store.executionsById(ids, reading),
    store.executionDetails(ids, options),
    readable(store, reading),
    runaway.lookAhead(ids, polled(reading)),
  ]);
  const [why] = unread?.values() ?? [];
  if (why !== undefined && executions.length === 0) throw new StoreError('unreachable', why);
  const statusOf = (execution: Execution) => displayStatus(execution, asOf, staleAfterMs);
  const idsOf = (status: DisplayStatus) =>
    executions.filter((execution) => statusOf(execution) === status).map(({ executionId }) => executionId);
  const parentIds = executions.flatMap(({ parentExecutionId }) => parentExecutionId ?? []);
  const cancels = executions.flatMap(({ executionId }) => details.get(executionId)?.cancellation ?? []);
  const looking = { signal: reading.signal };
  const stale = idsOf('STALE');

  const [parents, diagnoses, pace, looked] = await Promise.all([
    parentIds.length === 0 ? [] : store.executionsById(parentIds, reading).then((found) => found.executions),
    stale.length === 0 ? new Map() : diagnose.diagnoseMany(stale, { olderThanMs: staleAfterMs, ...polled(reading) }),
    readPace(runaway, executions, asOf, staleAfterMs, polled(reading)),
    cancels.length === 0 ? [] : follow.look(cancels, looking).then(({ states }) => states),
  ]);
  const parentOf = new Map(parents.map((parent) => [parent.executionId, parent]));
  const stopOf = new Map(looked.map((state) => [state.executionId, state]));

  const described = new Map(
    executions.flatMap((execution): [ExecutionId, ExecutionDescription][] => {
      const { executionId, startedAt, endedAt, lastEvent, parentExecutionId, path } = execution;
      const own = details.get(executionId);
      // Its shard went away between the two reads.
      if (!own) return [];
      const parent = parentExecutionId === null ? undefined : parentOf.get(parentExecutionId);
      const command = currentCommand(own.commands);
      const workerId = command?.workerId ?? lastEvent.workerId;
      const status = statusOf(execution);
      const step = command?.node ?? lastEvent.node;
      return [
        [
          executionId,
          {
            execution,
            asOf,
            status,
            since: status === 'RUNNING' ? startedAt : status === 'STALE' ? lastEvent.at : (endedAt ?? lastEvent.at),
            runMs: startedAt === null ? null : Math.max(0, (endedAt ?? asOf) - startedAt),
            usual: path === null ? null : (pace.usual.get(path) ?? null),
            parent: parent ? { executionId: parent.executionId, path: parent.path, status: statusOf(parent) } : null,
            children: own.children,
            step: command === null && step === path ? null : step,
            command,
            worker: workerId === null ? null : workerOf(workerId, workers, asOf),
            firstError: own.firstError,
            diagnosis: diagnoses.get(executionId) ?? null,
            runaway: pace.runaways.get(executionId) ?? null,
            cancellation: own.cancellation && { record: own.cancellation, stop: stopOf.get(executionId) ?? null },
          },
        ],
      ];
    }),
  );
  return unread ? Object.assign(described, { unread }) : described;
}

type Reading = Pick<ReadOptions, 'signal' | 'polling'>;

function polled({ signal, polling }: ReadOptions): Reading {
  return { signal, polling };
}

/**
 * How these run away and how long their playbooks usually take. One after the other: both rest on the same baseline, which
 * the first of them reads.
 */
async function readPace(
  runaway: DescribeSources['runaway'],
  executions: readonly Execution[],
  asOf: EpochMs,
  staleAfterMs: number,
  reading: Reading,
): Promise<{ runaways: ReadonlyMap<ExecutionId, Runaway>; usual: ReadonlyMap<string, UsualRunTime> }> {
  const isRunning = executions.some((execution) => displayStatus(execution, asOf, staleAfterMs) === 'RUNNING');
  const found = isRunning ? (await runaway.find({ active: { executions, asOf }, staleAfterMs, ...reading })).found : [];
  const usual = new Map<string, UsualRunTime>();
  for (const path of new Set(executions.flatMap((execution) => execution.path ?? []))) {
    const own = await runaway.usualRunTime(path, reading);
    if (own) usual.set(path, own);
  }
  return { runaways: new Map(found.map((one) => [one.execution.executionId, one.runaway])), usual };
}

function workerOf(name: string, rows: readonly RuntimeRow[] | null, now: EpochMs): DescribedWorker {
  const [own] = (rows ?? [])
    .filter((row) => row.name === name)
    .sort(
      (a, b) =>
        (b.heartbeatAt ?? 0) - (a.heartbeatAt ?? 0) || Number(isOffline(a.status)) - Number(isOffline(b.status)),
    );
  return {
    name,
    heartbeatAt: own?.heartbeatAt ?? null,
    status: own?.status ?? null,
    liveness: livenessOf(name, heartbeatsOf(rows), now, DEFAULT_THRESHOLDS.workerSilentMs).kind,
  };
}

/** A user who may not read noetl.runtime still gets the rest. */
async function readable(store: Pick<EventStore, 'workers'>, reading: ReadOptions): Promise<RuntimeRow[] | null> {
  return store.workers(reading).catch((error: unknown) => {
    if (error instanceof StoreError && !error.retryable) return null;
    throw error;
  });
}

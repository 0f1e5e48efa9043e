import type { Condition, EngineState } from '../domain/conditions/conditions.js';
import { displayStatus, type EpochMs, type Execution, endlessTime, silentFor } from '../domain/execution.js';
import type { ExecutionId } from '../domain/execution-id.js';
import { maskedPayload, withinDepth } from '../domain/payload.js';
import type { Runaway } from '../domain/runaway/facts.js';
import type { Diagnosis } from '../domain/staleness/staleness-types.js';
import { stopSentence } from '../domain/stopping/stop-sentences.js';
import type { StopState } from '../domain/stopping/stopping.js';
import type { EventDetail } from '../store/event-store.js';
import type { ShardGap } from '../store/shards/view.js';
import type { ExecutionDescription } from './describe.js';

/** ISO 8601 in UTC; null stays null, and so becomes a time beyond JavaScript's range (the table's is wider). */
export function isoTime(at: EpochMs | null): string | null {
  if (at === null || endlessTime(at) !== null) return null;
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

/**
 * One execution as JSON, the same on the command line and in the API (product.md, "The commands"); ids are strings,
 * times ISO 8601 in UTC.
 */
export function executionJson(
  execution: Execution,
  clock: { readonly now: EpochMs; readonly staleAfterMs: number },
  diagnosis?: Diagnosis | null,
): Record<string, unknown> {
  const { lastEvent } = execution;
  return {
    execution_id: execution.executionId,
    path: execution.path,
    version: execution.version,
    status: displayStatus(execution, clock.now, clock.staleAfterMs),
    parent_execution_id: execution.parentExecutionId,
    started_at: isoTime(execution.startedAt),
    ended_at: isoTime(execution.endedAt),
    last_event: { type: lastEvent.type, node: lastEvent.node, at: isoTime(lastEvent.at) },
    silent_seconds: Math.floor(silentFor(execution, clock.now) / 1000),
    ...(execution.ends.length > 1 ? { ends: execution.ends } : {}),
    ...(diagnosis ? diagnosisJson(diagnosis) : {}),
  };
}

/** Code, evidence and safety, as further fields of a stale execution. */
export function diagnosisJson({ code, safe, evidence }: Diagnosis): Record<string, unknown> {
  return {
    code,
    evidence: {
      sentence: evidence.sentence,
      event_type: evidence.eventType,
      node: evidence.node,
      command_id: evidence.commandId,
      worker_id: evidence.workerId,
      related_execution_id: evidence.relatedExecutionId,
      at: isoTime(evidence.at),
      age_seconds: evidence.ageMs === null ? null : Math.floor(evidence.ageMs / 1000),
      cohort: evidence.cohort,
    },
    safe,
  };
}

/** Code, evidence and rate, as further fields of a running execution that behaves unlike its playbook. */
export function runawayJson({ code, evidence, also, rate }: Runaway): Record<string, unknown> {
  return {
    code,
    evidence: {
      sentence: evidence.sentence,
      node: evidence.node,
      command_id: evidence.commandId,
      worker_id: evidence.workerId,
      observed: evidence.observed,
      at_least: evidence.isAtLeast,
      usual: evidence.usual,
      baseline_runs: evidence.baselineRuns,
      also,
    },
    rate: rate && { per_minute: Math.round(rate.perMinute * 100) / 100, of: rate.of },
  };
}

/** A condition as JSON, the same on the command line and in the API; times ISO 8601 in UTC. */
export const conditionJson = (
  { code, sentence, remedy, since, until, count, names }: Condition,
  now: number,
): Record<string, unknown> => ({
  condition: code,
  sentence,
  remedy,
  since: isoTime(since),
  until: isoTime(until),
  remaining_seconds: until === null ? null : Math.max(0, Math.ceil((until - now) / 1000)),
  count,
  names,
});

/** The state of the engine as JSON. `safe_to_judge` is false while nothing may be called safe. */
export const engineJson = ({ asOf, conditions, unknown, workers }: EngineState): Record<string, unknown> => ({
  as_of: isoTime(asOf),
  safe_to_judge: conditions.length === 0,
  conditions: conditions.map((condition) => conditionJson(condition, asOf)),
  unknown: unknown.map(({ code, why }) => ({ condition: code, why })),
  worker_liveness: workers === null ? 'unknown' : 'known',
  workers,
});

/** A shard that an answer is without, as JSON, the same on the command line and in the API. */
export const gapJson = ({ shard, title, since, problem }: ShardGap): Record<string, unknown> => ({
  shard,
  title,
  since: isoTime(since),
  problem,
});

/** Whether payloads are shown, and with their values or without. */
export type PayloadView = 'none' | 'masked' | 'revealed';

/** One event as JSON, on the command line and in the API; payloads masked unless revealed, and absent when they were not read. */
export function eventJson(id: ExecutionId, event: EventDetail, view: PayloadView): Record<string, unknown> {
  return {
    execution_id: id,
    event_id: event.eventId,
    type: event.type,
    node: event.node,
    node_type: event.nodeType,
    status: event.status,
    at: isoTime(event.at),
    worker_id: event.workerId,
    command_id: event.commandId,
    duration_ms: event.durationMs,
    error: event.error,
    ...(event.payload === null
      ? {}
      : {
          context: payload(event.payload.context, view),
          result: payload(event.payload.result, view),
          meta: payload(event.payload.meta, view),
        }),
  };
}

/** A payload as it may be shown. */
export const payload = (value: unknown, view: PayloadView): unknown =>
  value === null || value === undefined ? null : view === 'revealed' ? withinDepth(value) : maskedPayload(value);

/** Whether cancelled work has stopped, the same in every answer; null where the log does not say. */
export const stopJson = (stop: StopState | null): Record<string, unknown> | null =>
  stop && {
    phase: stop.phase,
    draining: stop.draining,
    issued_after: stop.issuedAfter ?? 0,
    explanation: stopSentence(stop, (at) => `at ${isoTime(at)}`),
  };

const seconds = (ms: number | null | undefined): number | null =>
  ms === null || ms === undefined ? null : Math.round(ms / 1000);

/** One execution with everything that is known of it, the same on the command line and in the API. */
export function descriptionJson(one: ExecutionDescription, staleAfterMs: number): Record<string, unknown> {
  const { execution, diagnosis, children, firstError, parent, runMs, usual, worker, command, cancellation } = one;
  const { isCapped, ...counts } = children;
  return {
    ...executionJson(execution, { now: one.asOf, staleAfterMs }, diagnosis),
    since: isoTime(one.since),
    run_seconds: seconds(runMs),
    usual_run: usual && {
      runs: usual.runs,
      median_seconds: seconds(usual.medianMs),
      p95_seconds: seconds(usual.p95Ms),
    },
    parent_status: parent?.status ?? null,
    parent_path: parent?.path ?? null,
    children: { ...counts, at_least: isCapped },
    step: one.step,
    command: command && {
      command_id: command.commandKey,
      node: command.node,
      stage: command.stage,
      worker_id: command.workerId,
      at: isoTime(command.at),
      attempts: command.attempts,
      outstanding: command.outstanding,
    },
    worker: worker && {
      name: worker.name,
      status: worker.status,
      heartbeat_at: isoTime(worker.heartbeatAt),
      liveness: worker.liveness,
    },
    first_error: firstError && {
      type: firstError.type,
      node: firstError.node,
      at: isoTime(firstError.at),
      text: firstError.text,
    },
    ...(one.runaway ? { runaway: runawayJson(one.runaway) } : {}),
    ...(cancellation
      ? {
          cancellation: {
            cancelled_at: isoTime(cancellation.record.at),
            cancelled_by: cancellation.record.cancelledBy,
            reason: cancellation.record.reason,
            cascade: cancellation.record.cascade,
            parent_cancel_id: cancellation.record.parentCancelId,
            batch_id: cancellation.record.batchId,
            source: cancellation.record.source,
          },
          stop: stopJson(cancellation.stop),
        }
      : {}),
  };
}

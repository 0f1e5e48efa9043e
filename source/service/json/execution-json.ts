import { displayStatus, type EpochMs, type Execution, silentFor } from '../../domain/execution.js';
import type { Runaway } from '../../domain/runaway/facts.js';
import type { Diagnosis } from '../../domain/staleness/staleness-types.js';
import { endlessTime } from '../../domain/time-range.js';

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

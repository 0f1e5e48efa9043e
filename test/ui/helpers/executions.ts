import type { Execution } from '../../../source/domain/execution.js';
import { type Diagnosis, SAFE_CODES, type StaleCode } from '../../../source/domain/staleness/staleness-types.js';
import type { ExecutionSummary } from '../../../source/service/live-feed/feed-state.js';

/** The database's time in these tests. */
export const NOW = Date.UTC(2026, 7, 1, 12, 0, 0);
export const MINUTE = 60_000;

export function execution(executionId: string, change: Partial<Execution> & { silentMs?: number } = {}): Execution {
  const { silentMs = 5000, ...rest } = change;
  return {
    executionId,
    path: 'etl/load_orders',
    version: 1,
    catalogId: '7',
    parentExecutionId: null,
    stack: 'rust',
    status: 'RUNNING',
    ends: [],
    startedAt: NOW - 30 * MINUTE,
    endedAt: null,
    lastEvent: {
      eventId: `${executionId}9`,
      type: 'command.started',
      node: 'load',
      status: 'STARTED',
      workerId: 'worker-1',
      at: NOW - silentMs,
    },
    ...rest,
  };
}

export function diagnosis(
  code: StaleCode,
  change: { sentence?: string; cohort?: string; namedAt?: number } = {},
): Diagnosis {
  return {
    code,
    safe: SAFE_CODES.has(code),
    evidence: {
      sentence: change.sentence ?? `evidence for ${code}`,
      namedAt: change.namedAt ?? null,
      eventType: 'command.claimed',
      node: 'load',
      commandId: null,
      workerId: 'worker-1',
      relatedExecutionId: null,
      at: NOW,
      ageMs: 1000,
      cohort: change.cohort ?? null,
    },
  };
}

export function row(
  executionId: string,
  change: Parameters<typeof execution>[1] & Partial<Omit<ExecutionSummary, 'execution'>> = {},
): ExecutionSummary {
  const { currentStep = 'load', workerId = 'worker-1', children = null, diagnosis: why = null, ...rest } = change;
  return { execution: execution(executionId, rest), currentStep, workerId, children, diagnosis: why };
}

/** A stale row with its diagnosis. */
export const staleRow = (
  executionId: string,
  code: StaleCode,
  change: Parameters<typeof row>[1] = {},
): ExecutionSummary => row(executionId, { silentMs: 60 * MINUTE, diagnosis: diagnosis(code), ...change });

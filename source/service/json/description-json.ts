import { stopSentence } from '../../domain/stopping/stop-sentences.js';
import type { StopState } from '../../domain/stopping/stopping.js';
import type { ExecutionDescription } from '../describe.js';
import { executionJson, isoTime, runawayJson } from './execution-json.js';

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

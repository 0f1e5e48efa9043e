import { setTimeout as delay } from 'node:timers/promises';
import {
  type CancellationPoint,
  skippedCommandEvent,
  type WorkerEvent,
  type WorkerEventEmitter,
} from '../domain/worker-protocol.js';
import { unlessAborted, withTimeLimit } from '../time/time-limit.js';
import { CheckGate, ExecutionCancelledError, watchForCancel } from './check-gate.js';
import type {
  CancellationGuard,
  GuardedCommand,
  GuardedWork,
  GuardLogger,
  GuardOptions,
  GuardOutcome,
} from './guard-types.js';
import { nextState, PROTOCOL_START, type ProtocolEnd, type ProtocolInput, type ProtocolState } from './protocol.js';

/**
 * Writes a skip's event with a bounded number of attempts. True once the log holds it, false when
 * the store refuses it (another worker has the command, or it has ended) or no attempt got through. An attempt that got lost may have been written all the same; the store answers the next one with `duplicate`.
 */
async function emitSkip(
  event: WorkerEvent,
  port: { emit: WorkerEventEmitter; logger: GuardLogger; timeoutMs: number; attempts: number; backoffMs: number },
): Promise<boolean> {
  const fields = { execution_id: event.executionId, command_id: event.commandId, step: event.step };
  for (let attempt = 1; ; attempt++) {
    try {
      const result = await withTimeLimit('emitting command.cancelled', port.timeoutMs, (signal) =>
        port.emit(event, { signal }),
      );
      if (result.kind === 'appended' || result.kind === 'duplicate') return true;
      const because = result.kind === 'refused' ? result.because : 'no event names the execution';
      port.logger.info({ ...fields, because }, 'the skip is not recorded');
      return false;
    } catch (error) {
      const last = attempt >= port.attempts;
      port.logger.warn(
        { ...fields, attempt, error: error instanceof Error ? error.message : String(error) },
        last ? 'command.cancelled could not be emitted; the command stays skipped' : 'emitting failed; trying again',
      );
      if (last) return false;
      await delay(port.backoffMs * 2 ** (attempt - 1));
    }
  }
}

const message = (error: unknown): string => {
  try {
    return error instanceof Error ? error.message : String(error);
  } catch {
    return 'an error without a message';
  }
};

/**
 * A guard that runs commands in NoETL's two-point protocol. One guard serves all of a worker's commands, so that checks
 * of one execution are shared. It holds nothing open and needs no closing.
 */
export function createCancellationGuard(options: GuardOptions): CancellationGuard {
  const { failOpen = true, timeoutMs = 2000, coalesceMs = 0, now = Date.now } = options;
  const logger = safeLogger(options.logger);
  const gate = new CheckGate({ check: options.check, timeoutMs, coalesceMs, now });
  const skipPort = {
    emit: options.emit,
    logger,
    timeoutMs,
    attempts: Math.max(1, options.emitAttempts ?? 4),
    backoffMs: options.emitBackoffMs ?? 100,
  };

  async function run<T>(command: GuardedCommand, work: GuardedWork<T>): Promise<GuardOutcome<T>> {
    const fields = { execution_id: command.executionId, command_id: command.commandId, step: command.step };
    let claimMark = 0;
    let error: unknown;
    let executed: { result: T; cancelledMeanwhile: boolean } | undefined;

    const check = async (at: CancellationPoint): Promise<ProtocolInput> => {
      try {
        const verdict = await unlessAborted(gate.ask(command.executionId, claimMark), work.signal);
        if (!verdict.cancelled) return 'not-cancelled';
        logger.info({ ...fields, at, event_type: verdict.eventType }, 'execution cancelled; the command is skipped');
        return 'cancelled';
      } catch (problem) {
        error = problem;
        if (work.signal?.aborted) return 'aborted';
        const then = failOpen ? 'the command runs' : 'the command is skipped';
        logger.warn({ ...fields, at, error: message(problem) }, `cancellation check failed; ${then}`);
        return 'check-failed';
      }
    };
    const claim = async (): Promise<ProtocolInput> => {
      try {
        work.signal?.throwIfAborted();
        const claimed = await work.claim();
        claimMark = gate.mark();
        // A worker's answer object is true to JavaScript, whatever it says.
        if (typeof claimed !== 'boolean') throw new TypeError('claim() must answer true or false');
        return claimed ? 'claimed' : 'refused';
      } catch (problem) {
        error = problem;
        return 'claim-failed';
      }
    };
    const execute = async (): Promise<ProtocolInput> => {
      try {
        work.signal?.throwIfAborted();
        executed = await executeWatched(command, work);
        return 'executed';
      } catch (problem) {
        error = problem;
        return 'execute-failed';
      }
    };
    const tell = async (at: CancellationPoint): Promise<ProtocolInput> =>
      (await emitSkip(skippedCommandEvent({ ...command, at }), skipPort)) ? 'emitted' : 'emit-failed';

    const perform = (state: Exclude<ProtocolState, { step: 'done' }>): Promise<ProtocolInput> => {
      switch (state.step) {
        case 'check':
          return check(state.at);
        case 'claim':
          return claim();
        case 'execute':
          return execute();
        case 'emit':
          return tell(state.at);
      }
    };

    let state: ProtocolState = PROTOCOL_START;
    while (state.step !== 'done') state = nextState(state, await perform(state), failOpen);
    return outcome(state.end, executed, error);
  }

  async function executeWatched<T>(command: GuardedCommand, work: GuardedWork<T>) {
    const stop = new AbortController();
    const shutDown = () => stop.abort(work.signal?.reason);
    work.signal?.addEventListener('abort', shutDown, { once: true });
    let cancelledMeanwhile = false;
    const unwatch = work.watch
      ? watchForCancel(
          () => gate.ask(command.executionId),
          work.watch.everyMs,
          () => {
            cancelledMeanwhile = true;
            stop.abort(new ExecutionCancelledError(command.executionId));
          },
        )
      : undefined;
    try {
      const result = await work.execute(stop.signal);
      return { result, cancelledMeanwhile };
    } finally {
      unwatch?.();
      work.signal?.removeEventListener('abort', shutDown);
    }
  }

  return { run };
}

function outcome<T>(
  end: ProtocolEnd,
  executed: { result: T; cancelledMeanwhile: boolean } | undefined,
  error: unknown,
): GuardOutcome<T> {
  if (end.kind === 'failed') return { ...end, error };
  if (end.kind !== 'executed') return end;
  if (!executed) throw new Error('executed without a result');
  return { kind: 'executed', ...executed };
}

/** The worker's logger with its failures held back: a line that cannot be written must not decide what a command does. */
export function safeLogger(logger: GuardLogger): GuardLogger {
  const held =
    (level: 'info' | 'warn'): GuardLogger['info'] =>
    (fields, message) => {
      try {
        // A logger that answers with a promise is none of ours, but its rejection would end the worker's process.
        const answer: unknown = logger[level](fields, message);
        if (answer instanceof Promise) answer.catch(() => {});
      } catch {
        // There is nowhere left to say it.
      }
    };
  return { info: held('info'), warn: held('warn') };
}

import type { CancellationVerdict, WorkerEvent, WorkerEventEmitter } from '../../source/domain/worker-protocol.js';
import type { GuardLogger } from '../../source/guard/guard-types.js';

export const command = { executionId: '10', commandId: '10:load:1', step: 'load', workerId: 'worker-1' };

export const verdict = (cancelled: boolean, executionId = '10'): CancellationVerdict => ({
  executionId,
  status: cancelled ? 'CANCELLED' : 'RUNNING',
  eventType: cancelled ? 'execution.cancelled' : 'command.issued',
  cancelled,
  completed: false,
  failed: false,
});

/** Remembers what was emitted. */
export function emitterOf(result: Awaited<ReturnType<WorkerEventEmitter>> = { kind: 'appended', eventId: '1' }) {
  const emitted: WorkerEvent[] = [];
  const emit: WorkerEventEmitter = async (event) => {
    emitted.push(event);
    return result;
  };
  return { emit, emitted };
}

/** Remembers what was logged. */
export function loggerOf() {
  const lines: { level: 'info' | 'warn'; message: string; fields: Readonly<Record<string, unknown>> }[] = [];
  const logger: GuardLogger = {
    info: (fields, message) => lines.push({ level: 'info', message, fields }),
    warn: (fields, message) => lines.push({ level: 'warn', message, fields }),
  };
  return { logger, lines };
}

/** A promise that the test settles. */
export function deferred<T>() {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}

/** One turn of the event loop, after which what was due has run. */
export const turn = () => new Promise((resolve) => setImmediate(resolve));

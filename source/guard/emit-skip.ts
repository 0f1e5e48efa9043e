import { setTimeout as delay } from 'node:timers/promises';
import type { WorkerEvent, WorkerEventEmitter } from '../domain/worker-protocol.js';
import { withTimeLimit } from '../time/time-limit.js';
import type { GuardLogger } from './guard-types.js';

/**
 * Writes a skip's event with a bounded number of attempts. True once the log holds it, false when
 * the store refuses it (another worker has the command, or it has ended) or no attempt got through. An attempt that got lost may have been written all the same; the store answers the next one with `duplicate`.
 */
export async function emitSkip(
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

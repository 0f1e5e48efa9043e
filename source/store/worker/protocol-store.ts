import type { ExecutionId } from '../../domain/execution-id.js';
import type { CancellationVerdict, WorkerEvent, WorkerEventResult } from '../../domain/worker-protocol.js';
import type { StoreContext } from '../connection/context.js';
import { StoreError } from '../errors.js';
import { cancellationCheck, cancellationChecks, verdictOf } from './cancellation-check.js';
import { CheckBatcher } from './check-batcher.js';
import { appendInTransaction } from './command-event.js';

/** The workers' side of the event table. Every method throws StoreError and nothing else. */
export interface WorkerProtocolStore {
  /**
   * The hot path: one round trip on connections of its own, that began after the call. Null when no event names the
   * execution.
   */
  cancellationCheck(id: ExecutionId): Promise<CancellationVerdict | null>;
  /** Writes a worker's event under the lock that a cancel takes too, if it may be written (domain/worker-events). */
  appendCommandEvent(event: WorkerEvent): Promise<WorkerEventResult>;
}

/** A worker waits for this before every command; past it the guard's own time limit has long struck. */
const CHECK_TIMEOUT_MS = 5_000;
const APPEND_TIMEOUT_MS = 15_000;
/** A writer that takes no lock can hold the very event id that was settled on; the next try settles on another. */
const APPEND_ATTEMPTS = 4;

const isIdTaken = (error: unknown): boolean =>
  error instanceof StoreError && (error.cause as { code?: string } | undefined)?.code === '23505';

/** @internal */
export function workerProtocolStore(context: StoreContext): WorkerProtocolStore {
  const { pools, tables } = context;
  const checks = new CheckBatcher({
    one: async (id) => (await pools.single('checking', cancellationCheck(tables, id), CHECK_TIMEOUT_MS))[0],
    many: async (ids) => {
      const rows = await pools.single('checking', cancellationChecks(tables, ids), CHECK_TIMEOUT_MS);
      return new Map(rows.map((row) => [row.execution_id, row]));
    },
  });
  return {
    cancellationCheck: async (id) => verdictOf(id, await checks.ask(id)),

    async appendCommandEvent(event) {
      pools.refuseIfReadOnly();
      const { prev_event_id: hasPrevEventId } = await context.capabilities();
      for (let attempt = 1; ; attempt++) {
        try {
          return await pools.write({ timeoutMs: APPEND_TIMEOUT_MS }, (transaction) =>
            appendInTransaction((sql) => transaction.query(sql), tables, event, hasPrevEventId),
          );
        } catch (error) {
          if (!isIdTaken(error) || attempt >= APPEND_ATTEMPTS) throw error;
        }
      }
    },
  };
}

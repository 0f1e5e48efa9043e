import type { ExecutionId } from '../domain/execution-id.js';
import type { CancellationCheck, CancellationVerdict } from '../domain/worker-protocol.js';
import { withTimeLimit } from '../time/time-limit.js';

/** A check that several commands may share. */
interface SharedCheck {
  /** The position of its start in the order of all starts and marks; null until it has started. */
  startedAt: number | null;
  settledAtMs: number | null;
  readonly verdict: Promise<CancellationVerdict>;
}

export interface CheckGateOptions {
  readonly check: CancellationCheck;
  readonly timeoutMs: number;
  /** For how long, in milliseconds, an answer may serve further commands; 0 shares checks under way only. */
  readonly coalesceMs: number;
  readonly now: () => number;
}

/** Above this many executions the answers that are too old to serve are let go. */
const SWEEP_ABOVE = 1000;

/**
 * Lets many commands of one execution share checks without ever answering from the past.
 *
 * Order is kept by a counter, not by a clock: `mark()` is taken when a claim has succeeded, and a check serves that
 * claim only if it started after the mark. A check is started one turn of the event loop after it was first asked for,
 * so claims that succeed together share one.
 */
export class CheckGate {
  readonly #shared = new Map<ExecutionId, SharedCheck>();
  #order = 0;

  constructor(readonly options: CheckGateOptions) {}

  /** The present position: a check asked for with it will have started afterwards. */
  mark(): number {
    this.#order += 1;
    return this.#order;
  }

  /** The verdict of a check that started after `mark`; any recent one when no mark is given. Rejects if it fails. */
  ask(executionId: ExecutionId, mark = 0): Promise<CancellationVerdict> {
    const shared = this.#shared.get(executionId);
    if (shared && this.#serves(shared, mark)) return shared.verdict;
    const fresh = this.#start(executionId);
    this.#shared.set(executionId, fresh);
    if (this.#shared.size > SWEEP_ABOVE) this.#sweep();
    return fresh.verdict;
  }

  #serves(shared: SharedCheck, mark: number): boolean {
    if (shared.startedAt === null) return true;
    if (shared.startedAt <= mark) return false;
    return !this.#isOld(shared);
  }

  #isOld(shared: SharedCheck): boolean {
    return shared.settledAtMs !== null && this.options.now() - shared.settledAtMs >= this.options.coalesceMs;
  }

  #start(executionId: ExecutionId): SharedCheck {
    const { check, timeoutMs, now } = this.options;
    const run = async (): Promise<CancellationVerdict> => {
      await new Promise((resolve) => setImmediate(resolve));
      shared.startedAt = this.mark();
      try {
        const verdict = await withTimeLimit('the cancellation check', timeoutMs, (signal) =>
          check(executionId, { signal }),
        );
        if (verdict === null) throw new Error(`no event names execution ${executionId}`);
        // A check is the worker's own code, often JavaScript: neither true nor false is not an answer.
        if (typeof (verdict as Partial<CancellationVerdict> | undefined)?.cancelled !== 'boolean') {
          throw new Error('the cancellation check answered without "cancelled"');
        }
        shared.settledAtMs = now();
        if (this.options.coalesceMs <= 0) this.#forget(executionId, shared);
        return verdict;
      } catch (error) {
        this.#forget(executionId, shared);
        throw error;
      }
    };
    const shared: SharedCheck = { startedAt: null, settledAtMs: null, verdict: run() };
    return shared;
  }

  #forget(executionId: ExecutionId, shared: SharedCheck): void {
    if (this.#shared.get(executionId) === shared) this.#shared.delete(executionId);
  }

  #sweep(): void {
    for (const [executionId, shared] of this.#shared) if (this.#isOld(shared)) this.#shared.delete(executionId);
  }
}

/** Why a running command's signal was aborted when its execution was cancelled. */
export class ExecutionCancelledError extends Error {
  override readonly name = 'ExecutionCancelledError';
  constructor(readonly executionId: string) {
    super(`execution ${executionId} was cancelled`);
  }
}

/**
 * Looks every `everyMs` milliseconds until the check says cancelled, then calls `onCancelled` once. A look that fails is
 * passed over: the next one comes. Returns the function that ends it.
 */
export function watchForCancel(
  look: () => Promise<CancellationVerdict>,
  everyMs: number,
  onCancelled: () => void,
): () => void {
  let over = false;
  let timer: NodeJS.Timeout | undefined;
  const again = () => {
    if (!over) timer = setTimeout(() => void once(), everyMs);
  };
  const once = async () => {
    const verdict = await look().catch(() => null);
    if (over) return;
    if (!verdict?.cancelled) return again();
    over = true;
    onCancelled();
  };
  again();
  return () => {
    over = true;
    clearTimeout(timer);
  };
}

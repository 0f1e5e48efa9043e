import type { CancelRequest, CancelTarget } from '../../domain/cancellation.js';
import type { CancelWriter } from '../../store/cancellations/cancel-writer.js';
import { StoreError } from '../../store/errors.js';
import type { AppendResult } from '../../store/event-store.js';
import { pause } from '../pause.js';
import type { CancelRunOptions } from './cancel.js';

/** Tries of one transaction where the failure may pass (a lost connection, a deadlock, a full server): 1.4 s. */
const TRIES = 4;
/** Tries once the answer to a COMMIT was lost, some 9 s: long enough for a server that restarts. */
const TRIES_WHEN_UNKNOWN = 8;
const FIRST_RETRY_MS = 200;
export const MAX_RETRY_MS = 2_000;

/**
 * Writes the transactions of one run, and tries again those whose failure may pass. First tries run beside one another;
 * what failed is tried again alone, and from then on nothing runs beside anything: it may be the others that are in its
 * way, or that have the last connection there is.
 */
export class Attempts {
  readonly #firstTries = new Set<Promise<unknown>>();
  #lastTurn: Promise<unknown> = Promise.resolve();
  /** How many transactions may be under way at once. */
  room: number;

  constructor(
    private readonly writer: CancelWriter,
    private readonly request: CancelRequest,
    private readonly options: Pick<CancelRunOptions, 'signal' | 'quietSince'>,
    private readonly limits: { readonly mostRetryMs: number; readonly isGivenUp: () => boolean },
  ) {
    this.room = writer.appendsAtOnce ?? 1;
  }

  /** Throws where the failure does not pass, or did not in time. */
  async append(batch: readonly CancelTarget[]): Promise<AppendResult[]> {
    const trying = this.#write(batch);
    const over = trying.then(
      () => {},
      () => {},
    );
    this.#firstTries.add(over);
    void over.then(() => this.#firstTries.delete(over));
    try {
      return await trying;
    } catch (error) {
      if (!this.#mayPass(error)) throw error;
      this.room = 1;
      const turn = this.#lastTurn.then(() => Promise.all(this.#firstTries)).then(() => this.#again(batch, error));
      this.#lastTurn = turn.catch(() => {});
      return await turn;
    }
  }

  /**
   * A plan was read before, so a lost connection is worth another try, the first transaction's too. A try whose COMMIT
   * went through unseen does no harm: the next one finds its own rows by their batch_id and reports them as its own.
   */
  async #again(batch: readonly CancelTarget[], first: unknown): Promise<AppendResult[]> {
    let failure = first;
    let unknown: StoreError | null = null;
    for (let tried = 1; ; tried++) {
      if (failure instanceof StoreError && failure.kind === 'outcome-unknown') unknown = failure;
      // Whatever the later tries met, the first one's rows may be there.
      if (tried >= (unknown ? TRIES_WHEN_UNKNOWN : TRIES) || !this.#mayPass(failure)) throw unknown ?? failure;
      await pause(Math.min(FIRST_RETRY_MS * 2 ** (tried - 1), this.limits.mostRetryMs), this.options.signal);
      try {
        return await this.#write(batch);
      } catch (error) {
        failure = error;
      }
    }
  }

  /** Where the run has given up meanwhile, or was stopped, nothing is tried again. */
  #mayPass(failure: unknown): boolean {
    if (this.options.signal?.aborted || this.limits.isGivenUp()) return false;
    return failure instanceof StoreError && failure.retryable;
  }

  #write(batch: readonly CancelTarget[]): Promise<AppendResult[]> {
    const { signal, quietSince } = this.options;
    // A transaction is not broken off; calls to a server stop between two executions.
    return this.writer.append(batch, this.request, {
      quietSince,
      signal: this.writer.via === 'api' ? signal : undefined,
    });
  }
}

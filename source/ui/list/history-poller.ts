import type { ExecutionId } from '../../domain/execution-id.js';
import type { ListRow } from '../rows/list-row.js';
import { errorText, isAbort } from '../shell/error-text.js';

type Found = ReadonlyMap<ExecutionId, ListRow>;

/** How a side reader stands; the rows it last read stay through errors. */
export interface HistoryState {
  readonly rows: Found;
  readonly loading: boolean;
  readonly problem: string | null;
  /** When it was last read; 0 before the first time. */
  readonly readAt: number;
}

/**
 * Reads something beside the feed, now and then again while it is wanted. One read at a time; a failed one is tried
 * again at the same pace. `everyMs` null: only when asked.
 */
export class HistoryPoller {
  #state: HistoryState = { rows: new Map(), loading: false, problem: null, readAt: 0 };
  #wanted = false;
  #timer: NodeJS.Timeout | null = null;
  #reading: AbortController | null = null;

  constructor(
    private readonly read: (known: Found, signal: AbortSignal) => Promise<Found>,
    private readonly everyMs: number | null,
    private readonly changed: () => void,
  ) {}

  get state(): HistoryState {
    return this.#state;
  }

  want(wanted: boolean): void {
    if (this.#wanted === wanted) return;
    this.#wanted = wanted;
    if (wanted) void this.again();
    else this.#rest();
  }

  /** Reads now, if it is wanted and not reading already. */
  async again(): Promise<void> {
    if (!this.#wanted || this.#reading) return;
    if (this.#timer) clearTimeout(this.#timer);
    const reading = new AbortController();
    this.#reading = reading;
    this.#set({ loading: true });
    try {
      const rows = await this.read(this.#state.rows, reading.signal);
      if (!reading.signal.aborted) this.#set({ rows, loading: false, problem: null, readAt: Date.now() });
    } catch (error) {
      if (!reading.signal.aborted && !isAbort(error)) this.#set({ loading: false, problem: errorText(error) });
    } finally {
      if (this.#reading === reading) this.#reading = null;
      if (this.#wanted && !reading.signal.aborted) this.#schedule();
    }
  }

  dispose(): void {
    this.#wanted = false;
    this.#rest();
  }

  #rest(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#reading?.abort();
    this.#reading = null;
    this.#state = { ...this.#state, loading: false };
  }

  #schedule(): void {
    if (this.everyMs === null) return;
    this.#timer = setTimeout(() => void this.again(), this.everyMs);
    this.#timer.unref();
  }

  #set(change: Partial<HistoryState>): void {
    this.#state = { ...this.#state, ...change };
    this.changed();
  }
}

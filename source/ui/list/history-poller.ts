import type { ExecutionId } from '../../domain/execution-id.js';
import { isSettled, type StopState } from '../../domain/stopping/stopping.js';
import type { Services } from '../../service/use-cases.js';
import type { CancellationRecord } from '../../store/event-store.js';
import { type ListRow, rowOf } from '../rows/list-row.js';
import { errorText, isAbort } from '../shell/notices.js';

/** So many cancellations are shown, and so many recently ended executions beside what the feed holds. */
const CANCELLATIONS_SHOWN = 500;
const HISTORY_SHOWN = 1000;

/** What the table knows of executions that ended before the console was opened. */
export async function readHistory(services: Services, signal: AbortSignal): Promise<Map<ExecutionId, ListRow>> {
  const { executions } = await services.store.recentExecutions(
    { status: 'ALL', limit: HISTORY_SHOWN },
    { signal, polling: true },
  );
  return new Map(executions.map((execution) => [execution.executionId, rowOf(execution)]));
}

const sameStop = (left: StopState | undefined, right: StopState | undefined): boolean =>
  left?.phase === right?.phase &&
  left?.draining === right?.draining &&
  left?.violation?.eventId === right?.violation?.eventId &&
  left?.issuedAfter === right?.issuedAfter;

/**
 * The latest cancellations with their executions and stop states, moved forward from what was known: an execution that
 * has ended is not read again, and one that has settled is not looked at again.
 */
export async function readCancellations(
  services: Services,
  known: ReadonlyMap<ExecutionId, ListRow>,
  signal: AbortSignal,
): Promise<Map<ExecutionId, ListRow>> {
  const records = new Map<ExecutionId, CancellationRecord>();
  for (const record of await services.store.recentCancellations(CANCELLATIONS_SHOWN, { signal, polling: true })) {
    if (!records.has(record.executionId)) records.set(record.executionId, record);
  }
  const isNew = (id: ExecutionId) => known.get(id)?.cancellation?.eventId !== records.get(id)?.eventId;
  const unread = [...records.keys()].filter(isNew);
  const open = [...records.values()].filter(
    (record) => isNew(record.executionId) || !isSettled(known.get(record.executionId)?.stop?.phase ?? 'requested'),
  );
  const [read, looked] = await Promise.all([
    unread.length > 0 ? services.store.executionsById(unread, { signal, polling: true }) : null,
    open.length > 0 ? services.follow.look(open, { signal }) : null,
  ]);
  const executions = new Map((read?.executions ?? []).map((execution) => [execution.executionId, execution]));
  const stops = new Map((looked?.states ?? []).map((state) => [state.executionId, state]));
  const rows = new Map<ExecutionId, ListRow>();
  for (const [id, cancellation] of records) {
    const before = known.get(id);
    const execution = executions.get(id) ?? before?.execution;
    if (!execution) continue;
    const stop = stops.get(id) ?? before?.stop;
    if (before && before.execution === execution && sameStop(before.stop, stop)) rows.set(id, before);
    else rows.set(id, { ...rowOf(execution), cancellation, stop });
  }
  return rows;
}

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
      const before = this.#state.rows;
      // None and none again is the same map: whoever compares the two would go through all rows otherwise.
      const isNews = rows.size + before.size > 0;
      const read = { rows: isNews ? rows : before, loading: false, problem: null, readAt: Date.now() };
      if (!reading.signal.aborted) this.#set(read);
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

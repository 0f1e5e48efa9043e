import type { FeedCancel } from '../../service/live-feed/event-window.js';
import type { CancelBatch } from '../../store/cancellations/batches.js';
import { plural } from '../../text/words.js';
import type { ConsoleContext } from '../shell/console-context.js';
import type { SessionBatches } from './session-batches.js';

/** A batch is written in several transactions: one read for all that the feed reports within this time. */
const BURST_MS = 1000;
/** Cancels of one batch that are further apart are announced anew. */
const QUIET_MS = 30_000;

/** Announces what other operators, other sessions and NoETL itself cancel while the console is open. */
export class OthersCancels {
  readonly #unsubscribe: () => void;
  readonly #stopping = new AbortController();
  #timer: NodeJS.Timeout | null = null;
  /** The first cancel of those that are being announced, by the database's clock. */
  #since: number | null = null;
  #lastAt = 0;
  /** What has been announced of them, by what it is about: it is not repeated with the same number. */
  readonly #announced = new Map<string, string>();

  constructor(
    private readonly context: Pick<ConsoleContext, 'feed' | 'notices' | 'services'>,
    private readonly batches: SessionBatches,
  ) {
    this.#unsubscribe = context.feed.onCancels((cancels) => this.#take(cancels));
  }

  dispose(): void {
    this.#unsubscribe();
    this.#stopping.abort();
    if (this.#timer) clearTimeout(this.#timer);
  }

  #take(cancels: readonly FeedCancel[]): void {
    const foreign = cancels.filter(({ executionId }) => !this.batches.isOwn(executionId));
    if (foreign.length === 0) return;
    const first = Math.min(...foreign.map(({ at }) => at));
    if (this.#since === null || first - this.#lastAt > QUIET_MS) {
      this.#since = first;
      this.#announced.clear();
    }
    this.#since = Math.min(this.#since, first);
    this.#lastAt = Math.max(this.#lastAt, ...foreign.map(({ at }) => at));
    if (this.#timer) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      void this.#announce(this.#since ?? first);
    }, BURST_MS);
    this.#timer.unref();
  }

  async #announce(since: number): Promise<void> {
    const { batchLog } = this.context.services;
    // The list shows these executions as cancelled anyway; the next cancel is announced again.
    const found = await batchLog.since(since, { signal: this.#stopping.signal }).catch(() => null);
    if (!found || this.#stopping.signal.aborted) return;
    const own = new Set(this.batches.store.getState().batches.map(({ id }) => id));
    for (const group of found.batches) {
      const isOwn =
        group.batchId === null
          ? group.members.every(({ executionId }) => this.batches.isOwn(executionId))
          : own.has(group.batchId);
      if (isOwn) continue;
      const about = `cancels ${group.batchId ?? `${group.cancelledBy} ${group.reason}`}`;
      const news = cancelNews(group, found.isPartial);
      if (this.#announced.get(about) === news) continue;
      this.#announced.set(about, news);
      this.context.notices.announce(about, news, 'warn');
    }
  }
}

/** `alice@ops cancelled 12 executions: too slow`. */
function cancelNews({ cancelledBy, executions, reason }: CancelBatch, isPartial: boolean): string {
  const count = isPartial ? `more than ${plural(executions, 'execution')}` : plural(executions, 'execution');
  return `${cancelledBy ?? 'a NoETL server'} cancelled ${count}${reason === null ? '' : `: ${reason}`}`;
}

import type { LiveFeed } from '../../service/live-feed/live-feed.js';
import { errorText, isAbort } from './notices.js';

/** Reads use at most one part in so many of the time. */
const SHARE = 10;

/** What a screen reads, and how often. */
export interface PollerOptions {
  /** One read; rejects with whatever stopped it. */
  readonly read: (signal: AbortSignal) => Promise<void>;
  readonly failed: (message: string) => void;
  /** Milliseconds from the end of one read to the next; more where a read takes long. */
  readonly everyMs: number;
  /** Times the length of a read that is waited at least before the next; 10, unless a read is always of one page. */
  readonly share?: number;
}

/** True while the operator has paused live updates: one pause for the whole console, which the header shows. */
export const isPaused = (feed: Pick<LiveFeed, 'snapshot'>): boolean => feed.snapshot().health.kind === 'paused';

/**
 * Reads a screen's data again and again while the screen is on top and live updates are not paused. A covered or paused
 * screen reads only when asked.
 */
export class ShownPoller {
  #reading: AbortController | null = null;
  #timer: NodeJS.Timeout | null = null;
  #isShown = true;
  #wasPaused: boolean;
  readonly #unsubscribe: () => void;

  constructor(
    private readonly feed: LiveFeed,
    private readonly options: PollerOptions,
  ) {
    this.#wasPaused = isPaused(feed);
    this.#unsubscribe = feed.subscribe(() => this.#followPause());
  }

  /** Reads now; a read under way is given up. */
  readNow(): void {
    void this.#read();
  }

  resume(): void {
    this.#isShown = true;
    if (!isPaused(this.feed)) this.readNow();
  }

  rest(): void {
    this.#isShown = false;
    this.#stopTimer();
  }

  dispose(): void {
    this.rest();
    this.#unsubscribe();
    this.#reading?.abort();
  }

  #stopTimer(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #followPause(): void {
    const paused = isPaused(this.feed);
    if (paused === this.#wasPaused) return;
    this.#wasPaused = paused;
    if (paused) this.#stopTimer();
    else if (this.#isShown) this.readNow();
  }

  async #read(): Promise<void> {
    this.#stopTimer();
    this.#reading?.abort();
    const reading = new AbortController();
    this.#reading = reading;
    const begun = performance.now();
    try {
      await this.options.read(reading.signal);
    } catch (error) {
      if (reading.signal.aborted || isAbort(error)) return;
      this.options.failed(errorText(error));
    }
    if (reading.signal.aborted || !this.#isShown || isPaused(this.feed)) return;
    const { everyMs, share = SHARE } = this.options;
    this.#timer = setTimeout(() => this.readNow(), Math.max(everyMs, (performance.now() - begun) * share));
    this.#timer.unref();
  }
}

/** A screen that reads for itself: on top it reads, covered it rests, closed it stops. */
export abstract class PolledScreen {
  protected abstract readonly poller: ShownPoller;
  /** What else the screen began, to be stopped with it. */
  protected abstract readonly stops: readonly (() => void)[];

  resume(): void {
    this.poller.resume();
  }

  rest(): void {
    this.poller.rest();
  }

  dispose(): void {
    this.poller.dispose();
    for (const stop of this.stops) stop();
  }
}

/** Pauses or resumes live updates everywhere, and says so. */
export function togglePause(context: {
  feed: LiveFeed;
  notices: { say(text: string): void };
  keyOf(action: 'pause'): string;
}): void {
  const { feed, notices } = context;
  const paused = isPaused(feed);
  feed.pause(!paused);
  notices.say(paused ? 'live updates resumed' : `paused: ${context.keyOf('pause')} resumes live updates`);
}

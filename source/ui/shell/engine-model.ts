import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Condition, EngineState } from '../../domain/conditions/conditions.js';
import type { ConditionsService } from '../../service/conditions.js';
import type { LiveFeed } from '../../service/live-feed/live-feed.js';

/** How often the engine is looked at, in milliseconds; less often where a look takes long. */
const EVERY_MS = 5_000;
/** Share of the time that looking may take: one part in so many. */
const SHARE = 20;
/** An outage must not go unnoticed for longer because the machine is busy. */
const LONGEST_MS = 15_000;

export interface EngineModelState {
  readonly conditions: readonly Condition[];
  /** Worker pools that beat, of those registered; null where nothing says, undefined before the first look. */
  readonly workers?: EngineState['workers'] | undefined;
  /** False where nothing says whether workers live: an outage would not be seen. Null before the first look. */
  readonly livenessKnown: boolean | null;
}

/** What holds of the engine as a whole, looked at again and again; what was last seen stays while it cannot be read. */
export class EngineModel {
  readonly store: StoreApi<EngineModelState> = createStore(() => ({ conditions: [], livenessKnown: null }));
  #timer: NodeJS.Timeout | null = null;
  readonly #stopping = new AbortController();
  #begun = false;
  #unsubscribe: () => void = () => {};

  constructor(
    private readonly service: ConditionsService | null,
    private readonly feed: Pick<LiveFeed, 'refresh' | 'snapshot' | 'subscribe'>,
  ) {
    if (!service) return;
    // The first rows come first.
    const begin = () => {
      if (this.#begun || feed.snapshot().readAt === 0) return;
      this.#begun = true;
      void this.#lookOn();
    };
    this.#unsubscribe = feed.subscribe(begin);
    begin();
  }

  dispose(): void {
    this.#unsubscribe();
    this.#stopping.abort();
    if (this.#timer) clearTimeout(this.#timer);
  }

  /** Looks now. What was last seen stays where that fails; the header says that the connection is lost. */
  async look(): Promise<void> {
    const state = await this.service?.read({ polling: true, signal: this.#stopping.signal }).catch(() => null);
    if (!state || this.#stopping.signal.aborted) return;
    const { conditions } = this.store.getState();
    const codes = (list: readonly Condition[]) => list.map(({ code }) => code).join();
    // A look that finds what was known draws nothing.
    const same = JSON.stringify(conditions) === JSON.stringify(state.conditions);
    const { workers } = this.store.getState();
    const sameWorkers = workers?.alive === state.workers?.alive && workers?.registered === state.workers?.registered;
    this.store.setState({
      workers: sameWorkers && workers !== undefined ? workers : state.workers,
      conditions: same ? conditions : state.conditions,
      livenessKnown: state.workers !== null,
    });
    // What the rows call safe was found before: it is asked for again.
    if (codes(conditions) !== codes(state.conditions)) await this.feed.refresh().catch(() => {});
  }

  async #lookOn(): Promise<void> {
    const begun = performance.now();
    if (this.feed.snapshot().health.kind !== 'paused') await this.look();
    if (this.#stopping.signal.aborted) return;
    const wait = Math.min(LONGEST_MS, Math.max(EVERY_MS, (performance.now() - begun) * SHARE));
    this.#timer = setTimeout(() => void this.#lookOn(), wait);
    this.#timer.unref();
  }
}

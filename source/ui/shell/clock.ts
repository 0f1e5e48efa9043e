import { createStore, type StoreApi } from 'zustand/vanilla';

/** The database's time as this process reckons it, once a second, and the process's own. */
export interface ClockState {
  readonly now: number;
  readonly local: number;
}

export interface Clock {
  readonly store: StoreApi<ClockState>;
  /** Milliseconds to take off the local clock to get the database's. */
  setSkew(ms: number): void;
  stop(): void;
}

/**
 * One timer for every age on the screen. Components select the text that they show, so a tick that changes no text
 * draws nothing.
 */
export function createClock(local: () => number = Date.now, tickMs = 1000): Clock {
  let skew = 0;
  const read = (): ClockState => ({ now: local() - skew, local: local() });
  const store = createStore<ClockState>(() => read());
  const timer = setInterval(() => store.setState(read()), tickMs);
  timer.unref();
  return {
    store,
    setSkew: (ms) => {
      if (Math.abs(ms - skew) < 250) return;
      skew = ms;
      store.setState(read());
    },
    stop: () => clearInterval(timer),
  };
}

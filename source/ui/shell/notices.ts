import { createStore, type StoreApi } from 'zustand/vanilla';

export type Tone = 'info' | 'good' | 'warn' | 'bad';

/** What just happened, in one line. */
export interface Notice {
  readonly text: string;
  readonly tone: Tone;
  /** What it speaks of, where that can end before the notice does. */
  readonly about?: string | undefined;
}

export interface Notices {
  readonly store: StoreApi<{ notice: Notice | null }>;
  say(text: string, tone?: Tone, about?: string): void;
  /** Takes the notice away; with `about` only one that speaks of that. */
  clear(about?: string): void;
  dispose(): void;
}

/** Long enough to read twice; errors stay until the next notice. */
const SHOWN_MS = 12_000;

export function createNotices(): Notices {
  const store = createStore<{ notice: Notice | null }>(() => ({ notice: null }));
  let timer: NodeJS.Timeout | null = null;
  const clear = (about?: string) => {
    if (about !== undefined && store.getState().notice?.about !== about) return;
    if (timer) clearTimeout(timer);
    timer = null;
    store.setState({ notice: null });
  };
  return {
    store,
    clear,
    say: (text, tone = 'info', about) => {
      clear();
      store.setState({ notice: { text, tone, about } });
      if (tone === 'bad') return;
      timer = setTimeout(clear, SHOWN_MS);
      timer.unref();
    },
    dispose: clear,
  };
}

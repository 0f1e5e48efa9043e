import { createStore, type StoreApi } from 'zustand/vanilla';
import { visibleText } from '../../text/visible-text.js';

/** A failure in one line, fit for a terminal. The store's errors say cause and remedy; anything else says at least what it is. */
export function errorText(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return visibleText(text.split('\n')[0] ?? text);
}

/** True for the error of something that was given up on purpose. */
export const isAbort = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'AbortError' || (error as { kind?: unknown }).kind === 'aborted');

export type Tone = 'info' | 'good' | 'warn' | 'bad';

/** What just happened, in one line. */
export interface Notice {
  readonly text: string;
  readonly tone: Tone;
}

export interface Notices {
  readonly store: StoreApi<{ notice: Notice | null }>;
  /** Takes the place of what is shown. `about` names what it speaks of, for `withdraw`. */
  say(text: string, tone?: Tone, about?: string): void;
  /**
   * News that no key asked for: it waits until what is shown has been read. `about` names what it speaks of; later news
   * of the same takes its place.
   */
  announce(about: string, text: string, tone?: Tone): void;
  /** Takes back what was said about something that no longer holds. */
  withdraw(about: string): void;
  clear(): void;
  dispose(): void;
}

/** Long enough to read twice; errors stay until the next notice. */
const SHOWN_MS = 12_000;

type Announcement = Notice & { readonly about: string };

export function createNotices(): Notices {
  const store = createStore<{ notice: Notice | null }>(() => ({ notice: null }));
  let timer: NodeJS.Timeout | null = null;
  let waiting: Announcement[] = [];
  /** What the notice that is shown speaks of. */
  let about: string | null = null;

  const arm = (action: () => void) => {
    if (timer) clearTimeout(timer);
    timer = setTimeout(action, SHOWN_MS);
    timer.unref();
  };
  const show = (notice: Notice, of: string | null) => {
    about = of;
    store.setState({ notice: { text: notice.text, tone: notice.tone } });
    arm(next);
  };
  /** What was shown has been read. An error stays until something takes its place. */
  function next(): void {
    const [first] = waiting;
    const { notice } = store.getState();
    if (!first && notice?.tone === 'bad') {
      timer = null;
      return;
    }
    clear();
  }
  function clear(): void {
    if (timer) clearTimeout(timer);
    timer = null;
    about = null;
    const first = waiting.shift();
    if (first) show(first, first.about);
    else store.setState({ notice: null });
  }
  return {
    store,
    clear,
    say: (text, tone = 'info', of) => show({ text, tone }, of ?? null),
    announce: (of, text, tone = 'info') => {
      const news = { about: of, text: visibleText(text), tone };
      if (about === of || store.getState().notice === null) return show(news, of);
      waiting = [...waiting.filter((one) => one.about !== of), news];
      // An error whose time is over waits for nothing else.
      if (timer === null) clear();
    },
    withdraw: (of) => {
      waiting = waiting.filter((one) => one.about !== of);
      if (about === of) clear();
    },
    dispose: () => {
      waiting = [];
      clear();
    },
  };
}

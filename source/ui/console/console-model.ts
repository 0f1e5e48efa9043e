import { createStore, type StoreApi } from 'zustand/vanilla';
import { BatchModel } from '../batches/batch-model.js';
import { type Batch, isBusy } from '../batches/batch-state.js';
import { batchNotice } from '../batches/format-batch.js';
import { SessionBatches } from '../batches/session-batches.js';
import type { ListModel } from '../list/list-model.js';
import { createClock } from '../shell/clock.js';
import type { ConsoleContext } from '../shell/console-context.js';
import type { BatchSummary, ConsoleOptions } from '../shell/console-options.js';
import { EngineModel } from '../shell/engine-model.js';
import { actionOf, type Keymap, overrideKeys, resolveKeymap, whyDisabled } from '../shell/keymap-resolve.js';
import { createNotices } from '../shell/notices.js';
import type { Screen, ScreenArguments, ScreenKind } from '../shell/screen.js';
import { type InputEvent, type KeyEvent, keyId } from '../terminal/input-event.js';
import type { TerminalSize } from '../terminal/terminal-context.js';
import { Attention, type AttentionPort } from './attention.js';
import { SCREENS, type Screens } from './screens.js';

/** Longest wait at the end for a transaction under way, in milliseconds. */
const CLOSE_GRACE_MS = 5000;
const SIZE_BEFORE_TERMINAL: TerminalSize = { columns: 80, rows: 24 };

/** What the console needs of the terminal. */
export interface TerminalPort extends AttentionPort {
  size(): TerminalSize;
  onResize(listener: () => void): void;
  onInput(handler: (event: InputEvent) => boolean): void;
  copyToClipboard(text: string): boolean;
  quit(): void;
}

/** The screens from bottom to top; a value of React's would be lost with it, so they live here. */
export interface ConsoleState {
  readonly stack: readonly Screen[];
  /** True after q while a batch is being written: the next q stops it and quits. */
  readonly quitAsked: boolean;
}

/** Headless console: screen stack, keys, batches. Everything that a key does begins in `input`. */
export class ConsoleModel {
  readonly store: StoreApi<ConsoleState>;
  readonly context: ConsoleContext;
  readonly keymap: Keymap;
  readonly keyProblems: readonly string[];
  readonly list: ListModel;
  readonly batches: SessionBatches;
  readonly #attention: Attention;
  #terminal: TerminalPort | null = null;

  constructor(readonly options: ConsoleOptions) {
    const { bindings, problems } = overrideKeys(options.keys ?? {});
    this.keymap = resolveKeymap(bindings, { readOnly: options.readOnly === true });
    this.keyProblems = problems;
    const notices = createNotices();
    this.batches = new SessionBatches(
      options.services,
      (id) => options.feed.snapshot().rows.get(id)?.execution.path ?? null,
      (batch) => this.#announce(batch),
    );
    this.context = {
      services: options.services,
      describe: options.describe,
      feed: options.feed,
      clock: createClock(),
      notices,
      engine: new EngineModel(options.conditions ?? null, options.feed),
      batches: this.batches,
      size: createStore<TerminalSize>(() => SIZE_BEFORE_TERMINAL),
      staleAfterMs: () => this.list.state.getState().staleAfterMs,
      copy: (text) => this.#terminal?.copyToClipboard(text) ?? false,
      open: (kind, ...given) => this.#open(kind, ...given),
      back: () => this.#pop(),
      quit: () => this.#quit(),
    };
    this.list = SCREENS.list.model(this);
    this.store = createStore<ConsoleState>(() => ({ stack: [this.list], quitAsked: false }));
    const { context, list, batches } = this;
    this.#attention = new Attention({ context, list, batches, options, terminal: () => this.#terminal });
    if (problems.length > 0) notices.say(`config: ${problems[0]}`, 'warn');
  }

  get top(): Screen {
    return this.store.getState().stack.at(-1) ?? this.list;
  }

  /** Takes the terminal's size and input. Not by a hook: a key must not wait for React to mount or to draw. */
  attach(terminal: TerminalPort): void {
    this.#terminal = terminal;
    const resized = () => this.context.size.setState(terminal.size(), true);
    terminal.onResize(resized);
    resized();
    terminal.onInput((event) => this.input(event));
    this.#attention.attached();
  }

  /** One key, paste or mouse action. True when it was used. */
  input(event: InputEvent): boolean {
    this.#attention.noticed();
    const screen = this.top;
    switch (event.kind) {
      case 'key':
        return this.#key(screen, event);
      case 'paste':
        screen.takePaste?.(event.text);
        return true;
      case 'mouse':
        if (event.action === 'wheel-up' || event.action === 'wheel-down') {
          screen.wheel?.(event.action === 'wheel-up' ? -1 : 1);
        } else if (event.button === 'left') screen.click?.(event.x, event.y);
        return true;
    }
  }

  /** Ends what runs; resolves once no transaction of this console is under way, or after a few seconds. */
  async close(): Promise<readonly BatchSummary[]> {
    await this.batches.close(CLOSE_GRACE_MS);
    for (const screen of this.store.getState().stack) screen.dispose?.();
    this.#attention.dispose();
    this.context.engine.dispose();
    this.context.clock.stop();
    this.context.notices.dispose();
    return this.batches.summaries();
  }

  #key(screen: Screen, event: KeyEvent): boolean {
    const { quitAsked } = this.store.getState();
    if (screen.takeKey?.(event)) return true;
    const found = actionOf(this.keymap, screen.kind, keyId(event));
    if (quitAsked && !(found?.kind === 'action' && found.id === 'quit')) this.store.setState({ quitAsked: false });
    if (!found) return false;
    if (found.kind === 'absent') this.context.notices.say(whyDisabled(found.binding), 'warn');
    else screen.act(found.id);
    return true;
  }

  #open<Kind extends ScreenKind>(kind: Kind, ...given: ScreenArguments[Kind]): void {
    const { model, refusal } = (SCREENS as Screens)[kind];
    const problem = refusal(this);
    if (problem !== null) {
      this.context.notices.say(problem);
      return;
    }
    const screen = model(this, ...given);
    this.context.notices.clear();
    this.top.rest?.();
    this.store.setState(({ stack }) => ({ stack: [...stack, screen] }));
  }

  #pop(): void {
    const { stack } = this.store.getState();
    if (stack.length <= 1) return;
    stack.at(-1)?.dispose?.();
    this.store.setState({ stack: stack.slice(0, -1) });
    this.top.resume?.();
  }

  #quit(): void {
    const { busy } = this.batches;
    if (busy.length > 0 && !this.store.getState().quitAsked) {
      this.store.setState({ quitAsked: true });
      const left = busy.reduce((sum, batch) => sum + batch.total - batch.done, 0);
      this.context.notices.say(`a batch is being written (${left} to go): q again stops it and quits`, 'warn');
      return;
    }
    this.#terminal?.quit();
  }

  /** A batch came to an end; said unless its own screen is on top, where it can be seen. */
  #announce(batch: Batch): void {
    if (isBusy(batch)) return;
    const notice = batchNotice(batch);
    if (batch.phase !== 'following') this.#attention.settled(notice);
    this.context.notices.withdraw(`batch ${batch.id}`);
    if (this.top instanceof BatchModel && this.top.batchId === batch.id) return;
    this.context.notices.say(notice.text, notice.tone, `batch ${batch.id}`);
  }
}

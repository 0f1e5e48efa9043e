import { createStore, type StoreApi } from 'zustand/vanilla';
import { DEFAULT_STALE_AFTER_MS } from '../../domain/execution-status.js';
import { BatchListModel } from '../batches/batch-list-model.js';
import { BatchModel } from '../batches/batch-model.js';
import { batchNotice } from '../batches/batch-notice.js';
import { type Batch, isBusy } from '../batches/batch-state.js';
import { reportWriter } from '../batches/report-writer.js';
import { SessionBatches } from '../batches/session-batches.js';
import { CancelModel } from '../cancel-dialog/cancel-model.js';
import { CausesModel } from '../causes/causes-model.js';
import { type Tab, tabAt } from '../chrome/format-tabs.js';
import { HelpModel } from '../help/help-model.js';
import { ListModel } from '../list/list-model.js';
import { createClock } from '../shell/clock.js';
import type { ConsoleContext } from '../shell/console-context.js';
import type { BatchSummary, ConsoleOptions } from '../shell/console-options.js';
import { EngineModel } from '../shell/engine-model.js';
import { actionOf, type Keymap, overrideKeys, resolveKeymap, whyDisabled } from '../shell/keymap-resolve.js';
import { createNotices } from '../shell/notices.js';
import type { Screen } from '../shell/screen.js';
import { type InputEvent, type KeyEvent, keyId } from '../terminal/input-event.js';
import { TimelineModel } from '../timeline/timeline-model.js';
import { TreeModel } from '../tree/tree-model.js';

/** Row of the terminal on which the list has its tabs. */
const TABS_ROW = 1;

/** What the console needs of the terminal. */
export interface TerminalPort {
  copyToClipboard(text: string): boolean;
  quit(): void;
}

/** The screens from bottom to top; a value of React's would be lost with it, so they live here. */
export interface ConsoleState {
  readonly stack: readonly Screen[];
  /** The batch whose writing makes quitting ask once more. */
  readonly quitAsked: boolean;
}

/** The console without its looks: screens, keys and batches. Everything that a key does begins in `input`. */
export class ConsoleModel {
  readonly store: StoreApi<ConsoleState>;
  readonly context: ConsoleContext;
  readonly keymap: Keymap;
  readonly keyProblems: readonly string[];
  readonly list: ListModel;
  #terminal: TerminalPort | null = null;
  /** Row of the terminal at which the body of the top screen begins; set by the view, for the mouse. */
  bodyTop = 0;
  /** The tabs of the list's second line as they are drawn; set by the view, for the mouse. */
  tabs: readonly Tab[] = [];

  constructor(readonly options: ConsoleOptions) {
    const { bindings, problems } = overrideKeys(options.keys ?? {});
    this.keymap = resolveKeymap(bindings, { readOnly: options.readOnly === true });
    this.keyProblems = problems;
    const notices = createNotices();
    const batches = new SessionBatches(
      options.services,
      (id) => options.feed.snapshot().rows.get(id)?.execution.path ?? null,
      (batch) => this.#told(batch),
    );
    this.context = {
      services: options.services,
      feed: options.feed,
      clock: createClock(),
      notices,
      engine: new EngineModel(options.conditions ?? null, options.feed),
      batches,
      staleAfterMs: () => this.list.state.getState().staleAfterMs,
      copy: (text) => this.#terminal?.copyToClipboard(text) ?? false,
      openTree: (id) => this.#push(new TreeModel(this.context, id)),
      openTimeline: (id, path) => this.#push(new TimelineModel(this.context, id, path)),
      openCancel: (targets, source) => {
        if (options.readOnly) return;
        this.#push(new CancelModel(this.context, options, targets, source));
      },
      openBatch: (id) => this.#push(new BatchModel(this.context, id, reportWriter(options, batches))),
      openBatches: () => {
        if (batches.store.getState().batches.length === 0) notices.say('no batches in this session yet');
        else this.#push(new BatchListModel(this.context));
      },
      openCauses: () => this.#push(new CausesModel(this.context)),
      openHelp: () => this.#push(new HelpModel(this.context)),
      back: () => this.#pop(),
      quit: () => this.#quit(),
    };
    this.list = new ListModel(this.context, {
      view: options.view ?? 'active',
      staleAfterMs: options.staleAfterMs ?? DEFAULT_STALE_AFTER_MS,
    });
    this.store = createStore<ConsoleState>(() => ({ stack: [this.list], quitAsked: false }));
    if (problems.length > 0) notices.say(`config: ${problems[0]}`, 'warn');
  }

  get top(): Screen {
    return this.store.getState().stack.at(-1) ?? this.list;
  }

  attach(terminal: TerminalPort): void {
    this.#terminal = terminal;
  }

  /** One key, paste or mouse action. True when it was used. */
  input(event: InputEvent): boolean {
    const screen = this.top;
    if (event.kind === 'paste') {
      screen.takePaste?.(event.text);
      return true;
    }
    if (event.kind === 'mouse') {
      if (event.action === 'wheel-up' || event.action === 'wheel-down') {
        screen.wheel?.(event.action === 'wheel-up' ? -1 : 1);
      } else if (event.button === 'left' && event.y >= this.bodyTop) screen.click?.(event.y - this.bodyTop);
      else if (event.button === 'left' && event.y === TABS_ROW && screen === this.list) {
        const view = tabAt(this.tabs, event.x);
        if (view !== null) this.list.act(`view-${view}`);
      }
      return true;
    }
    return this.#key(screen, event);
  }

  /** Ends what runs; resolves once no transaction of this console is under way, or after a few seconds. */
  async close(): Promise<readonly BatchSummary[]> {
    await this.context.batches.close(5000);
    for (const screen of this.store.getState().stack) screen.dispose?.();
    this.context.engine.dispose();
    this.context.clock.stop();
    this.context.notices.dispose();
    return this.context.batches.summaries();
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

  #push(screen: Screen): void {
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
    const { busy } = this.context.batches;
    if (busy.length > 0 && !this.store.getState().quitAsked) {
      this.store.setState({ quitAsked: true });
      const left = busy.reduce((sum, batch) => sum + batch.total - batch.done, 0);
      this.context.notices.say(`a batch is being written (${left} to go): q again stops it and quits`, 'warn');
      return;
    }
    this.#terminal?.quit();
  }

  /** A batch came to an end; said unless its own screen is on top, where it can be seen. */
  #told(batch: Batch): void {
    if (this.top instanceof BatchModel && this.top.batchId === batch.id) return;
    if (isBusy(batch)) return;
    const { text, tone } = batchNotice(batch);
    this.context.notices.say(text, tone);
  }
}

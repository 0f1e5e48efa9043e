import { createStore } from 'zustand/vanilla';
import { visibleText } from '../../text/visible-text.js';
import { BatchModel } from '../batches/batch-model.js';
import { type Batch, isBusy } from '../batches/batch-state.js';
import { batchNotice } from '../batches/format-batch.js';
import { SessionBatches } from '../batches/session-batches.js';
import type { ListModel } from '../list/list-model.js';
import { createClock } from '../shell/clock.js';
import type { ConsoleContext } from '../shell/console-context.js';
import type { BatchSummary, ConsoleOptions } from '../shell/console-options.js';
import { EngineModel } from '../shell/engine-model.js';
import {
  actionOf,
  type Keymap,
  keyName,
  keyOf,
  overrideKeys,
  resolveKeymap,
  whyDisabled,
} from '../shell/keymap-resolve.js';
import type { ActionId } from '../shell/keymap-types.js';
import { createNotices } from '../shell/notices.js';
import type { Screen, ScreenArguments, ScreenKind } from '../shell/screen.js';
import { VIEWS, type ViewId } from '../shell/views.js';
import { type InputEvent, type KeyEvent, keyId } from '../terminal/input-event.js';
import type { TerminalSize } from '../terminal/terminal-context.js';
import { Attention, type AttentionPort } from './attention.js';
import { CommandLine } from './command-line.js';
import { candidatesFor, parseCommand } from './commands.js';
import { OpenById } from './open-by-id.js';
import { ScreenStack } from './screen-stack.js';
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

/** Headless console: screens, keys, command line, batches. Everything that a key does begins in `input`. */
export class ConsoleModel {
  readonly screens: ScreenStack;
  readonly commandLine: CommandLine;
  readonly context: ConsoleContext;
  readonly keymap: Keymap;
  readonly keyProblems: readonly string[];
  readonly list: ListModel;
  readonly batches: SessionBatches;
  readonly #byId: OpenById;
  readonly #attention: Attention;
  #terminal: TerminalPort | null = null;
  /** True after q while a batch is being written: the next q stops it and quits. */
  #isQuitAsked = false;
  #unknownKey: string | null = null;

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
    this.commandLine = new CommandLine({
      candidates: (line) => candidatesFor(line, this.keymap, this.top.kind, () => options.feed.snapshot().rows.keys()),
      run: (line) => this.#run(line),
    });
    this.context = {
      services: options.services,
      describe: options.describe,
      feed: options.feed,
      clock: createClock(),
      notices,
      engine: new EngineModel(options.conditions ?? null, options.feed),
      batches: this.batches,
      command: this.commandLine.store,
      size: createStore<TerminalSize>(() => SIZE_BEFORE_TERMINAL),
      times: createStore(() => ({ zone: options.time ?? ('utc' as const) })),
      staleAfterMs: () => this.list.state.getState().staleAfterMs,
      copy: (text) => this.#terminal?.copyToClipboard(text) ?? false,
      open: (kind, ...given) => this.#open(kind, ...given),
      showList: (view, filter) => this.screens.showList(view, filter),
      keyOf: (action) => keyOf(this.keymap, action),
      back: () => this.#back(),
      quit: () => this.#quit(),
    };
    this.list = SCREENS.list.model(this);
    this.screens = new ScreenStack(this.list);
    this.#byId = new OpenById(this.context, () => this.top);
    const { context, list, batches } = this;
    this.#attention = new Attention({ context, list, batches, options, terminal: () => this.#terminal });
    if (problems.length > 0) notices.say(`config: ${problems[0]}`, 'warn');
  }

  get top(): Screen {
    return this.screens.top;
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
        if (this.commandLine.isOpen) this.commandLine.takePaste(event.text);
        else screen.takePaste?.(event.text);
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
    this.#byId.stop();
    this.screens.dispose();
    this.#attention.dispose();
    this.context.engine.dispose();
    this.context.clock.stop();
    this.context.notices.dispose();
    return this.batches.summaries();
  }

  #key(screen: Screen, event: KeyEvent): boolean {
    if (this.commandLine.isOpen) return this.commandLine.takeKey(event);
    if (screen.takeKey?.(event)) return true;
    const key = keyId(event);
    const found = actionOf(this.keymap, screen.kind, key);
    if (!(found?.kind === 'action' && found.id === 'quit')) this.#isQuitAsked = false;
    if (!found) {
      // The terminal takes these two when they are not used here.
      if (key !== 'ctrl-c' && key !== 'ctrl-z') this.#sayUnknown(screen, key);
      return false;
    }
    // What was said of another key goes with the next one that does something.
    const { notices } = this.context;
    if (this.#unknownKey !== null && notices.store.getState().notice?.text === this.#unknownKey) notices.clear();
    this.#unknownKey = null;
    if (found.kind === 'absent') this.context.notices.say(whyDisabled(found.binding), 'warn');
    else this.#act(screen, found.id);
    return true;
  }

  #sayUnknown(screen: Screen, key: string): void {
    const help = keyOf(this.keymap, 'help', screen.kind);
    this.#unknownKey = `${keyName(visibleText(key))} does nothing here; ${help} shows the keys`;
    this.context.notices.say(this.#unknownKey);
  }

  /** Does what a key or a command names. What means the same on every screen is done here. */
  #act(screen: Screen, action: ActionId): void {
    const view = VIEWS.find((each) => action === `view-${each}`);
    if (view) this.#showView(view);
    else if (action === 'next-view' || action === 'previous-view') {
      const at = VIEWS.indexOf(this.list.place().view) + (action === 'next-view' ? 1 : -1);
      this.#showView(VIEWS[(at + VIEWS.length) % VIEWS.length] ?? 'active');
    } else if (action === 'command') this.commandLine.open();
    else if (action === 'help') this.#open('help', screen.kind);
    else if (action === 'batches' || action === 'causes') this.#open(action);
    else if (action === 'quit') this.#quit();
    else if (action === 'back' && this.screens.listGoesBack) this.#back();
    else screen.act(action);
  }

  #showView(view: ViewId): void {
    this.context.notices.clear();
    this.screens.showList(view);
  }

  /** Runs a line of the command line; null, or why it cannot run. */
  #run(line: string): string | null {
    const result = parseCommand(line, this.keymap, this.top.kind);
    if (!result.ok) return result.problem;
    const { command } = result;
    if (command.kind === 'action') this.#act(this.top, command.id);
    else if (command.kind === 'filter') this.screens.showList(this.list.place().view, command.text);
    else void this.#byId.open(command.id, command.ids);
    return null;
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
    this.screens.push(screen);
  }

  #back(): void {
    if (!this.screens.pop()) this.context.notices.say(`this is the first screen; ${this.context.keyOf('quit')} quits`);
  }

  #quit(): void {
    const { busy } = this.batches;
    if (busy.length > 0 && !this.#isQuitAsked) {
      this.#isQuitAsked = true;
      const left = busy.reduce((sum, batch) => sum + batch.total - batch.done, 0);
      const key = this.context.keyOf('quit');
      this.context.notices.say(`a batch is being written (${left} to go): ${key} again stops it and quits`, 'warn');
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

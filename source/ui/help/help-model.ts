import { createStore, type StoreApi } from 'zustand/vanilla';
import { wrap } from '../../text/width.js';
import { formatConnection } from '../chrome/format-connection.js';
import { ScrollModel } from '../kit/scroll.js';
import { editText, emptyInput, type TextInput, textEditOf } from '../kit/text-input.js';
import { followBodyRows } from '../shell/body-rows.js';
import type { ConsoleContext } from '../shell/console-context.js';
import type { ConsoleOptions } from '../shell/console-options.js';
import type { Keymap } from '../shell/keymap-resolve.js';
import type { ActionId, KeyScope } from '../shell/keymap-types.js';
import type { Screen } from '../shell/screen.js';
import type { KeyEvent } from '../terminal/input-event.js';
import { type HelpFacts, type HelpLine, helpLines, searchedLines } from './help-lines.js';

declare module '../shell/screen.js' {
  interface ScreenArguments {
    help: [about: KeyScope];
  }
}

export const KEY_WIDTH = 20;
/** Longer than any line of help. */
const LONGEST_SEARCH = 100;

/** `isTyping`: the search has the keys. */
export interface HelpState {
  readonly search: TextInput;
  readonly isTyping: boolean;
}

/** Help for the screen that it was opened on; a search goes through the help of all screens. */
export class HelpModel implements Screen {
  readonly kind = 'help';
  readonly scroll: ScrollModel;
  readonly state: StoreApi<HelpState> = createStore<HelpState>(() => ({ search: emptyInput, isTyping: false }));
  readonly dispose: () => void;
  readonly #facts: HelpFacts;
  #wrapped: { width: number; search: string; lines: readonly HelpLine[] } | null = null;

  constructor(
    private readonly context: ConsoleContext,
    private readonly keymap: Keymap,
    options: ConsoleOptions,
    readonly about: KeyScope,
  ) {
    this.#facts = {
      isDemo: options.demo === true,
      connection: formatConnection(options.services.store.connection, options.profile),
      readOnly: options.readOnly === true,
      cancelledBy: options.cancelledBy,
    };
    // The cursor is the first line shown: the last one that it can stand on shows the end.
    this.scroll = new ScrollModel(() => {
      const { search, isTyping } = this.state.getState();
      const height = this.scroll.state.getState().height - (isTyping || search.text !== '' ? 1 : 0);
      return Math.max(1, this.lines(context.size.getState().columns).length - height + 1);
    });
    this.dispose = followBodyRows(context, true, (rows) => this.scroll.resize(rows));
  }

  /** The lines as they are wrapped at a width: of this screen's help, or those that the search finds in all. */
  lines(width: number): readonly HelpLine[] {
    const search = this.state.getState().search.text.trim();
    if (this.#wrapped?.width === width && this.#wrapped.search === search) return this.#wrapped.lines;
    const { keymap, about } = this;
    const lines = search === '' ? helpLines(keymap, about, this.#facts) : searchedLines(keymap, this.#facts, search);
    this.#wrapped = { width, search, lines: lines.flatMap((line) => wrapped(line, width)) };
    return this.#wrapped.lines;
  }

  act(action: ActionId): void {
    if (this.scroll.act(action)) return;
    if (action === 'filter') this.state.setState({ isTyping: true });
    if (action !== 'back') return;
    if (this.state.getState().search.text !== '') this.#search(emptyInput, false);
    else this.context.back();
  }

  takeKey(event: KeyEvent): boolean {
    const { search, isTyping } = this.state.getState();
    if (!isTyping) return false;
    if (event.name === 'enter' || event.name === 'up' || event.name === 'down') {
      this.state.setState({ isTyping: false });
      // Leaving the field downwards reads on at once.
      return event.name === 'enter';
    }
    if (event.name === 'escape') this.#search(emptyInput, false);
    else {
      const edit = textEditOf(event);
      if (!edit) return !event.ctrl && !event.meta;
      this.#search(editText(search, edit), true);
    }
    return true;
  }

  takePaste(text: string): void {
    const { search, isTyping } = this.state.getState();
    if (isTyping) this.#search(editText(search, { type: 'insert', text: text.replace(/\s+/g, ' ').trim() }), true);
  }

  wheel(by: 1 | -1): void {
    this.scroll.move({ by: by * 3 });
  }

  #search(search: TextInput, isTyping: boolean): void {
    if (search.text.length > LONGEST_SEARCH) return;
    this.state.setState({ search, isTyping });
    this.scroll.point(0);
  }
}

function wrapped(line: HelpLine, width: number): HelpLine[] {
  const room = Math.max(10, width - (line.kind === 'entry' ? KEY_WIDTH + 3 : 2));
  return wrap(line.words, room)
    .concat(line.words === '' ? [''] : [])
    .map((words, at) => ({ ...line, key: at === 0 ? line.key : '', words }));
}

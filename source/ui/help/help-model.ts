import { wrap } from '../../text/width.js';
import { formatConnection } from '../chrome/format-connection.js';
import { ScrollModel } from '../kit/scroll-model.js';
import { followBodyRows } from '../shell/body-rows.js';
import type { ConsoleContext } from '../shell/console-context.js';
import type { ConsoleOptions } from '../shell/console-options.js';
import type { Keymap } from '../shell/keymap-resolve.js';
import type { ActionId } from '../shell/keymap-types.js';
import type { Screen } from '../shell/screen.js';
import { type HelpLine, helpLines } from './help-lines.js';

declare module '../shell/screen.js' {
  interface ScreenArguments {
    help: [];
  }
}

export const KEY_WIDTH = 20;

/** Help: all keys, the filter's words, the codes and what they mean. */
export class HelpModel implements Screen {
  readonly kind = 'help';
  readonly scroll: ScrollModel;
  readonly dispose: () => void;
  readonly #lines: readonly HelpLine[];
  #wrapped: { width: number; lines: readonly HelpLine[] } = { width: 0, lines: [] };

  constructor(
    private readonly context: ConsoleContext,
    keymap: Keymap,
    options: ConsoleOptions,
  ) {
    this.#lines = helpLines(keymap, {
      isDemo: options.demo === true,
      connection: formatConnection(options.services.store.connection, options.profile),
      readOnly: options.readOnly === true,
      cancelledBy: options.cancelledBy,
    });
    // The cursor is the first line shown: the last one that it can stand on shows the end.
    this.scroll = new ScrollModel(() => {
      const { height } = this.scroll.state.getState();
      return Math.max(1, this.lines(context.size.getState().columns).length - height + 1);
    });
    this.dispose = followBodyRows(context, true, (rows) => this.scroll.resize(rows));
  }

  /** The lines as they are wrapped at a width. */
  lines(width: number): readonly HelpLine[] {
    if (this.#wrapped.width !== width)
      this.#wrapped = { width, lines: this.#lines.flatMap((line) => wrapped(line, width)) };
    return this.#wrapped.lines;
  }

  act(action: ActionId): void {
    if (this.scroll.act(action)) return;
    if (action === 'back') this.context.back();
    if (action === 'quit') this.context.quit();
  }

  wheel(by: 1 | -1): void {
    this.scroll.move({ by: by * 3 });
  }
}

function wrapped(line: HelpLine, width: number): HelpLine[] {
  const room = Math.max(10, width - (line.kind === 'entry' ? KEY_WIDTH + 3 : 2));
  return wrap(line.words, room)
    .concat(line.words === '' ? [''] : [])
    .map((words, at) => ({ ...line, key: at === 0 ? line.key : '', words }));
}

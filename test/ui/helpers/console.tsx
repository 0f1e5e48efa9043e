import { EventEmitter } from 'node:events';
import { render } from 'ink';
import { onTestFinished } from 'vitest';
import type { ExecutionSummary } from '../../../source/service/live-feed/feed-state.js';
import { CancelModel } from '../../../source/ui/cancel-dialog/cancel-model.js';
import { ConsoleScreen } from '../../../source/ui/console/console.js';
import { ConsoleModel } from '../../../source/ui/console/console-model.js';
import type { ConsoleOptions } from '../../../source/ui/shell/console-options.js';
import type { TerminalSize } from '../../../source/ui/terminal/terminal-context.js';
import { keyEvent } from '../terminal/test-terminal.js';
import { FakeFeed } from './fake-feed.js';
import { FakeServices } from './fake-services.js';

/** More than the dialog has. */
const MOST_FIELDS = 10;

/** A stdout of a size that keeps the last frame. Ink is told of more rows than it draws, so that it never clears. */
class FrameCatcher extends EventEmitter {
  frame = '';
  readonly frames: string[] = [];
  constructor(
    readonly columns: number,
    readonly rows: number,
  ) {
    super();
  }
  write = (text: string): boolean => {
    this.frame = text;
    this.frames.push(text);
    return true;
  };
}

/** The sizes of a terminal in which every screen is looked at. */
export const TERMINAL_SIZES = [
  [60, 20],
  [80, 24],
  [120, 40],
  [200, 50],
] as const;

/** A console on fakes, drawn at a size; the keys are named as in the keymap. */
export class TestConsole {
  readonly feed: FakeFeed;
  readonly fake: FakeServices;
  readonly model: ConsoleModel;
  readonly copied: string[] = [];
  hasQuit = false;
  bells = 0;
  readonly titles: string[] = [];
  readonly #stdout: FrameCatcher;
  readonly #instance: ReturnType<typeof render>;
  #size: TerminalSize;
  #resized: () => void = () => {};

  constructor(
    rows: readonly ExecutionSummary[],
    options: Partial<ConsoleOptions> & { size?: TerminalSize; prepare?: (fake: FakeServices) => void } = {},
  ) {
    const { size = { columns: 120, rows: 30 }, prepare, ...rest } = options;
    this.feed = new FakeFeed(rows);
    this.fake = new FakeServices(this.feed);
    prepare?.(this.fake);
    this.model = new ConsoleModel({
      services: this.fake.services,
      describe: this.fake.describe,
      feed: this.feed,
      cancelledBy: 'ann@ops',
      source: 'noetl-console/test',
      noColor: true,
      ...rest,
    });
    this.#size = size;
    this.model.attach({
      size: () => this.#size,
      onResize: (listener) => {
        this.#resized = listener;
      },
      onInput: () => {},
      copyToClipboard: (text) => {
        this.copied.push(text);
        return true;
      },
      bell: () => {
        this.bells += 1;
      },
      setTitle: (text) => {
        if (this.titles.at(-1) !== text) this.titles.push(text);
      },
      quit: () => {
        this.hasQuit = true;
      },
    });
    this.#stdout = new FrameCatcher(size.columns, 1000);
    this.#instance = render(<ConsoleScreen model={this.model} size={size} />, {
      stdout: this.#stdout as unknown as NodeJS.WriteStream,
      stdin: new EventEmitter() as unknown as NodeJS.ReadStream,
      debug: true,
      exitOnCtrlC: false,
      patchConsole: false,
    });
  }

  get frame(): string {
    return this.#stdout.frame;
  }

  /** Every frame so far: what flickers is in one of them. */
  get frames(): readonly string[] {
    return this.#stdout.frames;
  }

  get lines(): string[] {
    return this.frame.split('\n');
  }

  press(...keys: readonly string[]): void {
    for (const key of keys) this.model.input(keyEvent(key));
  }

  type(text: string): void {
    for (const character of text) this.model.input(keyEvent(character === ' ' ? 'space' : character));
  }

  paste(text: string): void {
    this.model.input({ kind: 'paste', text });
  }

  /** Clicks on a cell; both count from 0. */
  click(x: number, y: number): void {
    const input = { kind: 'mouse', action: 'press', button: 'left', ctrl: false, meta: false, shift: false } as const;
    this.model.input({ ...input, x, y });
  }

  /** Goes to the dialog's button with Tab, as an operator does, types the number on the way, and presses it. */
  confirm(count?: number): void {
    const { top } = this.model;
    if (!(top instanceof CancelModel)) throw new Error('no dialog is open');
    for (let tabs = 0; top.state.getState().focus !== 'confirm'; tabs += 1) {
      if (tabs > MOST_FIELDS) throw new Error('Tab does not reach the button');
      this.press('tab');
      if (count !== undefined && top.state.getState().focus === 'count') this.type(String(count));
    }
    this.press('enter');
  }

  resize(size: TerminalSize): void {
    this.#size = size;
    this.#resized();
    this.#instance.rerender(<ConsoleScreen model={this.model} size={this.#size} />);
  }

  /** Waits until the screen shows (or, for a function, until it holds); fails with the screen after five seconds. */
  async waitFor(wanted: string | RegExp | (() => boolean)): Promise<void> {
    const holds = () =>
      typeof wanted === 'function'
        ? wanted()
        : typeof wanted === 'string'
          ? this.frame.includes(wanted)
          : wanted.test(this.frame);
    const deadline = Date.now() + 5000;
    while (!holds()) {
      if (Date.now() > deadline) throw new Error(`waited in vain for ${String(wanted)}; the screen is:\n${this.frame}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** Lets React draw what the last key changed. */
  async settled(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
  }

  async close(): Promise<ReturnType<ConsoleModel['close']>> {
    this.#instance.unmount();
    for (const run of this.fake.runs) this.fake.finish(run);
    return this.model.close();
  }
}

/** Opens a console that is closed when the test ends. */
export function openConsole(...given: ConstructorParameters<typeof TestConsole>): TestConsole {
  const console = new TestConsole(...given);
  onTestFinished(async () => {
    await console.close();
  });
  return console;
}

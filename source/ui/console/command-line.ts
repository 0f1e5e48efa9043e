import { createStore, type StoreApi } from 'zustand/vanilla';
import { editText, emptyInput, inputOf, type TextInput, textEditOf } from '../kit/text-input.js';
import type { CommandPrompt } from '../shell/console-context.js';
import type { KeyEvent } from '../terminal/input-event.js';
import { commonStart } from './commands.js';

/** What the command line asks of the console. */
export interface CommandHost {
  /** The words that the last one of a line may become. */
  candidates(line: string): readonly string[];
  /** Runs a line; null, or why it cannot run: then the line stays open. */
  run(line: string): string | null;
}

const HINT = 'an id or a command: Tab completes, ↑ ↓ history, Enter runs, Esc closes';
/** Lines of this session that are kept. */
const KEPT = 100;
/** More than any command; a longer paste is a mistake. */
const LONGEST = 1000;

/** A completion under way: the candidates, which one stands in the line, and what stands before it. */
interface Completion {
  readonly candidates: readonly string[];
  readonly at: number;
  readonly before: string;
}

/** The `:` line: editing, completion, and the history of this session. */
export class CommandLine {
  readonly store: StoreApi<{ readonly prompt: CommandPrompt | null }> = createStore(() => ({
    prompt: null as CommandPrompt | null,
  }));
  readonly #history: string[] = [];
  /** Index in the history; its length while a new line is being typed, which is kept in `#draft`. */
  #recalled = 0;
  #draft = '';
  #completion: Completion | null = null;

  constructor(private readonly host: CommandHost) {}

  get isOpen(): boolean {
    return this.store.getState().prompt !== null;
  }

  open(): void {
    this.#recalled = this.#history.length;
    this.#draft = '';
    this.#show(emptyInput, HINT);
  }

  close(): void {
    this.#completion = null;
    this.store.setState({ prompt: null });
  }

  /** One key while it is open; true when it was used. Ctrl-C and Ctrl-Z are left to the terminal. */
  takeKey(event: KeyEvent): boolean {
    const line = this.#line();
    const { name } = event;
    if (name === 'escape' || (name === 'backspace' && line.text === '')) this.close();
    else if (name === 'enter') this.#run(line.text);
    else if (name === 'tab') this.#complete(line, event.shift ? -1 : 1);
    else if (name === 'up' || (event.ctrl && name === 'p')) this.#recall(-1);
    else if (name === 'down' || (event.ctrl && name === 'n')) this.#recall(1);
    else {
      const edit = textEditOf(event);
      if (!edit) return !event.ctrl && !event.meta;
      this.#edited(editText(line, edit));
    }
    return true;
  }

  takePaste(text: string): void {
    this.#edited(editText(this.#line(), { type: 'insert', text: text.replace(/\s+/g, ' ').trim() }));
  }

  #line(): TextInput {
    return this.store.getState().prompt?.line ?? emptyInput;
  }

  #show(line: TextInput, hint: string, isProblem = false): void {
    this.store.setState({ prompt: { line, hint, isProblem } });
  }

  #edited(line: TextInput): void {
    this.#completion = null;
    if (line.text.length > LONGEST) this.#show(this.#line(), `too long: at most ${LONGEST} characters`, true);
    else this.#show(line, this.#hintFor(line.text));
  }

  #hintFor(text: string): string {
    return text.trim() === '' ? HINT : this.host.candidates(text).join('  ');
  }

  #run(text: string): void {
    const line = text.trim();
    if (line === '') {
      this.close();
      return;
    }
    if (this.#history.at(-1) !== line) this.#history.push(line);
    if (this.#history.length > KEPT) this.#history.shift();
    this.#recalled = this.#history.length;
    // Closed before it runs, so that what it opens does not see it.
    const { prompt } = this.store.getState();
    this.close();
    const problem = this.host.run(line);
    if (problem !== null && prompt) this.#show(prompt.line, problem, true);
  }

  /** The first Tab fills in what all candidates share; where that adds nothing, Tab goes through them. */
  #complete(line: TextInput, by: 1 | -1): void {
    const going = this.#completion;
    const candidates = going?.candidates ?? this.host.candidates(line.text);
    if (candidates.length === 0) {
      this.#show(line, line.text.trim() === '' ? HINT : 'nothing to complete', false);
      return;
    }
    const before = going?.before ?? line.text.slice(0, line.text.length - (/\S*$/.exec(line.text)?.[0].length ?? 0));
    const shared = before + commonStart(candidates);
    if (!going && candidates.length > 1 && shared.length > line.text.length) {
      this.#show(inputOf(shared), candidates.join('  '));
      return;
    }
    const from = going ? going.at + by : by === 1 ? 0 : -1;
    const at = (from + candidates.length) % candidates.length;
    this.#completion = candidates.length > 1 ? { candidates, at, before } : null;
    const hint = candidates.map((each, index) => (index === at && candidates.length > 1 ? `[${each}]` : each));
    // From the one before it on: at the end of a long list it would be cut off.
    this.#show(inputOf(before + (candidates[at] ?? '')), hint.slice(Math.max(0, at - 1)).join('  '));
  }

  #recall(by: 1 | -1): void {
    if (this.#recalled === this.#history.length) this.#draft = this.#line().text;
    const to = this.#recalled + by;
    if (to < 0 || to > this.#history.length) return;
    this.#recalled = to;
    this.#completion = null;
    const text = this.#history[to] ?? this.#draft;
    this.#show(inputOf(text), this.#hintFor(text));
  }
}

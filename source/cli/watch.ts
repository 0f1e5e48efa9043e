import type { EpochMs } from '../domain/execution.js';
import { isoTime } from '../service/json.js';
import { pause } from '../service/pause.js';
import { StoreError } from '../store/errors.js';
import type { CommandContext } from './command.js';
import { EXIT } from './output/exit-code.js';
import type { Terminal } from './output/terminal.js';

const RETRY_MS = 2000;
const HOME = '\u001b[H';
const CLEAR_LINE_END = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';

/** How a command's result is shown again and again. */
export interface Watched<Found, Row> {
  readonly everySeconds: number;
  /** What ends it besides Ctrl-C, for its first line. */
  readonly until?: string;
  read(): Promise<Found>;
  asOf(found: Found): EpochMs | null;
  rows(found: Found): readonly Row[];
  key(row: Row): string;
  /** What must differ for a row to be printed again; ages do not count. */
  mark(row: Row): string;
  /** Prints these of the rows; on a terminal, all. */
  print(found: Found, rows: readonly Row[], terminal: Terminal): void;
  isOver?(found: Found): boolean;
}

/**
 * `--watch`: on a terminal the result painted anew in place, cut to the screen's height; elsewhere (a pipe, `-o json`)
 * each row again whenever something in it changed, so that a reader sees what happens and nothing twice. `first` is what
 * has been read already.
 */
export async function watch<Found, Row>(
  context: CommandContext,
  watched: Watched<Found, Row>,
  first?: Found,
): Promise<number> {
  const { flags, terminal, signal } = context;
  const ended = AbortSignal.any([signal, terminal.unread]);
  const isPainted = terminal.stdout.isTTY === true && !flags.isJson;
  const seen = new Map<string, string>();
  let found: Found | null = first ?? null;
  while (!ended.aborted) {
    found ??= await retryUntilAborted(watched.read, terminal, ended);
    if (!found) break;
    const rows = watched.rows(found);
    if (isPainted) paint(watched, found, terminal);
    else {
      const changed = rows.filter((row) => isNews(seen, watched.key(row), watched.mark(row)));
      forgetLongUnchanged(seen, rows.length);
      if (changed.length > 0) watched.print(found, changed, terminal);
    }
    if (watched.isOver?.(found)) return EXIT.done;
    found = null;
    await pause(watched.everySeconds * 1000, ended);
  }
  return signal.aborted ? EXIT.interrupted : EXIT.done;
}

/** One write a round, each line cleared behind its text: an emptied screen in between would flicker. */
function paint<Found, Row>(watched: Watched<Found, Row>, found: Found, terminal: Terminal): void {
  const until = watched.until === undefined ? '' : ` ${watched.until}`;
  const title = `${isoTime(watched.asOf(found)) ?? ''}  every ${watched.everySeconds} s,${until} Ctrl-C ends`;
  const lines = [terminal.style.dim(title)];
  const collect = (line: string) => lines.push(...line.split('\n'));
  watched.print(found, watched.rows(found), { ...terminal, print: collect, write: collect, note: collect });
  const height = Math.max(2, (terminal.stdout.rows ?? 24) - 1);
  const cut = lines.length - height;
  const shown = cut > 0 ? [...lines.slice(0, height - 1), terminal.style.dim(`… ${cut + 1} more lines`)] : lines;
  terminal.write(`${HOME}${shown.map((line) => `${line}${CLEAR_LINE_END}\n`).join('')}${CLEAR_BELOW}`);
}

function isNews(seen: Map<string, string>, key: string, mark: string): boolean {
  if (seen.get(key) === mark) return false;
  seen.delete(key);
  seen.set(key, mark);
  return true;
}

/** A watch of weeks must not grow with all that ever ran: those that changed the longest time ago go first. */
function forgetLongUnchanged(seen: Map<string, string>, rows: number): void {
  for (const key of seen.keys()) {
    if (seen.size <= 2 * Math.max(100, rows)) return;
    seen.delete(key);
  }
}

/**
 * For commands that keep reading (`--watch`, `--follow`): a failure that may pass is reported once and tried again until
 * it has passed; null when the signal ended it first.
 */
export async function retryUntilAborted<T>(
  read: () => Promise<T>,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<T | null> {
  let isReported = false;
  while (!signal.aborted) {
    try {
      const result = await read();
      if (isReported) terminal.note('noetl-console: the database answers again');
      return result;
    } catch (error) {
      if (signal.aborted) return null;
      if (!(error instanceof StoreError && error.retryable)) throw error;
      if (!isReported) terminal.note(`noetl-console: ${error.message}; trying again`);
      isReported = true;
      await pause(RETRY_MS, signal);
    }
  }
  return null;
}

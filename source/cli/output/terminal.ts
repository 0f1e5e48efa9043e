import type { ReadStream, WriteStream } from 'node:tty';
import { createStyle, type Style, wantsColor } from './style.js';

/** Where a command reads and writes. Results go to `print`, everything else to `note`. */
export interface Terminal {
  readonly stdin: ReadStream;
  readonly stdout: Pick<WriteStream, 'isTTY' | 'columns' | 'rows'>;
  readonly stderrIsTerminal: boolean;
  /** For what is printed on stdout; plain when that is not a terminal. */
  readonly style: Style;
  /** One line of results. */
  print(line: string): void;
  /** Results as they are, no line end added. */
  write(text: string): void;
  /** One line of anything else: notes, progress, problems. */
  note(line: string): void;
  /** A line on stderr that the next note or progress replaces; only where stderr is a terminal. */
  progress(line: string): void;
  /** Aborted once stdout has no reader any more (`| head`). */
  readonly unread: AbortSignal;
  /** Why results could not be written (a full disk); null where they could. */
  outputProblem(): string | null;
  /** Resolves when everything printed has left the process. */
  flush(): Promise<void>;
}

/** Where a terminal does not say how wide it is. */
const DEFAULT_COLUMNS = 80;
const CLEAR_LINE = '\r\u001b[2K';

/** The terminal of a process. `noColor` is what `--no-color` said. */
export function processTerminal(process: NodeJS.Process, noColor: boolean): Terminal {
  const { stdin, stdout, stderr, env } = process;
  const unread = new AbortController();
  let progressShown = false;
  let problem: string | null = null;
  const endProgress = () => {
    if (progressShown) stderr.write(CLEAR_LINE);
    progressShown = false;
  };
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') problem ??= error.message;
    unread.abort();
  });
  // No reader is left: a closed stderr must not turn a done cancel into a failure.
  stderr.on('error', () => {});
  const write = (text: string) => {
    endProgress();
    if (!unread.signal.aborted) stdout.write(text);
  };
  return {
    stdin,
    stdout,
    stderrIsTerminal: stderr.isTTY === true,
    style: createStyle(wantsColor(env, stdout.isTTY === true, noColor)),
    unread: unread.signal,
    write,
    print: (line) => write(`${line}\n`),
    note: (line) => {
      endProgress();
      stderr.write(`${line}\n`);
    },
    progress: (line) => {
      if (!stderr.isTTY) return;
      stderr.write(`${CLEAR_LINE}${line.slice(0, Math.max(20, (stderr.columns ?? 80) - 1))}`);
      progressShown = true;
    },
    outputProblem: () => problem,
    flush: async () => {
      endProgress();
      await Promise.all(
        [stdout, stderr].map((stream) => new Promise<void>((resolve) => stream.write('', () => resolve()))),
      );
    },
  };
}

/** The columns that printed tables must fit into; undefined where stdout is not a terminal: then nothing is cut. */
export const tableWidth = ({ stdout }: Terminal): number | undefined =>
  stdout.isTTY ? (stdout.columns ?? 0) || DEFAULT_COLUMNS : undefined;

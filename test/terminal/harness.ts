import { type IPty, spawn } from '@lydell/node-pty';
import { keyBytes } from './key-bytes.js';
import { createScreenModel, type ScreenCell } from './screen-model.js';

/** Generous, because a loaded machine must not fail a test. */
const DEADLINE_MS = 30_000;
const QUIET_MS = 120;
/** A key that changes nothing on the screen is given this long to change something. */
const ANSWER_MS = 1_000;

/** What to start and on what terminal. */
export type PtyOptions = {
  readonly command: string;
  readonly args?: readonly string[];
  readonly columns?: number;
  readonly rows?: number;
  /** Added to this process's environment; undefined unsets. CI's own variables are always unset: Ink heeds them. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** Called with everything that the program writes, as it comes. */
  readonly onOutput?: (bytes: Uint8Array) => void;
};

/** How a program ended. */
export type PtyExit = { readonly exitCode: number; readonly signal: number };

/** A program running in a pseudo-terminal, and what its user would see. */
export type PtyTerminal = {
  readonly pid: number;
  /** The visible lines, without blanks at their ends. */
  readonly screen: () => string[];
  readonly text: () => string;
  readonly cells: () => ScreenCell[][];
  /** DEC private modes that are on: 25 cursor, 1049 alternate buffer, 2004 paste, 1000 and 1006 mouse, 7 autowrap. */
  readonly modes: () => ReadonlySet<number>;
  readonly ordinaryLines: () => string[];
  readonly copied: () => readonly string[];
  /** Presses keys by name, or types text. */
  readonly press: (...keys: readonly string[]) => void;
  /** Sends bytes as they stand. */
  readonly send: (bytes: string) => void;
  readonly resize: (columns: number, rows: number) => void;
  readonly signal: (signal: NodeJS.Signals) => void;
  /** Bytes that the program has written so far. */
  readonly bytesWritten: () => number;
  /** Everything that the program has written so far. */
  readonly output: () => string;
  /** Resolves when the screen shows the text, matches, or satisfies the predicate; else throws with the screen. */
  readonly waitFor: (wanted: string | RegExp | ((screen: string) => boolean), deadlineMs?: number) => Promise<void>;
  /** Resolves when the program has answered what was sent last, if it does, and then written nothing for a moment. */
  readonly waitForIdle: (quietMs?: number) => Promise<void>;
  readonly waitForExit: (deadlineMs?: number) => Promise<PtyExit>;
  /** Closes the terminal under the program, as closing its window does. */
  readonly hangUp: () => void;
  /** Kills the program if it still runs. */
  readonly close: () => Promise<void>;
};

function environment(added: PtyOptions['env']): Record<string, string> {
  const merged: NodeJS.ProcessEnv = { ...process.env, TERM: 'xterm-256color', LANG: 'C.UTF-8', ...added };
  const unwanted = /^(?:CI$|CI_|CONTINUOUS_INTEGRATION$|VITEST|NODE_ENV$|NO_COLOR$|FORCE_COLOR$|TMUX|INK_)/;
  const kept = Object.entries(merged).filter(([name]) => !unwanted.test(name) || added?.[name] !== undefined);
  return Object.fromEntries(kept.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** Starts a program in a pseudo-terminal. */
export function openTerminal(options: PtyOptions): PtyTerminal {
  const { columns = 80, rows = 24 } = options;
  const model = createScreenModel(columns, rows);
  const pty: IPty & { destroy?: () => void } = spawn(options.command, [...(options.args ?? [])], {
    name: 'xterm-256color',
    cols: columns,
    rows,
    env: environment(options.env),
    cwd: options.cwd ?? process.cwd(),
    encoding: null,
  });
  const chunks: Buffer[] = [];
  const watchers = new Set<() => void>();
  let bytes = 0;
  let isUnanswered = false;
  let ended: PtyExit | undefined;
  const changed = () => {
    for (const watcher of [...watchers]) watcher();
  };
  // With no encoding the data comes as Buffers, whatever the declared type says.
  pty.onData((data) => {
    const chunk = Buffer.from(data);
    bytes += chunk.length;
    isUnanswered = false;
    chunks.push(chunk);
    options.onOutput?.(chunk);
    void model.write(chunk).then(changed);
  });
  pty.onExit(({ exitCode, signal = 0 }) => {
    ended = { exitCode, signal };
    void model.write(new Uint8Array()).then(changed);
  });
  const text = () => model.lines().join('\n');

  function until(isTrue: () => boolean, deadlineMs: number, wanted: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const finish = (error?: Error) => {
        clearTimeout(deadline);
        watchers.delete(check);
        if (error === undefined) resolve();
        else reject(error);
      };
      const fail = (why: string) => finish(new Error(`${why} waiting for ${wanted}; the screen:\n${text()}`));
      const check = () => {
        if (isTrue()) finish();
        else if (ended !== undefined) fail(`The program ended (${ended.exitCode}, signal ${ended.signal})`);
      };
      const deadline = setTimeout(() => fail(`${deadlineMs} ms passed`), deadlineMs);
      watchers.add(check);
      check();
    });
  }

  function waitForIdle(quietMs = QUIET_MS): Promise<void> {
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout;
      const finish = () => {
        watchers.delete(restart);
        resolve();
      };
      const restart = () => {
        clearTimeout(timer);
        timer = setTimeout(finish, isUnanswered && ended === undefined ? ANSWER_MS : quietMs);
      };
      watchers.add(restart);
      restart();
    });
  }

  function send(data: string): void {
    isUnanswered = true;
    pty.write(data);
  }

  async function waitForExit(deadlineMs = DEADLINE_MS): Promise<PtyExit> {
    await until(() => ended !== undefined, deadlineMs, 'the exit');
    await waitForIdle();
    return ended!;
  }

  return {
    pid: pty.pid,
    screen: model.lines,
    text,
    cells: model.cells,
    modes: model.modes,
    ordinaryLines: model.ordinaryLines,
    copied: model.copied,
    press: (...keys) => {
      for (const key of keys) send(keyBytes(key));
    },
    send,
    resize: (nextColumns, nextRows) => {
      isUnanswered = true;
      model.resize(nextColumns, nextRows);
      pty.resize(nextColumns, nextRows);
    },
    signal: (signal) => process.kill(pty.pid, signal),
    bytesWritten: () => bytes,
    output: () => Buffer.concat(chunks).toString('utf8'),
    waitFor: (wanted, deadlineMs = DEADLINE_MS) => {
      const isTrue =
        typeof wanted === 'string'
          ? () => text().includes(wanted)
          : typeof wanted === 'function'
            ? () => wanted(text())
            : () => wanted.test(text());
      return until(isTrue, deadlineMs, String(wanted));
    },
    waitForIdle,
    waitForExit,
    hangUp: () => pty.destroy?.(),
    close: async () => {
      if (ended === undefined) {
        pty.kill('SIGKILL');
        await waitForExit();
      }
      model.dispose();
    },
  };
}

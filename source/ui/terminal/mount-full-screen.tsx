import { type Instance, render } from 'ink';
import { type ReactNode, useLayoutEffect } from 'react';
import { createDrawnLines } from './drawn-lines.js';
import { ErrorBoundary } from './error-boundary.js';
import { createInkOutput, SPOKEN_WIDENING, spokenFrame } from './ink-output.js';
import { type InputEvent, type InputHandler, keyId } from './input-event.js';
import { createInputSource, type InputStream } from './input-source.js';
import { createJobControl } from './job-control.js';
import { CLOSED, signalled, type TerminalOutcome, watchForEnding } from './outcome.js';
import { createScreenPainter } from './screen-painter.js';
import { clipboardSequence, createTitle, enterSequence, leaveSequence } from './sequences.js';
import { type Terminal, TerminalContext, useTerminalSize } from './terminal-context.js';
import { createTerminalOutput, type OutputStream } from './terminal-output.js';

/** Ink has drawn a new size by then; only when its frame is the same as before is it for us to write it again. */
const REPAINT_AFTER_MS = 10;

/** Ink's own variable, which its users may have set already. */
const INK_SCREEN_READER = 'INK_SCREEN_READER';

/** Where to draw and how. */
export type FullScreenOptions = {
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  /** Read for TERM, TMUX and INK_SCREEN_READER only. */
  readonly env: NodeJS.ProcessEnv;
  /** Ask for mouse events; the terminal's own selection then needs its modifier key. Default: off. */
  readonly mouse?: boolean;
  /** Ink's screen-reader output: text without layout, whole lines written, cursor visible. */
  readonly screenReader?: boolean;
};

/** A running full screen. */
export type FullScreen = {
  /** Resolves, never rejects, once the terminal is as it was. */
  readonly waitUntilExit: () => Promise<TerminalOutcome>;
  /** Ends it as an ordinary quit. */
  readonly unmount: () => void;
  readonly suspend: () => void;
  readonly terminal: Terminal;
  /** Bytes written to the terminal so far. */
  readonly bytesWritten: () => number;
};

/** Ink lays out anew when React has drawn the new size, so that no frame shows old content at a new width. */
function SizeFollower({ resized, children }: { readonly resized: () => void; readonly children: ReactNode }) {
  const size = useTerminalSize();
  useLayoutEffect(() => {
    if (size) resized();
  }, [size, resized]);
  return children;
}

/**
 * Draws an element on the whole terminal, in the alternate buffer, until quit, a signal, an error or the terminal's own
 * end. Whatever ends it, the terminal is restored synchronously and once, before `waitUntilExit` resolves. Ink 8 has an
 * alternate buffer, paste and suspend of its own; these stay ours for that way out, because a changed cell costs a cell,
 * and because Ink knows no mouse (docs/decisions). test/ui/terminal/test-terminal.ts is its stand-in for tests of screens.
 * The caller reports errors and exits: this never calls process.exit.
 */
export function mountFullScreen(element: ReactNode, options: FullScreenOptions): FullScreen {
  const { stdin, stdout, env, mouse = false } = options;
  const screenReader = options.screenReader === true || env[INK_SCREEN_READER] === 'true';
  const output = createTerminalOutput(stdout);
  const painter = createScreenPainter(output.write, output.size, screenReader);
  const lines = screenReader ? undefined : createDrawnLines();
  const title = createTitle((text) => {
    if (isShown) output.write(text);
  });
  const handlers = new Set<InputHandler>();
  const resizeListeners = new Set<() => void>();
  let isSizeToldOf = false;
  let isShown = false;
  let isEnded = false;
  let resolveOutcome: (outcome: TerminalOutcome) => void = () => {};
  const outcome = new Promise<TerminalOutcome>((resolve) => {
    resolveOutcome = resolve;
  });

  const inkSize = () =>
    screenReader ? { ...output.size(), columns: output.size().columns * SPOKEN_WIDENING } : output.size();
  const inkOutput = createInkOutput(inkSize, (drawn) => {
    const frame = lines ? lines.expand(drawn) : spokenFrame(drawn);
    if (isShown) painter.paint(frame);
    else painter.hold(frame);
  });
  const input = createInputSource(stdin, deliver, () => end(CLOSED));
  const jobs = createJobControl(leave, enter);
  const stopWatching = watchForEnding(stdout, end, leave);

  function deliver(event: InputEvent): void {
    try {
      let isUsed = false;
      for (const handler of [...handlers]) isUsed = handler(event) === true || isUsed;
      if (isUsed || isEnded || event.kind !== 'key') return;
      if (keyId(event) === 'ctrl-c') end(signalled('SIGINT'));
      if (keyId(event) === 'ctrl-z') jobs.suspend();
    } catch (error) {
      end({ reason: 'error', error });
    }
  }

  function enter(): void {
    if (isEnded) return;
    output.write(enterSequence(mouse, screenReader) + title.enter());
    // After a stop that we did not see coming (SIGSTOP) it still counts as started, but the mode may be the shell's.
    input.stop();
    input.start();
    isShown = true;
    resized();
  }

  function leave(): void {
    if (!isShown) return;
    isShown = false;
    input.stop();
    output.writeNow(title.leave() + leaveSequence(mouse));
  }

  function resized(): void {
    output.measure();
    painter.forget();
    for (const listener of [...resizeListeners]) listener();
    setTimeout(() => {
      if (isShown) painter.repaint();
    }, REPAINT_AFTER_MS);
  }

  function sizeChanged(): void {
    isSizeToldOf = true;
    resized();
  }

  /**
   * Node reports a resize when the size differs from the one it knew. A window that was made smaller and larger again
   * before Node looked has the same size and has lost what it showed. Node's own listener comes before this one.
   */
  function windowChanged(): void {
    if (!isSizeToldOf) resized();
    isSizeToldOf = false;
  }

  function end(result: TerminalOutcome): void {
    if (isEnded) return;
    isEnded = true;
    leave();
    jobs.dispose();
    stdout.off('resize', sizeChanged);
    process.off('SIGWINCH', windowChanged);
    // Later, because an error boundary reports from inside a commit, where React cannot unmount; and because Ink's own
    // signal listener, called after ours, kills the process when it finds itself alone.
    queueMicrotask(() => {
      try {
        instance.unmount();
      } catch (error) {
        resolveOutcome(result.reason === 'quit' ? { reason: 'error', error } : result);
      }
      stopWatching();
      resolveOutcome(result);
    });
  }

  const terminal: Terminal = {
    size: output.size,
    onResize: (listener) => subscribe(resizeListeners, listener),
    onInput: (handler) => subscribe(handlers, handler),
    quit: () => end({ reason: 'quit' }),
    suspend: jobs.suspend,
    copyToClipboard: (text) => {
      const sequence = clipboardSequence(text, env);
      if (sequence === undefined || !isShown) return false;
      output.write(sequence);
      return true;
    },
    bell: () => {
      if (isShown) output.write('\u0007');
    },
    setTitle: title.set,
    mouse,
    screenReader,
    lines,
  };

  function draw(): Instance {
    try {
      return render(
        <TerminalContext.Provider value={terminal}>
          <ErrorBoundary onError={(error) => end({ reason: 'error', error })}>
            <SizeFollower resized={inkOutput.resized}>{element}</SizeFollower>
          </ErrorBoundary>
        </TerminalContext.Provider>,
        {
          stdout: inkOutput.stream,
          stdin: stdin as NodeJS.ReadStream,
          exitOnCtrlC: false,
          patchConsole: false,
          interactive: true,
          incrementalRendering: false,
          isScreenReaderEnabled: screenReader,
          maxFps: 60,
        },
      );
    } catch (error) {
      leave();
      jobs.dispose();
      stopWatching();
      throw error;
    }
  }

  stdout.on('resize', sizeChanged);
  process.on('SIGWINCH', windowChanged);
  enter();
  const instance = draw();
  return {
    waitUntilExit: () => outcome,
    unmount: terminal.quit,
    suspend: jobs.suspend,
    terminal,
    bytesWritten: output.bytesWritten,
  };
}

function subscribe<T>(set: Set<T>, member: T): () => void {
  set.add(member);
  return () => set.delete(member);
}

import { StringDecoder } from 'node:string_decoder';
import type { InputEvent } from './input-event.js';
import { createInputParser } from './input-parser.js';

/** Long enough for the rest of a key's sequence over a slow line, too short to be noticed on the Esc key. */
const ESCAPE_SILENCE_MS = 40;
/** A paste whose end mark is lost ends after this silence, or it would swallow every key from then on. */
const PASTE_SILENCE_MS = 1_000;

/** Standard input, or what stands for it in a test. */
export type InputStream = NodeJS.ReadableStream & {
  readonly isTTY?: boolean;
  readonly setRawMode?: (mode: boolean) => unknown;
  readonly ref?: () => unknown;
  readonly unref?: () => unknown;
};

/** Reads a terminal's input while started. */
export type InputSource = {
  /** Raw mode on, and listen. Does nothing on an input that is not a terminal: raw mode would throw. */
  readonly start: () => void;
  /** Raw mode off, and stop listening; what was half read is forgotten. */
  readonly stop: () => void;
};

/**
 * @param deliver hears every event, in order
 * @param closed called once when the input ends, fails or is closed
 */
export function createInputSource(
  stdin: InputStream,
  deliver: (event: InputEvent) => void,
  closed: () => void,
): InputSource {
  // A late EIO from a terminal that is gone must not become an uncaught exception.
  stdin.on('error', () => {});
  let isStarted = false;
  let silence: NodeJS.Timeout | undefined;
  let parser = createInputParser();
  let decoder = new StringDecoder('utf8');

  function deliverAll(events: readonly InputEvent[]): void {
    for (const event of events) {
      // What a key stopped (quit, suspend) hears no further key of the same read.
      if (isStarted) deliver(event);
    }
  }

  function read(chunk: Buffer | string): void {
    clearTimeout(silence);
    const text = typeof chunk === 'string' ? chunk : decoder.write(chunk);
    deliverAll(parser.push(text));
    if (isStarted && parser.isWaiting()) {
      silence = setTimeout(() => deliverAll(parser.flush()), parser.isPasting() ? PASTE_SILENCE_MS : ESCAPE_SILENCE_MS);
    }
  }

  function setRawMode(mode: boolean): void {
    try {
      stdin.setRawMode?.(mode);
    } catch {
      // The terminal is gone (EIO): no mode can be set any more.
    }
  }

  return {
    start: () => {
      if (isStarted || stdin.isTTY !== true) return;
      isStarted = true;
      // libuv ignores a mode that it believes is set; a shell may have changed it behind its back while suspended.
      setRawMode(false);
      setRawMode(true);
      stdin.ref?.();
      stdin.on('data', read);
      for (const event of ['end', 'close', 'error']) stdin.on(event, closed);
      stdin.resume();
    },
    stop: () => {
      if (!isStarted) return;
      isStarted = false;
      clearTimeout(silence);
      parser = createInputParser();
      decoder = new StringDecoder('utf8');
      stdin.off('data', read);
      for (const event of ['end', 'close', 'error']) stdin.off(event, closed);
      stdin.pause();
      setRawMode(false);
      stdin.unref?.();
    },
  };
}

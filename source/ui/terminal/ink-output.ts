import { EventEmitter } from 'node:events';
import type { TerminalSize } from './terminal-context.js';

/** What log-update writes before a frame to erase the one before it (ansi-escapes' eraseLines). */
const ERASE_PREFIX = /^(?:\u001b\[2K(?:\u001b\[1A)?)*(?:\u001b\[G)?/;

/** Stands between Ink and the terminal: Ink writes frames to it as if there were endless room. */
export type InkOutput = {
  /** To be given to Ink as its stdout. */
  readonly stream: NodeJS.WriteStream;
  /** Notifies Ink that the width has changed: it lays out and draws at once. */
  readonly resized: () => void;
};

/**
 * Takes whole frames from Ink: its own line diff (incrementalRendering) writes three times what the screen painter does.
 * Ink is given endless rows and no terminal, or it would clear the screen for frames as tall as the terminal and add
 * cursor and synchronisation sequences of its own.
 */
export function createInkOutput(size: () => TerminalSize, paint: (frame: string) => void): InkOutput {
  const emitter = new EventEmitter();
  emitter.setMaxListeners(0);

  function write(chunk: unknown, encoding?: unknown, callback?: unknown): boolean {
    const text = typeof chunk === 'string' ? chunk : '';
    const frame = text.replace(ERASE_PREFIX, '');
    // An erase without a frame after it is Ink's answer to a narrower terminal; the frame follows.
    if (frame !== '') paint(frame.replace(/\n$/, ''));
    const done = typeof encoding === 'function' ? encoding : callback;
    if (typeof done === 'function') queueMicrotask(() => done());
    return true;
  }

  const stream = Object.assign(emitter, {
    isTTY: false,
    writable: true,
    writableLength: 0,
    rows: Number.MAX_SAFE_INTEGER,
    write,
  });
  Object.defineProperty(stream, 'columns', { get: () => size().columns });
  return {
    stream: stream as unknown as NodeJS.WriteStream,
    resized: () => emitter.emit('resize'),
  };
}

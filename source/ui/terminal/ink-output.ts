import { EventEmitter } from 'node:events';
import type { TerminalSize } from './terminal-context.js';

/** Columns of a table, and lines drawn with box characters: shapes for the eye. */
const GAP = / {2,}/g;
const RULE = /─{3,}/g;

/** Ink puts a space between any two texts for a screen reader; it gets so much more room that nothing wraps. */
export const SPOKEN_WIDENING = 4;

/** A frame as a screen reader should get it: the words, without the spaces and rules that only make it a picture. */
export function spokenFrame(frame: string): string {
  const lines = frame.split('\n').map((line) => line.replace(RULE, '').replace(GAP, ' ').trimEnd());
  return lines.filter((line, at) => line !== '' || (at > 0 && lines[at - 1] !== '')).join('\n');
}

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

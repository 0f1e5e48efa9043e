import { writeSync } from 'node:fs';
import type { TerminalSize } from './terminal-context.js';

/** Standard output, or what stands for it in a test. */
export type OutputStream = NodeJS.WritableStream & {
  readonly isTTY?: boolean;
  readonly fd?: number;
  readonly columns?: number;
  readonly rows?: number;
};

/** The real terminal's output side. */
export type TerminalOutput = {
  readonly write: (text: string) => void;
  /** Written when this returns, even in a process that is about to die. Never throws. */
  readonly writeNow: (text: string) => void;
  readonly size: () => TerminalSize;
  /** Takes the size anew; true when it has changed. */
  readonly measure: () => boolean;
  /** Bytes written so far, all sequences included. */
  readonly bytesWritten: () => number;
};

/** A full terminal (Ctrl-S) answers EAGAIN; it is asked this many times, and then the text is given up. */
const ATTEMPTS = 200;

function writeToDescriptor(fd: number, text: string): void {
  let rest = Buffer.from(text, 'utf8');
  for (let attempt = 0; rest.length > 0 && attempt < ATTEMPTS; attempt++) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

/** Wraps standard output. Sizes that the terminal does not report are taken as 80×24. */
export function createTerminalOutput(stdout: OutputStream): TerminalOutput {
  let bytes = 0;
  const current = (): TerminalSize => ({ columns: stdout.columns || 80, rows: stdout.rows || 24 });
  let size = current();

  function write(text: string): void {
    bytes += Buffer.byteLength(text);
    stdout.write(text);
  }

  return {
    write,
    writeNow: (text) => {
      bytes += Buffer.byteLength(text);
      try {
        if (stdout.isTTY === true && stdout.fd !== undefined) writeToDescriptor(stdout.fd, text);
        else stdout.write(text);
      } catch {
        // The terminal is gone: no state is left to restore.
      }
    },
    size: () => size,
    measure: () => {
      const next = current();
      const hasChanged = next.columns !== size.columns || next.rows !== size.rows;
      if (hasChanged) size = next;
      return hasChanged;
    },
    bytesWritten: () => bytes,
  };
}

import { PassThrough, Writable } from 'node:stream';
import type { InputStream } from '../../source/ui/terminal/input-source.js';
import type { OutputStream } from '../../source/ui/terminal/terminal-output.js';

/** A terminal of 120×39 within the process: keys go in, bytes come out and are counted. */
export class ProbeTerminal {
  readonly columns = 120;
  readonly rows = 39;
  bytes = 0;
  #frame: (() => void) | null = null;

  readonly #input = new PassThrough();
  readonly stdin = Object.assign(this.#input, {
    isTTY: true,
    setRawMode: () => this.#input,
    ref: () => this.#input,
    unref: () => this.#input,
  }) as unknown as InputStream;

  readonly stdout = Object.assign(
    new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        this.bytes += chunk.length;
        done();
        const waiting = this.#frame;
        this.#frame = null;
        waiting?.();
      },
    }),
    { isTTY: true, columns: this.columns, rows: this.rows },
  ) as unknown as OutputStream;

  send(keys: string): void {
    this.#input.write(keys);
  }

  /** Resolves when something is written next; rejects when nothing comes for long. */
  nextFrame(): Promise<void> {
    return new Promise((resolve, reject) => {
      const deadline = setTimeout(() => reject(new Error('no frame came')), 10_000);
      this.#frame = () => {
        clearTimeout(deadline);
        resolve();
      };
    });
  }

  /** Resolves when nothing has been written for a while. */
  async idle(ms: number): Promise<void> {
    for (let before = -1; before !== this.bytes; ) {
      before = this.bytes;
      await new Promise((resolve) => setTimeout(resolve, ms));
    }
  }
}

/** When new events are due to be read: at a fixed pace, with a rest as long as the last read took where that is slow. */
export class ReadPace {
  #begunAt = 0;
  #took = 0;

  constructor(
    private readonly everyMs: number,
    private readonly now: () => number = Date.now,
  ) {}

  begin(): void {
    this.#begunAt = this.now();
  }

  end(): void {
    this.#took = this.now() - this.#begunAt;
  }

  /** Milliseconds until the next read. */
  rest(): number {
    const due = this.#begunAt + Math.max(this.everyMs, 2 * this.#took);
    return Math.min(this.everyMs, Math.max(0, due - this.now()));
  }
}

/** After this long without a key the operator is not pointing at a row: pending changes are sorted in automatically. */
const UNTOUCHED_MS = 60_000;
/** The same while the first rows come in, piece by piece. */
const FILLING_MS = 1_000;

/** When rows that came or changed are sorted in: while the history comes in, and once the keys have rested. */
export class Settling {
  readonly #openedAt = Date.now();
  #touchedAt = this.#openedAt;
  /** True until the feed's first reading of the history is over and its last rows are sorted in. */
  #isFilling = true;

  touch(): void {
    this.#touchedAt = Date.now();
  }

  get isUntouched(): boolean {
    return this.#untouchedMs > UNTOUCHED_MS;
  }

  /** While the history comes in, and for its last piece: what came is sorted in at once unless someone is at the keys. */
  fills(isReadingHistory: boolean): boolean {
    const fills = this.#isFilling && (this.#touchedAt === this.#openedAt || this.#untouchedMs > FILLING_MS);
    this.#isFilling = isReadingHistory;
    return fills;
  }

  get #untouchedMs(): number {
    return Date.now() - this.#touchedAt;
  }
}

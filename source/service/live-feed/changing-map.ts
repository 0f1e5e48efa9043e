/** Keys that are remembered at least; whoever asks for older changes has to look at everything. */
const REMEMBERED = 20_000;

/**
 * A map that remembers which of its keys changed lately, so that a reader of 100,000 rows can look at the few that
 * changed since it last looked.
 */
export class ChangingMap<Key, Value> extends Map<Key, Value> {
  #changed: Key[] = [];
  #forgotten = 0;

  /** How many changes there have been: where a reader stands that has seen all of them. */
  get position(): number {
    return this.#forgotten + this.#changed.length;
  }

  /** The keys that changed after a position, each once; null where some of them are no longer known. */
  changedSince(position: number): ReadonlySet<Key> | null {
    return position < this.#forgotten ? null : new Set(this.#changed.slice(position - this.#forgotten));
  }

  override set(key: Key, value: Value): this {
    this.#note(key);
    return super.set(key, value);
  }

  override delete(key: Key): boolean {
    this.#note(key);
    return super.delete(key);
  }

  #note(key: Key): void {
    this.#changed.push(key);
    if (this.#changed.length < 2 * REMEMBERED) return;
    this.#changed = this.#changed.slice(REMEMBERED);
    this.#forgotten += REMEMBERED;
  }
}

/** The same for reading. */
export type ReadonlyChangingMap<Key, Value> = ReadonlyMap<Key, Value> &
  Pick<ChangingMap<Key, Value>, 'position' | 'changedSince'>;

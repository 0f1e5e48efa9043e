/** Reproducible randomness: the same seed and labels give the same draws on every machine. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  between(from: number, to: number): number;
  /** A whole number from 0 to `limit` - 1. */
  below(limit: number): number;
  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number;
  pick<T>(choices: readonly T[]): T;
  chance(probability: number): boolean;
  /** A stream of its own, so that one more draw here changes nothing there. */
  fork(label: string): Random;
}

/** mulberry32: 32 bits of state are plenty for a demo, test histories and benchmark data, and it needs no dependency. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    next,
    below,
    whole: (low, high) => low + below(high - low + 1),
    between: (from, to) => from + next() * (to - from),
    pick: (choices) => {
      const choice = choices[below(choices.length)];
      if (choice === undefined) throw new RangeError('nothing to pick from');
      return choice;
    },
    chance: (probability) => next() < probability,
    fork: (label) => seededRandom(hash(label, seed)),
  };
}

/** FNV-1a over the label, begun from the seed. */
function hash(label: string, seed: number): number {
  let value = (0x811c9dc5 ^ seed) >>> 0;
  for (let index = 0; index < label.length; index++)
    value = Math.imul(value ^ label.charCodeAt(index), 0x01000193) >>> 0;
  return value;
}

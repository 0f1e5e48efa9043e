/** A count with its noun: `1 descendant`, `2 descendants`; `many` for nouns that do not just take an s. */
export const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

/** Edits (insert, delete, replace, swap of neighbours) that turn one word into the other. */
export function editDistance(from: string, to: string): number {
  const rows = from.length + 1;
  const columns = to.length + 1;
  // Every index below is inside of this table.
  const cost = Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (_, column) => (row === 0 ? column : column === 0 ? row : 0)),
  );
  for (let row = 1; row < rows; row++) {
    for (let column = 1; column < columns; column++) {
      const same = from[row - 1] === to[column - 1];
      let best = Math.min(
        cost[row - 1]![column]! + 1,
        cost[row]![column - 1]! + 1,
        cost[row - 1]![column - 1]! + (same ? 0 : 1),
      );
      if (row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]) {
        best = Math.min(best, cost[row - 2]![column - 2]! + 1);
      }
      cost[row]![column] = best;
    }
  }
  return cost[from.length]![to.length]!;
}

/** The candidate that was probably meant: begun the same way, or at most a third of its letters off. Null when none is near. */
export function nearWord(word: string, candidates: Iterable<string>): string | null {
  const typed = word.toLowerCase();
  // Nothing that long is a slip of the finger, and the table below grows with its square.
  if (typed.length > 40) return null;
  let best: { candidate: string; distance: number } | null = null;
  for (const candidate of candidates) {
    const begun = typed.length >= 3 && candidate.startsWith(typed);
    const distance = begun ? 0.5 : editDistance(typed, candidate);
    if (distance > Math.max(1, Math.floor(candidate.length / 3))) continue;
    if (!best || distance < best.distance) best = { candidate, distance };
  }
  return best?.candidate ?? null;
}

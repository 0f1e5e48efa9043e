import { type CancelTarget, levelOf } from '../../domain/cancellation.js';

/** What one transaction writes. */
export interface Piece {
  readonly targets: readonly CancelTarget[];
  /** The least and the greatest level among them. */
  readonly top: number;
  readonly bottom: number;
}

/** Targets level by level over all their trees, in pieces of so many: a piece may hold the end of one level and the next. */
export function piecesOf(targets: readonly CancelTarget[], size: number): Piece[] {
  const ordered = targets.toSorted((a, b) => levelOf(a) - levelOf(b));
  const pieces: Piece[] = [];
  for (let start = 0; start < ordered.length; start += size) {
    const own = ordered.slice(start, start + size);
    pieces.push({ targets: own, top: levelOf(own[0]!), bottom: levelOf(own.at(-1)!) });
  }
  return pieces;
}

/**
 * Writes pieces in their order, up to `room()` at once. A piece begins when everything above any of its targets is over:
 * a parent's cancel is committed before its child's is sent, or with it.
 *
 * @param write is never rejected
 */
export async function writeInOrder(
  pieces: readonly Piece[],
  room: () => number,
  write: (piece: Piece) => Promise<void>,
): Promise<void> {
  const underWay = new Map<Piece, Promise<void>>();
  const mustWait = ({ bottom }: Piece) =>
    underWay.size > 0 && (underWay.size >= room() || [...underWay.keys()].some(({ top }) => top < bottom));
  for (const piece of pieces) {
    while (mustWait(piece)) await Promise.race(underWay.values());
    underWay.set(
      piece,
      write(piece).finally(() => underWay.delete(piece)),
    );
  }
  await Promise.all(underWay.values());
}

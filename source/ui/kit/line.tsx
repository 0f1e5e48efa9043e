import type { ReactElement } from 'react';
import { displayWidth, truncate } from '../../text/width.js';
import { type Piece, StyledLine } from '../terminal/styled-line.js';

export type { Piece };

/** A line of pieces that is never wider than `width`: the piece that no longer fits is cut, the rest left out. */
export function Line({
  pieces,
  width,
  background,
}: {
  pieces: readonly Piece[];
  width: number;
  background?: string | undefined;
}): ReactElement {
  let room = width;
  const shown: Piece[] = [];
  for (const piece of pieces) {
    if (room <= 0) break;
    const text = truncate(piece.text, room);
    room = text === piece.text ? room - displayWidth(text) : 0;
    shown.push({ ...piece, text });
  }
  if (background && room > 0) shown.push({ text: ' '.repeat(room) });
  return <StyledLine pieces={shown} width={width} background={background} />;
}

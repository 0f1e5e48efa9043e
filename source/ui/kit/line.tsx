import { Box, Text } from 'ink';
import type { ReactElement } from 'react';
import { displayWidth, truncate } from '../../text/width.js';

/** One piece of a line. */
export interface Piece {
  readonly text: string;
  readonly color?: string | undefined;
  readonly bold?: boolean;
  readonly background?: string | undefined;
  readonly inverse?: boolean;
}

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
  const shown: (Piece & { readonly at: number })[] = [];
  for (const [at, piece] of pieces.entries()) {
    if (room <= 0) break;
    const text = truncate(piece.text, room);
    room = text === piece.text ? room - displayWidth(text) : 0;
    shown.push({ ...piece, text, at });
  }
  return (
    <Box height={1} flexShrink={0} width={width} {...(background ? { backgroundColor: background } : {})}>
      {shown.map((piece) => (
        <Text
          key={piece.at}
          wrap="truncate"
          {...(piece.color ? { color: piece.color } : {})}
          {...(piece.background ? { backgroundColor: piece.background } : {})}
          bold={piece.bold === true}
          inverse={piece.inverse === true}
        >
          {piece.text}
        </Text>
      ))}
    </Box>
  );
}

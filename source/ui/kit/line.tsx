import type { ReactElement } from 'react';
import { displayWidth, truncate } from '../../text/width.js';
import { type Piece, StyledLine, StyledLines, type StyledRow } from '../terminal/styled-line.js';

export type { Piece };

/** A line as it is wanted; one and the same object as long as it says the same. */
export interface LineSpec {
  readonly pieces: readonly Piece[];
  readonly background?: string | undefined;
}

/** The pieces in so many cells: the one that no longer fits is cut, the rest left out. */
function fitted({ pieces, background }: LineSpec, width: number): StyledRow {
  let room = width;
  const shown: Piece[] = [];
  for (const piece of pieces) {
    if (room <= 0) break;
    const text = truncate(piece.text, room);
    room = text === piece.text ? room - displayWidth(text) : 0;
    shown.push({ ...piece, text });
  }
  if (background && room > 0) shown.push({ text: ' '.repeat(room) });
  return { pieces: shown, background };
}

/** A line of pieces that is never wider than `width`. */
export function Line({ width, ...spec }: LineSpec & { width: number }): ReactElement {
  const { pieces, background } = fitted(spec, width);
  return <StyledLine pieces={pieces} width={width} background={background} />;
}

const fittedSpecs = new WeakMap<LineSpec, { width: number; row: StyledRow }>();

/** Many lines as one: Ink pays for them as for a single one. A line that is the same object as before costs nothing. */
export function Lines(props: { lines: readonly LineSpec[]; width: number; height: number }): ReactElement {
  const { lines, width, height } = props;
  const rows = lines.slice(0, height).map((spec) => {
    const known = fittedSpecs.get(spec);
    if (known?.width === width) return known.row;
    const row = fitted(spec, width);
    fittedSpecs.set(spec, { width, row });
    return row;
  });
  return <StyledLines rows={rows} width={width} height={height} />;
}

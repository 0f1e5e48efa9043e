import chalk, { type ChalkInstance } from 'chalk';
import { Box, Text } from 'ink';
import { type ReactElement, useInsertionEffect, useMemo } from 'react';
import { useTerminal } from './terminal-context.js';

/** Text and how it looks; colours are '#rrggbb' or names that chalk knows. */
export interface Piece {
  readonly text: string;
  readonly color?: string | undefined;
  readonly bold?: boolean;
  readonly background?: string | undefined;
  readonly inverse?: boolean;
}

type Paint = (text: string) => string;

/** By colours and weight: a theme has few combinations, and making one costs more than using it. */
const paints = new Map<string, Paint>();

function makePaint({ color, background, bold, inverse }: Piece): Paint {
  let paint: ChalkInstance = chalk;
  if (color) paint = color.startsWith('#') ? paint.hex(color) : paint[color as 'cyan'];
  if (background) {
    const name = `bg${background.charAt(0).toUpperCase()}${background.slice(1)}` as 'bgCyan';
    paint = background.startsWith('#') ? paint.bgHex(background) : paint[name];
  }
  if (bold) paint = paint.bold;
  if (inverse) paint = paint.inverse;
  return paint === chalk ? (text) => text : paint;
}

function paintOf(piece: Piece): Paint {
  const key = `${piece.color}/${piece.background}/${piece.bold === true}/${piece.inverse === true}`;
  let paint = paints.get(key);
  if (paint === undefined) {
    paint = makePaint(piece);
    paints.set(key, paint);
  }
  return paint;
}

/** What would begin another line or move on to a tab stop takes one cell. */
const oneLine = (text: string): string => (/[\n\r\t]/.test(text) ? text.replace(/[\n\r\t]/g, ' ') : text);

function styled(pieces: readonly Piece[], background: string | undefined): string {
  return pieces
    .map((piece) => paintOf({ ...piece, background: piece.background ?? background })(oneLine(piece.text)))
    .join('');
}

/**
 * One line of the screen from its first cell to its last: nothing stands to its right. The caller has cut the pieces to
 * `width`. On a full screen Ink only places it (DrawnLines); elsewhere it is one text. A screen reader gets the words.
 */
export function StyledLine({
  pieces,
  width,
  background,
}: {
  pieces: readonly Piece[];
  width: number;
  background?: string | undefined;
}): ReactElement {
  const { lines, screenReader } = useTerminal();
  const line = screenReader ? pieces.map((piece) => oneLine(piece.text)).join(' ') : styled(pieces, background);
  // A new mark for a new text: Ink writes no frame that equals the one before.
  const mark = useMemo(() => lines?.hold(line), [lines, line]);
  useInsertionEffect(() => (mark === undefined ? undefined : () => lines?.forget(mark)), [lines, mark]);
  return (
    <Box height={1} flexShrink={0} width={width}>
      <Text wrap="truncate">{mark ?? line}</Text>
    </Box>
  );
}

/** One line of a block, cut to the block's width. */
export interface StyledRow {
  readonly pieces: readonly Piece[];
  readonly background?: string | undefined;
}

const styledRows = new WeakMap<StyledRow, string>();

function styledRow(row: StyledRow): string {
  let text = styledRows.get(row);
  if (text === undefined) {
    text = styled(row.pieces, row.background);
    styledRows.set(row, text);
  }
  return text;
}

/**
 * Lines from the first cell to the last with nothing to their right, as one block: on a full screen Ink places one mark
 * for all of them. Elsewhere, and for a screen reader, each is a line of its own.
 */
export function StyledLines(props: { rows: readonly StyledRow[]; width: number; height: number }): ReactElement {
  const { rows, width, height } = props;
  const { lines, screenReader } = useTerminal();
  const held = screenReader ? undefined : lines;
  const block = held ? rows.map(styledRow).join('\n') : '';
  const mark = useMemo(() => held?.hold(block), [held, block]);
  useInsertionEffect(() => (mark === undefined ? undefined : () => held?.forget(mark)), [held, mark]);
  return (
    <Box flexDirection="column" height={height} flexShrink={0} width={width}>
      {mark === undefined ? (
        rows.map((row, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the lines of a block have no other identity
          <StyledLine key={at} pieces={row.pieces} width={width} background={row.background} />
        ))
      ) : (
        <Text wrap="truncate">{mark}</Text>
      )}
    </Box>
  );
}

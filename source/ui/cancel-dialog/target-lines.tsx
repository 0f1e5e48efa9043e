import { memo, type ReactElement } from 'react';
import { padded, wrap } from '../../text/width.js';
import { Line } from '../kit/line.js';
import { useTheme } from '../shell/use-console.js';
import type { DialogLine, DraftState } from './draft-state.js';
import { columnWidths, detailText, targetCells } from './format-target.js';

/** One line of the dialog's list. */
export function ListLine({
  line,
  state,
  width,
  isCursor,
}: {
  line: DialogLine;
  state: DraftState;
  width: number;
  isCursor: boolean;
}): ReactElement {
  const theme = useTheme();
  const background = isCursor ? theme.cursorBackground : undefined;
  const color = isCursor ? theme.cursorText : theme.text;
  const pointer = { text: isCursor ? '▸ ' : '  ', bold: true, color };
  if (line.kind !== 'row') {
    const tone = line.kind === 'section' ? theme.accent : theme[line.tone];
    const piece = { text: line.text, color: isCursor ? color : tone, bold: line.kind === 'section' };
    return <Line width={width} background={background} pieces={[pointer, piece]} />;
  }
  const widths = columnWidths(width);
  const cells = targetCells(line, state, widths);
  const faint = cells.taken === true || isCursor ? color : theme.faint;
  const tone = cells.taken === false ? 'faint' : cells.evidenceTone;
  return (
    <Line
      width={width}
      background={background}
      pieces={[
        pointer,
        { text: cells.box, bold: true, color: cells.taken === true ? theme.mark : faint },
        { text: `${cells.status} `, color: theme[cells.statusColor] },
        { text: `${cells.id} `, bold: isCursor, color: faint },
        { text: `${cells.silent} `, color: faint },
        ...(widths.path > 0 ? [{ text: `${cells.path} `, color: faint }] : []),
        ...(widths.worker > 0 ? [{ text: `${cells.worker} `, color: faint }] : []),
        { text: cells.evidence, color: isCursor ? color : theme[tone] },
      ]}
    />
  );
}

/** The line under the cursor in full. */
export const Details = memo(function Details({
  state,
  width,
  height,
}: {
  state: DraftState;
  width: number;
  height: number;
}): ReactElement {
  const theme = useTheme();
  const { first, rest } = detailText(state.survey.lines[state.cursor], state);
  const room = width - 2;
  const lines = rest === '' ? wrap(first, room, height) : [first, ...wrap(rest, room, height - 1)];
  return (
    <>
      {Array.from({ length: height }, (_, index) => (
        <Line
          // biome-ignore lint/suspicious/noArrayIndexKey: the lines of a text have nothing but their place
          key={index}
          width={width}
          pieces={[{ text: padded(`  ${lines[index] ?? ''}`, width), color: index === 0 ? theme.text : theme.faint }]}
        />
      ))}
    </>
  );
});

import type { ReactElement } from 'react';
import { displayWidth, padded, truncate } from '../../text/width.js';
import { Line } from '../kit/line.js';
import { useTheme } from '../shell/use-console.js';
import type { TargetRow } from './format-plan.js';

/** One execution of the dialog. */
export function TargetLine({
  row,
  width,
  isCursor,
}: {
  row: TargetRow;
  width: number;
  isCursor: boolean;
}): ReactElement {
  const theme = useTheme();
  const box = row.taken === null ? '' : row.taken ? '[x] ' : '[ ] ';
  const status = padded(`${row.status.glyph} ${row.status.word}`, 11);
  const fixed = 2 + displayWidth(box) + displayWidth(status) + 1 + row.id.length + 1;
  const note = truncate(row.note, Math.max(0, Math.floor((width - fixed) / 2)));
  const path = padded(row.path, Math.max(0, width - fixed - displayWidth(note) - 1), { keep: 'end' });
  const background = isCursor ? theme.cursorBackground : undefined;
  const color = isCursor ? theme.cursorText : theme.text;
  return (
    <Line
      width={width}
      background={background}
      pieces={[
        { text: isCursor ? '▸ ' : '  ', bold: true, color },
        { text: box, bold: true, color: row.taken === false ? theme.faint : theme.warn },
        { text: `${status} `, color: theme[row.status.color] },
        { text: `${row.id} `, bold: isCursor, color },
        { text: `${path} `, color },
        { text: note, color: row.taken === null ? theme.faint : theme.warn },
      ]}
    />
  );
}

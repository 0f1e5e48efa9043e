import type { ReactElement } from 'react';
import { useStore } from 'zustand';
import { padded } from '../../text/width.js';
import { Frame, useBodyHeight } from '../chrome/frame.js';
import { Line, type Piece } from '../kit/line.js';
import type { ScreenProps } from '../shell/screen.js';
import type { Theme } from '../shell/theme.js';
import { useTheme } from '../shell/use-console.js';
import type { HelpLine } from './help-lines.js';
import { type HelpModel, KEY_WIDTH } from './help-model.js';

/** All keys, the filter's words, the codes and what they mean. */
export function HelpScreen({ screen, size }: ScreenProps<HelpModel>): ReactElement {
  const theme = useTheme();
  const { columns: width } = size;
  const height = useBodyHeight(size, true);
  const cursor = useStore(screen.scroll.state, (state) => state.cursor);
  const lines = screen.lines(width);
  const from = Math.min(cursor, Math.max(0, lines.length - height));
  const note =
    lines.length > height ? `lines ${from + 1} to ${Math.min(lines.length, from + height)} of ${lines.length}` : '';
  return (
    <Frame size={size} title="Help" note={note} scope="help">
      {lines.slice(from, from + height).map((line, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines of help have no identity but their number
        <Line key={from + at} width={width} pieces={piecesOf(line, theme)} />
      ))}
    </Frame>
  );
}

function piecesOf({ kind, key, words }: HelpLine, theme: Theme): Piece[] {
  if (kind === 'title') return [{ text: words, bold: true }];
  const text = { text: ` ${words}` };
  if (kind === 'text') return [text];
  return [{ text: ` ${padded(key, KEY_WIDTH)} `, bold: true, color: theme.accent }, text];
}

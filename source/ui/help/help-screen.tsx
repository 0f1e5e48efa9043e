import { Box, Text } from 'ink';
import type { ReactElement } from 'react';
import { useStore } from 'zustand';
import { padded } from '../../text/width.js';
import { Frame, useBodyHeight } from '../chrome/frame.js';
import { Line, type Piece } from '../kit/line.js';
import { TextField } from '../kit/text-field.js';
import { KEY_SCOPE_TITLES } from '../shell/keymap-types.js';
import type { ScreenProps } from '../shell/screen.js';
import type { Theme } from '../shell/theme.js';
import { useTheme } from '../shell/use-console.js';
import type { HelpLine } from './help-lines.js';
import { type HelpModel, KEY_WIDTH } from './help-model.js';

/** Help for one screen, or what a search finds in the help of all of them; the search stands on the last line. */
export function HelpScreen({ screen, size }: ScreenProps<HelpModel>): ReactElement {
  const theme = useTheme();
  const { columns: width } = size;
  const cursor = useStore(screen.scroll.state, (state) => state.cursor);
  const { search, isTyping } = useStore(screen.state);
  const isSearching = isTyping || search.text !== '';
  const height = useBodyHeight(size, true) - (isSearching ? 1 : 0);
  const lines = screen.lines(width);
  const from = Math.min(cursor, Math.max(0, lines.length - height));
  const range = lines.length > height ? `lines ${from + 1} to ${from + height} of ${lines.length}` : '';
  const title = search.text === '' ? `Help: ${KEY_SCOPE_TITLES[screen.about]}` : 'Help: search in all screens';
  return (
    <Frame size={size} title={title} note={range} scope="help">
      <Box flexDirection="column" height={height} flexShrink={0} overflowY="hidden">
        {lines.length === 0 && <Line width={width} pieces={[{ text: ' nothing in help matches' }]} />}
        {lines.slice(from, from + height).map((line, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines of help have no identity but their number
          <Line key={from + at} width={width} pieces={piecesOf(line, theme)} />
        ))}
      </Box>
      {isSearching && (
        <Box height={1} flexShrink={0}>
          <Text bold color={theme.accent}>
            /
          </Text>
          <TextField input={search} width={width - 1} isFocused={isTyping} placeholder="Enter keeps, Esc clears" />
        </Box>
      )}
    </Frame>
  );
}

function piecesOf({ kind, key, words }: HelpLine, theme: Theme): Piece[] {
  if (kind === 'title') return [{ text: words, bold: true }];
  const text = { text: ` ${words}` };
  if (kind === 'text') return [text];
  return [{ text: ` ${padded(key, KEY_WIDTH)} `, bold: true, color: theme.accent }, text];
}

import { Box, Text } from 'ink';
import type { ReactElement } from 'react';
import { useStore } from 'zustand';
import { padded } from '../../text/width.js';
import { Frame, useBodyHeight } from '../chrome/frame.js';
import { TextField } from '../kit/text-field.js';
import { KEY_SCOPE_TITLES } from '../shell/keymap.js';
import type { ScreenProps } from '../shell/screen.js';
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
        {lines.length === 0 && <Text wrap="truncate"> nothing in help matches</Text>}
        {lines.slice(from, from + height).map((line, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines of help have no identity but their number
          <Row key={from + at} line={line} />
        ))}
      </Box>
      {isSearching && (
        <Box height={1} flexShrink={0}>
          <Text bold {...(theme.accent ? { color: theme.accent } : {})}>
            /
          </Text>
          <TextField input={search} width={width - 1} isFocused={isTyping} placeholder="Enter keeps, Esc clears" />
        </Box>
      )}
    </Frame>
  );
}

function Row({ line }: { line: HelpLine }): ReactElement {
  const theme = useTheme();
  return (
    <Box height={1} flexShrink={0}>
      {line.kind === 'entry' && (
        <Text wrap="truncate" bold {...(theme.accent ? { color: theme.accent } : {})}>
          {` ${padded(line.key, KEY_WIDTH)} `}
        </Text>
      )}
      <Text wrap="truncate" bold={line.kind === 'title'}>
        {line.kind === 'title' ? line.words : ` ${line.words}`}
      </Text>
    </Box>
  );
}

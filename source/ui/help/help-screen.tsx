import { Box, Text } from 'ink';
import type { ReactElement } from 'react';
import { useStore } from 'zustand';
import { padded } from '../../text/width.js';
import { Frame, useBodyHeight } from '../chrome/frame.js';
import type { ScreenProps } from '../shell/screen.js';
import { useTheme } from '../shell/use-console.js';
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
        <Box key={from + at} height={1} flexShrink={0}>
          {line.kind === 'entry' && (
            <Text wrap="truncate" bold {...(theme.accent ? { color: theme.accent } : {})}>
              {` ${padded(line.key, KEY_WIDTH)} `}
            </Text>
          )}
          <Text wrap="truncate" bold={line.kind === 'title'}>
            {line.kind === 'title' ? line.words : ` ${line.words}`}
          </Text>
        </Box>
      ))}
    </Frame>
  );
}

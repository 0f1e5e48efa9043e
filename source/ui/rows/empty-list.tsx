import { Box, Text } from 'ink';
import type { ReactElement } from 'react';
import { wrap } from '../../text/width.js';
import type { EmptyText } from '../list/list-empty.js';
import { useTheme } from '../shell/use-console.js';

/** What stands in place of rows. */
export function EmptyList({ words, width, height }: { words: EmptyText; width: number; height: number }): ReactElement {
  const theme = useTheme();
  const color = theme[words.tone];
  return (
    <Box
      flexDirection="column"
      height={height}
      width={width}
      paddingLeft={2}
      paddingTop={1}
      flexShrink={0}
      overflowY="hidden"
    >
      <Text bold {...(color ? { color } : {})}>
        {words.title}
      </Text>
      {words.hints.map((hint) => (
        <Text key={hint}>{wrap(hint, width - 4).join('\n')}</Text>
      ))}
    </Box>
  );
}

import { Box, Text } from 'ink';
import type { ReactElement } from 'react';
import { wrap } from '../../text/width.js';
import { useTheme } from '../shell/use-console.js';

/** Why there are no rows, and what to do about it. */
export interface EmptyText {
  readonly title: string;
  readonly hints: readonly string[];
  readonly tone: 'faint' | 'warn' | 'bad' | 'good';
}

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
      <Text bold color={color}>
        {words.title}
      </Text>
      {words.hints.map((hint) => (
        <Text key={hint}>{wrap(hint, width - 4).join('\n')}</Text>
      ))}
    </Box>
  );
}

import { Box, Text } from 'ink';
import type { ReactElement } from 'react';
import type { TerminalSize } from '../terminal/terminal-context.js';

/** The smallest terminal that the screens are made for. */
export const SMALLEST: TerminalSize = { columns: 60, rows: 20 };

export const isTooSmall = (size: TerminalSize): boolean => size.columns < SMALLEST.columns || size.rows < SMALLEST.rows;

/** In place of a screen that would not fit. Keys still work; only quitting is mentioned, since nothing else can be seen. */
export function TooSmall({ size }: { size: TerminalSize }): ReactElement {
  const needed = `needs ${SMALLEST.columns}×${SMALLEST.rows}`;
  const lines = ['terminal too small', `${size.columns}×${size.rows}, ${needed}`, 'make it larger, or press q'];
  return (
    <Box flexDirection="column" width={size.columns} height={size.rows} overflow="hidden">
      {lines.slice(0, Math.max(1, size.rows)).map((line) => (
        <Text key={line} wrap="truncate">
          {line}
        </Text>
      ))}
    </Box>
  );
}

import { Box, Text } from 'ink';
import type { ReactElement } from 'react';
import { useStore } from 'zustand';
import { caretLine } from '../kit/caret.js';
import { Line } from '../kit/line.js';
import { TextField } from '../kit/text-field.js';
import { useTheme } from '../shell/use-console.js';
import type { ListModel } from './list-model.js';

const HINT = 'Enter applies · Esc discards · path:etl/* status:stale age>10m why:orphaned worker:w-7 parent:ID -word';

/** The filter being typed, and under it what is wrong with it, pointed at; the last good filter stays in force. */
export function FilterPrompt({ list, width }: { list: ListModel; width: number }): ReactElement | null {
  const theme = useTheme();
  const prompt = useStore(list.state, (state) => state.prompt);
  const problem = useStore(list.state, (state) => state.promptProblem);
  if (!prompt) return null;
  return (
    <Box flexDirection="column" flexShrink={0}>
      <Box height={1}>
        <Text bold {...(theme.accent ? { color: theme.accent } : {})}>
          /
        </Text>
        <TextField input={prompt} width={width - 1} isFocused />
      </Box>
      <Line
        width={width}
        pieces={[
          problem
            ? { text: caretLine(prompt, problem, width), color: theme.bad, bold: true }
            : { text: HINT, color: theme.faint },
        ]}
      />
    </Box>
  );
}

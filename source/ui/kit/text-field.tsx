import { Text } from 'ink';
import type { ReactElement } from 'react';
import { useTheme } from '../shell/use-console.js';
import { type TextInput, textWindow } from './text-input.js';

/** One line of text with its cursor. */
export function TextField({
  input,
  width,
  isFocused,
  placeholder = '',
}: {
  input: TextInput;
  width: number;
  isFocused: boolean;
  placeholder?: string;
}): ReactElement {
  const theme = useTheme();
  const { before, under, after } = textWindow(input, width);
  const faint = theme.faint ? { color: theme.faint } : {};
  if (input.text === '') {
    return (
      <Text wrap="truncate">
        <Text inverse={isFocused}> </Text>
        <Text {...faint}>{placeholder}</Text>
      </Text>
    );
  }
  return (
    <Text wrap="truncate">
      {before}
      <Text inverse={isFocused}>{under}</Text>
      {after}
    </Text>
  );
}

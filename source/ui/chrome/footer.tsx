import { Box, Text } from 'ink';
import type { ReactElement } from 'react';
import { useStore } from 'zustand';
import { Line, type Piece } from '../kit/line.js';
import { TextField } from '../kit/text-field.js';
import type { CommandPrompt } from '../shell/console-context.js';
import { FOOTER_GAP, fitFooter, footerOf } from '../shell/keymap-resolve.js';
import type { ActionId, KeyScope } from '../shell/keymap-types.js';
import { useConsole } from '../shell/use-console.js';

const NONE: ReadonlySet<ActionId> = new Set();

/** The keys of a screen, as many as fit; the least needed ones are dropped first, and those that do nothing now always. */
export function Footer({
  scope,
  width,
  idle = NONE,
}: {
  scope: KeyScope;
  width: number;
  idle?: ReadonlySet<ActionId>;
}): ReactElement {
  const { context, keymap, theme } = useConsole();
  const prompt = useStore(context.command, (state) => state.prompt);
  if (prompt) return <CommandField prompt={prompt} width={width} />;
  const entries = footerOf(keymap, scope).filter(({ id }) => !idle.has(id));
  const pieces: Piece[] = fitFooter(entries, width).flatMap(({ key, words }, at) => [
    { text: `${at === 0 ? '' : ' '.repeat(FOOTER_GAP)}${key}`, bold: true, color: theme.accent },
    { text: ` ${words}`, color: theme.faint },
  ]);
  return <Line width={width} pieces={pieces} />;
}

/** The command line being typed. */
function CommandField({ prompt, width }: { prompt: CommandPrompt; width: number }): ReactElement {
  const { theme } = useConsole();
  return (
    <Box height={1} flexShrink={0}>
      <Text bold color={theme.accent}>
        :
      </Text>
      <TextField input={prompt.line} width={width - 1} isFocused />
    </Box>
  );
}

/** What just happened; while a command is typed, what it may become, or why it cannot run. The line is always there, so that nothing moves when something is said. */
export function NoticeLine({ width, otherwise = '' }: { width: number; otherwise?: string }): ReactElement {
  const { context, theme } = useConsole();
  const notice = useStore(context.notices.store, (state) => state.notice);
  const prompt = useStore(context.command, (state) => state.prompt);
  if (prompt) {
    const { hint, isProblem } = prompt;
    return (
      <Line width={width} pieces={[{ text: hint, color: isProblem ? theme.bad : theme.faint, bold: isProblem }]} />
    );
  }
  const color = !notice || notice.tone === 'info' ? theme.text : theme[notice.tone];
  return (
    <Line
      width={width}
      pieces={
        notice
          ? [{ text: notice.text, color, bold: notice.tone !== 'info' }]
          : [{ text: otherwise, color: theme.faint }]
      }
    />
  );
}

/** Batches in progress, in one line; none when there are none. */
export function BatchLine({ width }: { width: number }): ReactElement | null {
  const { context, theme } = useConsole();
  const text = useStore(context.batches.store, (state) => state.line);
  if (text === '') return null;
  return (
    <Line
      width={width}
      pieces={[
        { text: 'batch ', bold: true, color: theme.accent },
        { text: `${text}  `, color: theme.text },
        { text: context.keyOf('batches'), bold: true, color: theme.accent },
        { text: ' shows it', color: theme.faint },
      ]}
    />
  );
}

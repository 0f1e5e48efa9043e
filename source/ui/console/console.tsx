import { Box, Text } from 'ink';
import { type ReactElement, useMemo } from 'react';
import { useStore } from 'zustand';
import type { ConsoleOptions, ConsoleOutcome } from '../shell/console-options.js';
import type { Screen, ScreenComponent } from '../shell/screen.js';
import { themeOf } from '../shell/theme.js';
import { type ConsoleView, ConsoleViewContext } from '../shell/use-console.js';
import { mountFullScreen } from '../terminal/mount-full-screen.js';
import type { TerminalSize } from '../terminal/terminal-context.js';
import { useTerminalSize } from '../terminal/terminal-context.js';
import { ConsoleModel } from './console-model.js';
import { SCREENS } from './screens.js';

/** The screen on top of the stack. */
export function ConsoleScreen({ model, size }: { model: ConsoleModel; size: TerminalSize }): ReactElement {
  const { context, keymap, options } = model;
  const { theme, noColor } = options;
  const view = useMemo<ConsoleView>(
    () => ({ context, keymap, options, theme: themeOf(theme, noColor === true) }),
    [context, keymap, options, theme, noColor],
  );
  const stack = useStore(model.screens.store, (state) => state.stack);
  const top = stack.at(-1) ?? model.list;
  // A screen of the stack was made by the same entry, so that this component draws this very model.
  const Top = SCREENS[top.kind].screen as ScreenComponent<Screen>;
  return (
    <ConsoleViewContext.Provider value={view}>
      {isTooSmall(size) ? (
        <TooSmall size={size} quitKey={context.keyOf('quit')} />
      ) : (
        <Top key={stack.length} screen={top} size={size} />
      )}
    </ConsoleViewContext.Provider>
  );
}

/** The smallest terminal that the screens are made for. */
const SMALLEST: TerminalSize = { columns: 60, rows: 20 };

const isTooSmall = (size: TerminalSize): boolean => size.columns < SMALLEST.columns || size.rows < SMALLEST.rows;

/** In place of a screen that would not fit. Keys still work; only quitting is mentioned, since nothing else can be seen. */
function TooSmall({ size, quitKey }: { size: TerminalSize; quitKey: string }): ReactElement {
  const needed = `needs ${SMALLEST.columns}×${SMALLEST.rows}`;
  const lines = [
    'terminal too small',
    `${size.columns}×${size.rows}, ${needed}`,
    `make it larger, or press ${quitKey}`,
  ];
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

export type { BatchSummary, ConsoleOptions, ConsoleOutcome } from '../shell/console-options.js';

/**
 * The interactive console, from its first frame until the operator leaves, a signal comes or a screen breaks. Resolves
 * once the terminal is as it was and no transaction of the console is under way; the caller reports. Rejects only when
 * the terminal cannot be taken at all, before anything was shown.
 */
export async function runConsole(options: ConsoleOptions): Promise<ConsoleOutcome> {
  const model = new ConsoleModel(options);
  try {
    const screen = mountFullScreen(<Console model={model} />, {
      stdin: options.stdin ?? process.stdin,
      stdout: options.stdout ?? process.stdout,
      env: options.env ?? process.env,
      mouse: options.mouse ?? false,
      screenReader: options.screenReader ?? false,
    });
    model.attach(screen.terminal);
    options.feed.start();
    const terminal = await screen.waitUntilExit();
    return { terminal, batches: await model.close(), keyProblems: model.keyProblems };
  } finally {
    await model.close();
    await options.feed.stop();
  }
}

function Console({ model }: { model: ConsoleModel }): ReactElement {
  return <ConsoleScreen model={model} size={useTerminalSize()} />;
}

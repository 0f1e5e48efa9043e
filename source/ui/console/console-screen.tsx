import { type ReactElement, useMemo } from 'react';
import { useStore } from 'zustand';
import type { Screen, ScreenComponent } from '../shell/screen.js';
import { themeOf } from '../shell/theme.js';
import { type ConsoleView, ConsoleViewContext } from '../shell/use-console.js';
import type { TerminalSize } from '../terminal/terminal-context.js';
import type { ConsoleModel } from './console-model.js';
import { SCREENS } from './screens.js';
import { isTooSmall, TooSmall } from './too-small.js';

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
      {isTooSmall(size) ? <TooSmall size={size} /> : <Top key={stack.length} screen={top} size={size} />}
    </ConsoleViewContext.Provider>
  );
}

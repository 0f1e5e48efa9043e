import { createContext, useContext } from 'react';
import { useStore } from 'zustand';
import type { ClockState } from './clock.js';
import type { ConsoleContext, KeyOf } from './console-context.js';
import type { ConsoleOptions } from './console-options.js';
import { type Keymap, keyOf } from './keymap-resolve.js';
import type { KeyScope } from './keymap-types.js';
import { type Theme, themeOf } from './theme.js';

/** What every component may reach. */
export interface ConsoleView {
  readonly context: ConsoleContext;
  readonly keymap: Keymap;
  readonly options: ConsoleOptions;
  readonly theme: Theme;
}

export const ConsoleViewContext = createContext<ConsoleView | null>(null);

export function useConsole(): ConsoleView {
  const view = useContext(ConsoleViewContext);
  if (!view) throw new Error('a component of the console was drawn outside of it');
  return view;
}

export const useTheme = (): Theme => useContext(ConsoleViewContext)?.theme ?? themeOf('none', true);

/** What to press for an action on one kind of screen. */
export function useKeyOf(scope: KeyScope): KeyOf {
  const { keymap } = useConsole();
  return (action) => keyOf(keymap, action, scope);
}

/** A text made from the clock. The component is drawn again when the text changes, not when the clock ticks. */
export function useClockText<Value extends string | number | null>(select: (clock: ClockState) => Value): Value {
  return useStore(useConsole().context.clock.store, select);
}

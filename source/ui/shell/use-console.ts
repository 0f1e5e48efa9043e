import { createContext, useContext } from 'react';
import { useStore } from 'zustand';
import type { ConsoleModel } from '../console/console-model.js';
import type { ClockState } from './clock.js';
import { type Theme, themeOf } from './theme.js';

/** What every component may reach: the model, and how things look. */
export interface ConsoleView {
  readonly model: ConsoleModel;
  readonly theme: Theme;
}

export const ConsoleViewContext = createContext<ConsoleView | null>(null);

export function useConsole(): ConsoleView {
  const view = useContext(ConsoleViewContext);
  if (!view) throw new Error('a component of the console was drawn outside of it');
  return view;
}

export const useTheme = (): Theme => useContext(ConsoleViewContext)?.theme ?? themeOf('none', true);

/** A text made from the clock. The component is drawn again when the text changes, not when the clock ticks. */
export function useClockText<Value extends string | number | null>(select: (clock: ClockState) => Value): Value {
  return useStore(useConsole().model.context.clock.store, select);
}

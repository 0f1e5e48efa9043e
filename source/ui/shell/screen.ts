import type { ReactElement } from 'react';
import type { KeyEvent } from '../terminal/input-event.js';
import type { TerminalSize } from '../terminal/terminal-context.js';
import type { ActionId, KeyScope } from './keymap-types.js';

/** What each kind of screen is opened with; every other screen adds its line to this interface in its own folder. */
export interface ScreenArguments {
  list: [];
}
export type ScreenKind = keyof ScreenArguments;

/** A screen as the console sees it: something with keys. */
export interface Screen {
  readonly kind: ScreenKind & KeyScope;
  /** Does what a key is bound to. */
  act(action: ActionId): void;
  /** For screens with text fields: takes the key first; true when it was used. */
  takeKey?(event: KeyEvent): boolean;
  takePaste?(text: string): void;
  /** A cell was clicked; both count from 0 at the terminal's upper left. */
  click?(x: number, y: number): void;
  wheel?(by: 1 | -1): void;
  /** Called when it is on top again, and when another screen covers it: a covered screen reads nothing. */
  resume?(): void;
  rest?(): void;
  dispose?(): void;
}

/** What a screen's component is given. */
export interface ScreenProps<Model extends Screen> {
  readonly screen: Model;
  readonly size: TerminalSize;
}

export type ScreenComponent<Model extends Screen> = (props: ScreenProps<Model>) => ReactElement;

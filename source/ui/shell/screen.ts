import type { KeyEvent } from '../terminal/input-event.js';
import type { ActionId, KeyScope } from './keymap-types.js';

/** A screen as the console sees it: something with keys. What it looks like is in screens/. */
export interface Screen {
  readonly kind: Exclude<KeyScope, 'filter'>;
  /** Does what a key is bound to. */
  act(action: ActionId): void;
  /** For screens with text fields: takes the key first; true when it was used. */
  takeKey?(event: KeyEvent): boolean;
  takePaste?(text: string): void;
  /** A row of the body was clicked (0 is the first below the column heads). */
  click?(line: number): void;
  wheel?(by: 1 | -1): void;
  /** Begun again when it is on top again, and put to rest when another covers it. */
  resume?(): void;
  rest?(): void;
  dispose?(): void;
}

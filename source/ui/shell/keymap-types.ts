/** Screens and modes that keys belong to. */
export const PLACES = [
  'list',
  'describe',
  'tree',
  'timeline',
  'cancel',
  'job',
  'jobs',
  'causes',
  'help',
  'filter',
] as const;
export type Place = (typeof PLACES)[number];

/** One key binding as data; help, footer, README and docs/keys.md are made from it. */
export interface KeyBinding {
  /** What a config file calls it. */
  readonly id: ActionId;
  /** Keys as the terminal layer names them: 'G', 'space', 'ctrl-t', 'shift-tab'. */
  readonly keys: readonly string[];
  /** For the footer: one or two words. */
  readonly words: string;
  /** The footer's words in places where the key does something else. */
  readonly wordsIn?: Readonly<Partial<Record<Place, string>>>;
  /** For help and docs: one phrase. */
  readonly help: string;
  readonly where: readonly Place[];
  /** True when it leads to a write; read-only mode leaves it out. */
  readonly dangerous?: boolean;
  /** Place in the footer, lowest first; the last ones go when the screen is narrow. Absent: not in the footer. */
  readonly footer?: number;
  /** Another place in the footer of some screens. */
  readonly footerIn?: Readonly<Partial<Record<Place, number>>>;
}

export type ActionId =
  | 'up'
  | 'down'
  | 'left'
  | 'right'
  | 'page-up'
  | 'page-down'
  | 'first'
  | 'last'
  | 'view-active'
  | 'view-stale'
  | 'view-runaway'
  | 'view-cancelled'
  | 'view-all'
  | 'open'
  | 'describe'
  | 'tree'
  | 'timeline'
  | 'mark'
  | 'range'
  | 'mark-safe'
  | 'mark-all'
  | 'mark-group'
  | 'unmark'
  | 'cancel'
  | 'filter'
  | 'only-why'
  | 'sort'
  | 'reverse'
  | 'threshold-up'
  | 'threshold-down'
  | 'copy'
  | 'pause'
  | 'refresh'
  | 'jobs'
  | 'causes'
  | 'help'
  | 'back'
  | 'quit'
  | 'fold-all'
  | 'unfold-all'
  | 'live-only'
  | 'follow'
  | 'reveal'
  | 'expand'
  | 'next-field'
  | 'previous-field'
  | 'cascade'
  | 'accept'
  | 'stop'
  | 'report';

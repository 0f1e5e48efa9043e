/** Screens and modes that keys belong to. */
export const KEY_SCOPES = [
  'list',
  'describe',
  'tree',
  'timeline',
  'gantt',
  'cancel',
  'batch',
  'batches',
  'report',
  'causes',
  'help',
  'filter',
] as const;
export type KeyScope = (typeof KEY_SCOPES)[number];

/** What a scope is called in help and docs. */
export const KEY_SCOPE_TITLES: Readonly<Record<KeyScope, string>> = {
  list: 'Lists',
  describe: 'One execution',
  tree: 'Tree',
  timeline: 'Timeline',
  gantt: 'Bars over time',
  cancel: 'Cancel dialog',
  batch: 'A batch',
  batches: 'Batches',
  report: 'Report of a batch',
  causes: 'By cause',
  help: 'Help',
  filter: 'Filter',
};

/** One key binding as data; help, footer, README and docs/keys.md are made from it. */
export interface KeyBinding {
  /** What a config file calls it. */
  readonly id: ActionId;
  /** Further names that the command line takes for it. */
  readonly names?: readonly string[];
  /** Keys as the terminal layer names them: 'G', 'space', 'ctrl-t', 'shift-tab'. */
  readonly keys: readonly string[];
  /** For the footer: one or two words. */
  readonly words: string;
  /** The footer's words in places where the key does something else. */
  readonly wordsIn?: Readonly<Partial<Record<KeyScope, string>>>;
  /** For help and docs: one phrase. */
  readonly help: string;
  /** The phrase in the help of one screen, where the key means something of its own there. */
  readonly helpIn?: Readonly<Partial<Record<KeyScope, string>>>;
  readonly where: readonly KeyScope[];
  /** True when it leads to a write; read-only mode leaves it out. */
  readonly dangerous?: boolean;
  /** Position in the footer, lowest first; the last ones go when the screen is narrow. Absent: not in the footer. */
  readonly footer?: number;
  /** Another position in the footer of some screens. */
  readonly footerIn?: Readonly<Partial<Record<KeyScope, number>>>;
  /** Where the footer has room for it before all others, whatever its position. */
  readonly footerKept?: readonly KeyScope[];
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
  | 'next-view'
  | 'previous-view'
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
  | 'sort-started'
  | 'sort-run'
  | 'sort-silent'
  | 'sort-path'
  | 'sort-status'
  | 'sort-children'
  | 'sort-why'
  | 'threshold-up'
  | 'threshold-down'
  | 'copy'
  | 'pause'
  | 'refresh'
  | 'batches'
  | 'causes'
  | 'command'
  | 'help'
  | 'back'
  | 'quit'
  | 'fold-all'
  | 'unfold-all'
  | 'live-only'
  | 'parent'
  | 'follow'
  | 'reveal'
  | 'expand'
  | 'next-field'
  | 'previous-field'
  | 'cascade'
  | 'accept'
  | 'stop'
  | 'report'
  | 'search'
  | 'next-match'
  | 'previous-match'
  | 'next-failure'
  | 'previous-failure'
  | 'errors-only'
  | 'gantt'
  | 'gantt-rows'
  | 'time-zone';

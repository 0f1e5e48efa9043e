/** One picture: what to press from where the one before left off, what then must be seen, and what it is called. */
export type Shot = {
  /** File name without ending. */
  readonly name: string;
  /** What it shows, for readers who cannot see it. */
  readonly title: string;
  /** Keys by name, or texts to type; a step that depends on the screen is asked for its keys. */
  readonly press: readonly (string | ((screen: string) => readonly string[]))[];
  /** Must be on the screen before the picture is taken. */
  readonly wait: RegExp;
};

/** To the next field of the cancel dialog, but not past its button; above ten executions the count is to be typed. */
function nextField(screen: string): readonly string[] {
  if (screen.includes('Enter cancels')) return [];
  const count = /▸ Number +type (\d+)/.exec(screen)?.[1];
  return count === undefined ? ['enter'] : [count, 'enter'];
}

/** The main screens, as one walk through the console: what runs, what is stuck and why, and a runaway loop stopped. */
export const SHOTS: readonly Shot[] = [
  { name: 'active', title: 'active executions', press: ['down', 'down'], wait: /● live[\s\S]*RUNNING/ },
  {
    name: 'stale',
    title: 'stale executions, each with why, and the evidence for the one under the cursor',
    press: ['2', 'down', 'down'],
    wait: /✓ worker-lost/,
  },
  { name: 'marked', title: 'all stale executions that are safe to cancel, marked', press: ['a'], wait: /\d+ marked/ },
  { name: 'help', title: 'help, made from the keymap', press: ['u', '?'], wait: /From stuck to stopped/ },
  {
    name: 'tree',
    title: 'the tree of a runaway loop',
    press: ['escape', '1', '/', 'reconcile_inventory', 'enter', 'enter'],
    wait: /Tree of[\s\S]*└─/,
  },
  { name: 'timeline', title: 'the timeline of one execution', press: ['e'], wait: /Events of[\s\S]*command\./ },
  {
    name: 'cancel',
    title: 'the cancel dialog: what will happen, before anything is written',
    press: ['escape', 'escape', 'c', 'Detected infinite loop'],
    wait: /Detected infinite loop[\s\S]*\[ Cancel/,
  },
  {
    name: 'result',
    title: 'the cancelled executions, followed until they have stopped',
    press: [nextField, nextField, nextField, nextField, 'enter'],
    wait: /■ stopped/,
  },
];

import type { PtyTerminal } from '../../test/terminal/harness.js';
import { goToButton } from './demo-terminal.js';

/** One picture: what to press from where the one before left off, what then must be seen, and what it is called. */
export type Shot = {
  /** File name without ending. */
  readonly name: string;
  /** What it shows, for readers who cannot see it. */
  readonly title: string;
  /** Keys by name, texts to type, or steps that depend on the screen. */
  readonly press: readonly (string | ((terminal: PtyTerminal) => Promise<void>))[];
  /** Must be on the screen before the picture is taken. */
  readonly wait: RegExp;
  /** Its height in the overview; absent: not in it. */
  readonly overviewRows?: number;
};

const CONFIRM = [goToButton, 'enter'] as const;

export const OVERVIEW_TITLE =
  'stale executions, each with why it is stuck and the evidence; below, the same executions cancelled, each with the proof that it stopped';

/** The main screens, as one walk through the console: what runs, what is stuck and why, and both stopped. */
export const SHOTS: readonly Shot[] = [
  { name: 'active', title: 'active executions', press: ['down', 'down'], wait: /\d workers[\s\S]*3 Runaway [1-9]/ },
  {
    name: 'stale',
    title: 'stale executions, each with why, and the evidence for the one under the cursor',
    press: ['2', 'down'],
    wait: /◇ worker-lost/,
    overviewRows: 22,
  },
  {
    name: 'batch',
    title: 'a batch: what became of each execution, and the proof that it stopped',
    press: ['a', 'c', 'Cleanup after the restart', ...CONFIRM],
    wait: /all \d+ stopped|settled:/,
    overviewRows: 20,
  },
  {
    name: 'runaway',
    title: 'executions that run away, each with the numbers',
    press: ['escape', '3'],
    wait: /repeating: /,
  },
  {
    name: 'tree',
    title: 'the tree of a runaway loop',
    press: ['1', '/', 'reconcile_inventory', 'enter', 'enter'],
    wait: /Tree of[\s\S]*└─/,
  },
  {
    name: 'describe',
    title: 'everything that is asked of one execution, on one screen',
    press: ['d'],
    wait: /reconcile_inventory[\s\S]*usually/,
  },
  { name: 'timeline', title: 'the timeline of one execution', press: ['e'], wait: /Events of[\s\S]*command\./ },
  {
    name: 'bars',
    title: 'bars over time: when each execution of a tree ran, and what it waited for',
    press: ['b', 't', 't'],
    wait: /█/,
  },
  {
    name: 'cancel',
    title: 'the cancel dialog: what will happen, before anything is written',
    press: ['1', 'c', 'Detected infinite loop'],
    wait: /Cancels \d+ executions[\s\S]*Detected infinite loop[\s\S]*\[ Cancel/,
  },
  {
    name: 'batches',
    title: 'the batches of the log: who cancelled what, when, why, and whether it has stopped',
    press: [...CONFIRM, 'J'],
    wait: /Batches[\s\S]*Detected infinite loop/,
  },
  { name: 'help', title: 'help, made from the keymap', press: ['1', '?'], wait: /From stuck to stopped/ },
];

import { expect } from 'vitest';
import { execution } from '../cli/helpers/executions.js';
import { createTestDatabase, type TestDatabase } from '../helpers/database.js';
import { emptyTables } from '../helpers/empty-tables.js';
import { type ConsoleProgram, consoleProgram } from './console-program.js';
import type { PtyTerminal } from './harness.js';

/** A path that would set the title, colour what follows and turn it round. */
const HOSTILE_PATH = 'adhoc/\u001b]0;owned\u0007\u001b[31mred\u202e';

/** A tree of three that is running and one child that has ended, and two stale executions with difficult paths. */
export type Sample = { readonly root: string; readonly children: readonly string[]; readonly wide: string };

/** A database with the sample, and the program on it. */
export type Stage = {
  readonly db: TestDatabase;
  readonly program: ConsoleProgram;
  /** Empties the table and writes the sample anew. */
  readonly reset: () => Promise<void>;
  readonly sample: () => Sample;
  /** The list with nothing but the root execution in it, and the cursor on it. */
  readonly openOnRoot: (columns?: number, rows?: number) => Promise<PtyTerminal>;
  /** The cancel dialog on the root execution's tree. */
  readonly openDialog: (columns?: number, rows?: number) => Promise<PtyTerminal>;
  readonly close: () => Promise<void>;
};

async function writeSample(db: TestDatabase): Promise<Sample> {
  await emptyTables(db.pool, 'event');
  const root = await execution(db, { path: 'ops/reconcile', ago: 3 });
  const children = [
    await execution(db, { path: 'ops/recount', ago: 2, parent: root }),
    await execution(db, { path: 'ops/recount', ago: 1, parent: root }),
  ];
  await execution(db, { path: 'ops/recount', ago: 2, parent: root, end: 'playbook.completed' });
  const wide = await execution(db, { path: '集計/売上_日次📦', ago: 45 });
  await execution(db, { path: HOSTILE_PATH, ago: 50 });
  return { root, children, wide };
}

/** Makes the database and bundles the program. */
export async function createStage(): Promise<Stage> {
  const db = await createTestDatabase();
  const program = await consoleProgram(db.url);
  let sample: Sample = { root: '', children: [], wide: '' };

  async function openOnRoot(columns = 100, rows = 30): Promise<PtyTerminal> {
    const terminal = await program.open({ columns, rows });
    await terminal.waitFor(sample.root);
    terminal.press('/', 'reconcile', 'enter');
    await terminal.waitFor('1/1');
    return terminal;
  }

  return {
    db,
    program,
    reset: async () => {
      sample = await writeSample(db);
    },
    sample: () => sample,
    openOnRoot,
    openDialog: async (columns, rows) => {
      const terminal = await openOnRoot(columns, rows);
      terminal.press('c');
      await terminal.waitFor('[ Cancel 3 executions ]');
      return terminal;
    },
    close: async () => {
      await program.remove();
      await db.close();
    },
  };
}

/** The frame fills the screen and no more: the header on the first line, the footer on the last. */
export async function expectFits(terminal: PtyTerminal, columns: number, rows: number): Promise<void> {
  await terminal.waitFor((text) => {
    const screen = text.split('\n');
    return screen[0]?.includes('● live') === true && /Esc|help/.test(screen[rows - 1] ?? '');
  }, 10_000);
  expect(terminal.screen()).toHaveLength(rows);
  // The connection's state is the header's right end: it is in the last column when the frame is as wide as the screen.
  const right = terminal
    .cells()[0]!
    .slice(0, columns)
    .map((cell) => cell.text);
  expect(right.slice(-'● live'.length).join('')).toBe('● live');
}

/** Modes are as before, the alternate buffer was left once, and nothing of a screen is left behind. */
export function expectRestored(terminal: PtyTerminal): void {
  expect([...terminal.modes()].sort((a, b) => a - b)).toEqual([7, 25]);
  expect(terminal.output().split('\u001b[?1049l')).toHaveLength(2);
  expect(terminal.ordinaryLines().join('\n')).not.toContain('● live');
}

/** Enter leads from field to field once a reason is given, the number typed on the way; this stops before the one that writes. */
export async function goToButton(terminal: PtyTerminal): Promise<void> {
  const isThere = () => terminal.text().includes('Enter cancels');
  const focused = () => /^▸ (?:Reason|Cascade|Number)/m.exec(terminal.text())?.[0];
  for (let tries = 0; tries < 4 && !isThere(); tries++) {
    const asked = /▸ Number +type (\d+) to confirm: *$/m.exec(terminal.text())?.[1];
    const before = focused();
    terminal.press(...(asked ? [asked, 'enter'] : ['enter']));
    // A slow answer must not get the next Enter as well.
    await terminal.waitFor(() => isThere() || focused() !== before);
  }
  await terminal.waitFor('Enter cancels');
}

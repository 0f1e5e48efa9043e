import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openTerminal, type PtyOptions, type PtyTerminal } from '../../test/terminal/harness.js';

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const IMAGES = join(ROOT, 'docs', 'images');

/** The demo's database starts within this, even on a busy machine. */
const START_MS = 90_000;

/** What is waited for may take the demo's workers a while: a cancelled execution stops when its command ends. */
export const ANSWER_MS = 90_000;

/** The built program on the demo of seed 7, in a pseudo-terminal. */
export type DemoTerminal = { readonly terminal: PtyTerminal; readonly close: () => Promise<void> };

/** Resolves when the console shows the demo. */
export async function openDemoTerminal(
  options: Pick<PtyOptions, 'columns' | 'rows' | 'onOutput'>,
): Promise<DemoTerminal> {
  // A folder of its own makes it a demo of its own: one that runs already is somebody's, and has a past. It is made by
  // the demo, so that the user who runs PostgreSQL can enter it.
  const folder = join(tmpdir(), `noetl-console-pictures-${process.pid}`);
  const terminal = openTerminal({
    ...options,
    command: process.execPath,
    args: [join(ROOT, 'dist', 'cli.js'), '--demo', '--seed', '7', '--demo-dir', folder, '--as', 'ana@ops-01'],
    // Where the report would be written.
    cwd: tmpdir(),
    env: { FORCE_COLOR: '3', COLORTERM: 'truecolor' },
  });
  async function close(): Promise<void> {
    if (!(await hasEnded(terminal))) {
      terminal.signal('SIGTERM');
      await terminal.waitForExit().catch(() => terminal.close());
    }
    await rm(folder, { recursive: true, force: true });
  }
  try {
    await terminal.waitFor('● live', START_MS);
  } catch (error) {
    await close();
    throw error;
  }
  return { terminal, close };
}

const hasEnded = (terminal: PtyTerminal): Promise<boolean> =>
  terminal.waitForExit(0).then(
    () => true,
    () => false,
  );

/** From the dialog's reason to its button, the number typed where it is asked for; the Enter that writes is left. */
export async function goToButton(terminal: PtyTerminal): Promise<void> {
  await terminal.waitFor(/Cancels \d+ execution/);
  const field = () => /▸ (\w+|\[)/.exec(terminal.text())?.[1] ?? '';
  for (let at = field(); !terminal.text().includes('Enter cancels'); at = field()) {
    const count = /▸ Number +type (\d+)/.exec(terminal.text())?.[1];
    if (count !== undefined) {
      terminal.press(count);
      await terminal.waitFor(`type ${count} to confirm: ${count}`);
    }
    terminal.press('enter');
    await terminal.waitFor(() => field() !== at);
  }
}

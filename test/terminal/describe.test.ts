import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { writeEvents } from '../helpers/database.js';
import { createStage, expectFits, expectRestored, type Stage } from './console-stage.js';

let stage: Stage;

beforeAll(async () => {
  stage = await createStage();
});
beforeEach(() => stage.reset());
afterEach(() => stage.program.closeAll());
afterAll(() => stage.close());

describe.each([
  [60, 20],
  [200, 50],
])('one execution at %i×%i', (columns, rows) => {
  it('is described while it goes on; Enter and Esc lead on and back', async () => {
    const { root, children } = stage.sample();
    const terminal = await stage.openOnRoot(columns, rows);
    terminal.press('d');
    await terminal.waitFor(`Execution ${root}`);
    await terminal.waitFor(/Children +2 live of 3: 2 running, 1 completed/);
    await expectFits(terminal, columns, rows);

    const error = {
      event_type: 'command.failed',
      node_name: 'load_orders',
      error: 'disk\u001b]0;owned\u0007full',
      meta: { command_id: `${root}:load_orders` },
    };
    await writeEvents(stage.db.pool, [{ execution_id: root, ...error }]);
    terminal.press('G');
    await terminal.waitFor(/load_orders: disk␛\]0;owned␇full/);
    await expectFits(terminal, columns, rows);

    terminal.press('t');
    await terminal.waitFor(`Tree of ${root}`);
    for (const child of children) await terminal.waitFor(child);
    terminal.press('j', 'd');
    await terminal.waitFor(new RegExp(`Parent +${root} ops/reconcile`));
    terminal.press('escape');
    await terminal.waitFor(`Tree of ${root}`);

    terminal.press('q');
    expect((await terminal.waitForExit()).exitCode).toBe(0);
    expectRestored(terminal);
  });
});

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cancelRows } from '../cli/helpers/executions.js';
import { writeEvents } from '../helpers/database.js';
import { createStage, expectFits, expectRestored, goToButton, type Stage } from './console-stage.js';

let stage: Stage;

beforeAll(async () => {
  stage = await createStage();
});
beforeEach(() => stage.reset());
afterEach(() => stage.program.closeAll());
afterAll(() => stage.close());

describe.each([
  [60, 20],
  [80, 24],
  [120, 40],
  [200, 50],
])('at %i×%i', (columns, rows) => {
  it('shows the lists, a tree, a timeline and help, and leaves the terminal as it was', async () => {
    const terminal = await stage.program.open({ columns, rows });
    await terminal.waitFor(stage.sample().root);
    expect(terminal.text()).toContain('ops/reconcile');
    await expectFits(terminal, columns, rows);

    terminal.press('2');
    await terminal.waitFor('longest silent first');
    await terminal.waitFor(stage.sample().wide);
    await expectFits(terminal, columns, rows);
    expect(terminal.text()).toContain('売上_日次📦');

    terminal.press('1', '/', 'reconcile', 'enter');
    await terminal.waitFor('1/1');
    terminal.press('enter');
    for (const id of stage.sample().children) await terminal.waitFor(id);
    await expectFits(terminal, columns, rows);

    terminal.press('e');
    await terminal.waitFor('playbook.initialized');
    await expectFits(terminal, columns, rows);

    terminal.press('?');
    await terminal.waitFor('Help: Timeline');
    await expectFits(terminal, columns, rows);

    terminal.press('q');
    expect((await terminal.waitForExit()).exitCode).toBe(0);
    expectRestored(terminal);
  });
});

// The narrowest and the widest; the walk above has the sizes between.
describe.each([
  [60, 20],
  [200, 50],
])('at %i×%i', (columns, rows) => {
  it('cancels a tree with a reason, shows that it stopped, and says so after the end', async () => {
    const terminal = await stage.openDialog(columns, rows);
    await expectFits(terminal, columns, rows);
    terminal.press('Detected infinite loop');
    await terminal.waitFor('Detected infinite loop');
    await goToButton(terminal);
    expect(await cancelRows(stage.db)).toBe(0);
    terminal.press('enter');
    await terminal.waitFor('3 cancelled');
    await expectFits(terminal, columns, rows);
    expect(await cancelRows(stage.db)).toBe(3);
    const { rows: written } = await stage.db.pool.query(
      `SELECT DISTINCT meta->>'reason' AS reason FROM noetl.event WHERE event_type = 'execution.cancelled'`,
    );
    expect(written).toEqual([{ reason: 'Detected infinite loop' }]);

    await terminal.waitFor('draining');
    await endCommands([stage.sample().root, ...stage.sample().children]);
    await terminal.waitFor('all 3 stopped');
    await expectFits(terminal, columns, rows);

    terminal.press('q');
    expect((await terminal.waitForExit()).exitCode).toBe(0);
    expectRestored(terminal);
    const after = terminal.ordinaryLines().join('\n');
    expect(after).toContain('Cancelled 3 executions (Detected infinite loop)');
    for (const id of [stage.sample().root, ...stage.sample().children]) expect(after).toContain(id);
  });
});

/** The workers finish what they were at, as they do after a cancel. */
async function endCommands(ids: readonly string[]): Promise<void> {
  await writeEvents(
    stage.db.pool,
    ids.map((id) => ({
      execution_id: id,
      event_type: 'command.completed',
      node_name: 'load_orders',
      status: 'COMPLETED',
      worker_id: 'worker-7',
      meta: { command_id: `${id}:load_orders` },
      created_at: Date.now(),
    })),
  );
}

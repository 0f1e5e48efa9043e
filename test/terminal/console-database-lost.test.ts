import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { lockExecutions } from '../../source/store/cancellations/append.js';
import { cancelRows } from '../cli/helpers/executions.js';
import { createTestDatabase, nextIdAt, type TestDatabase, writeEvents } from '../helpers/database.js';
import { eventually } from '../helpers/eventually.js';
import { FaultProxy } from '../helpers/fault-proxy.js';
import { type ConsoleProgram, consoleProgram } from './console-program.js';
import { expectRestored, goToButton } from './console-stage.js';

/** The first transaction of a batch takes so many, parents first: here the root and all of its children. */
const FIRST_TRANSACTION = 250;
const GRANDCHILDREN = 50;

let db: TestDatabase;
let proxy: FaultProxy;
let program: ConsoleProgram;

beforeAll(async () => {
  db = await createTestDatabase();
  proxy = await FaultProxy.before(db.url);
  program = await consoleProgram(proxy.url);
});
afterEach(() => program.closeAll());
afterAll(async () => {
  await program.remove();
  await proxy.close();
  await db.close();
});

/** A tree that takes two transactions to cancel; answers its root and the executions of the second. */
async function writeTree(): Promise<{ root: string; second: string[] }> {
  const at = Date.now() - 60_000;
  const root = nextIdAt(at);
  const children = Array.from({ length: FIRST_TRANSACTION - 1 }, () => nextIdAt(at));
  const second = Array.from({ length: GRANDCHILDREN }, () => nextIdAt(at));
  const start = (id: string, parent: string | null) => ({
    execution_id: id,
    parent_execution_id: parent,
    path: parent === null ? 'ops/the_root' : 'ops/recount',
    event_type: 'playbook.initialized',
    node_name: 'ops/reconcile',
    status: 'INITIALIZED',
    created_at: at,
  });
  await writeEvents(db.pool, [
    start(root, null),
    ...children.map((id) => start(id, root)),
    ...second.map((id) => start(id, children[0] ?? root)),
  ]);
  return { root, second };
}

describe('the database dies in the middle of a batch', () => {
  it('the screen says what was cancelled and what was not, keys work, and the end tells it once more', async () => {
    const { root, second } = await writeTree();
    const terminal = await program.open({ columns: 100, rows: 30 });
    terminal.press('/', 'the_root', 'enter');
    await terminal.waitFor('1/1');
    expect(terminal.text()).toContain(root);
    terminal.press('c');
    await terminal.waitFor('Cancels 300 executions');
    terminal.press('the database dies', 'enter');
    await terminal.waitFor(/▸ Number/);
    await goToButton(terminal);

    // The second transaction waits for a lock while the first is written for good; then the connection is gone.
    const other = await db.pool.connect();
    try {
      await other.query('BEGIN');
      const { text, values } = lockExecutions(second.slice(-1));
      await other.query(text, [...values]);
      terminal.press('enter');
      await eventually(
        () => cancelRows(db),
        (written) => written === FIRST_TRANSACTION,
      );
      await terminal.waitFor('250/300');
      proxy.cut();
      // The whole of a transaction is sent at once: what waits for a lock may still be committed when that is free.
      await terminal.waitFor(/250 cancelled .*50 OUTCOME UNKNOWN/);
    } finally {
      await other.query('ROLLBACK');
      other.release();
    }

    expect(terminal.text()).toContain('reason: the database dies');
    await terminal.waitFor('connection lost');
    terminal.press('G');
    await terminal.waitFor(new RegExp(`▸ \\? outcome unk.*(?:${second.join('|')})`));
    terminal.press('escape');
    await terminal.waitFor('[1 Active');
    terminal.press('j', '2');
    await terminal.waitFor('[2 Stale');

    terminal.press('q');
    expect((await terminal.waitForExit()).exitCode).toBe(0);
    expectRestored(terminal);
    expect(terminal.ordinaryLines().join('\n')).toContain(
      'Cancelled 250 executions (the database dies), 50 outcome unknown',
    );
    expect([FIRST_TRANSACTION, FIRST_TRANSACTION + second.length]).toContain(await cancelRows(db));
  });
});

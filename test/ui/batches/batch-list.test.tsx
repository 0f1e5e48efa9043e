import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBatchLog } from '../../../source/service/report/batch-list.js';
import { createServices, type Services } from '../../../source/service/use-cases.js';
import type { EventStore } from '../../../source/store/event-store.js';
import { createTestDatabase, type EventRow, nextIdAt, type TestDatabase, writeEvents } from '../../helpers/database.js';
import { openStore } from '../../helpers/store.js';
import { openConsole } from '../helpers/console.js';
import { inTimeZone } from '../helpers/time-zone.js';

const MINUTE = 60_000;
const REASON = 'Runaway loop in the nightly load, seen by the on-call operator at 03:00';

let db: TestDatabase;
let store: EventStore;
let services: Services;

/** An execution that a worker is busy with where `types` says so; answers its id. */
async function execution(path: string, types: readonly string[] = [], parent?: string): Promise<string> {
  const at = Date.now() - 30 * MINUTE;
  const id = nextIdAt(at, 'database');
  const row = { execution_id: id, path, ...(parent ? { parent_execution_id: parent } : {}) };
  const rows: EventRow[] = [
    { ...row, event_type: 'playbook.initialized' },
    ...types.map((event_type) => ({
      ...row,
      event_type,
      node_name: 'load',
      meta: { command_id: 'c1', worker_id: 'w1' },
    })),
  ];
  await writeEvents(
    db.pool,
    rows.map((one, index) => ({ ...one, created_at: at + index })),
  );
  return id;
}

async function cancel(ids: string[], cancelledBy: string, reason: string | null, batchId: string): Promise<void> {
  const request = { reason, cancelledBy, cascade: true, batchId, source: 'noetl-console/test' };
  const report = await services.cancel.run(await services.cancel.plan(ids, { cascade: true }), request);
  expect(report.outcomes.every(({ kind }) => kind === 'cancelled')).toBe(true);
}

beforeAll(async () => {
  db = await createTestDatabase();
  store = openStore(db.url);
  services = createServices(store);
  const root = await execution('etl/nightly');
  await execution('etl/nightly/part', [], root);
  await cancel([root], 'bob@night-shift', REASON, 'batch-of-bob');
  await cancel(
    [await execution('ops/poll', ['command.issued', 'command.claimed'])],
    'alice@ops',
    null,
    'batch-of-alice',
  );
});
afterAll(async () => {
  await store.close();
  await db.close();
});

const open = (size = { columns: 120, rows: 24 }, further: object = {}) =>
  openConsole([], { services, size, ...further });

describe('the list of batches', () => {
  it.each([
    [60, 20],
    [80, 24],
    [120, 40],
    [200, 50],
  ])('at %ix%i shows when, who, how many, whether they have stopped, and why', async (columns, rows) => {
    const ui = open({ columns, rows });
    ui.press('J');
    await ui.waitFor(/alice@ops +1 +◑ 1 draining/);
    await ui.waitFor(/bob@nigh\S* +2 +■ stopped +Runaway/);
    const [alice, bob] = ['alice@ops', 'bob@nigh'].map((who) => ui.lines.findIndex((line) => line.includes(who)));
    expect(alice).toBeLessThan(bob ?? 0);
    expect(ui.lines.length).toBeLessThanOrEqual(rows);
    ui.press('down');
    await ui.waitFor('1 chosen, 1 descendant · settled: 2 stopped');
    expect(ui.frame.replace(/\s+/g, ' ')).toContain(REASON.slice(0, columns > 80 ? 60 : 40));
    expect(ui.frame).toContain('batch batch-of-bob');
  });

  it("shows when by the computer's clock where that is chosen", async () => {
    inTimeZone('Asia/Kolkata');
    const ui = open({ columns: 120, rows: 24 }, { time: 'local' });
    ui.press('J');
    await ui.waitFor(/alice@ops/);
    const when = () => /(\d\d):(\d\d) alice@ops/.exec(ui.frame)?.slice(1).map(Number) ?? [];
    const minutes = ([hour = 0, minute = 0]: readonly number[]) => hour * 60 + minute;
    expect(ui.frame).toContain('WHEN LOCAL');
    const local = minutes(when());
    ui.press('z');
    await ui.waitFor('WHEN UTC');
    expect((local - minutes(when()) + 24 * 60) % (24 * 60)).toBe(330);
  });

  it('opens a batch of another operator: its executions with their evidence, and from there a timeline', async () => {
    const ui = open();
    ui.press('J');
    await ui.waitFor(/alice@ops/);
    ui.press('enter');
    await ui.waitFor('batch batch-of-alice · from the log');
    await ui.waitFor(/■ cancelled +\d+ +ops\/poll +◑ draining 1/);
    expect(ui.frame).toContain('1 command in progress: load on w1');
    expect(ui.frame).toContain('by alice@ops');
    ui.press('enter');
    await ui.waitFor(/Events of \d+.*ops\/poll/);
    ui.press('escape', 'escape');
    await ui.waitFor(/bob@night-shift/);
  });

  it('shows the report of any batch, and writes it to a file that is never written over another', async () => {
    const reportDirectory = mkdtempSync(join(tmpdir(), 'noetl-console-report-'));
    try {
      const ui = open({ columns: 100, rows: 30 }, { reportDirectory });
      ui.press('J');
      await ui.waitFor(/bob@night/);
      ui.press('down', 'o');
      await ui.waitFor(/Report of batch batch-of\s[\s\S]*batch-of-bob/);
      await ui.waitFor('# Cancellation of 1 execution');
      expect(ui.frame).toContain('bob@night-shift');
      ui.press('o');
      await ui.waitFor('report written');
      const [name, ...others] = readdirSync(reportDirectory);
      expect(others).toEqual([]);
      expect(readFileSync(join(reportDirectory, name ?? ''), 'utf8')).toContain('etl/nightly/part');
    } finally {
      rmSync(reportDirectory, { recursive: true });
    }
  });

  it('takes in what another operator cancels meanwhile; the cursor stays on its batch', async () => {
    const ui = open();
    ui.press('J');
    await ui.waitFor(/bob@night/);
    ui.press('down');
    await ui.waitFor('batch batch-of-bob');
    await cancel([await execution('ops/late')], 'carol@ops', 'too slow', 'batch-of-carol');
    ui.feed.cancels({ executionId: '1', at: Date.now() });
    await ui.waitFor(/carol@ops +1/);
    expect(ui.frame).toContain('batch batch-of-bob');
  });

  it('reads further back when the cursor goes down at the end, to the end of the log', async () => {
    const small = createBatchLog(store, services.follow, { piece: 1, batchesAStep: 1 });
    const ui = openConsole([], { services: { ...services, batchLog: small }, size: { columns: 120, rows: 24 } });
    ui.press('J');
    await ui.waitFor('1 so far · down at the end reads older ones');
    expect(ui.frame).not.toContain('bob@night-shift');
    for (let presses = 0; !ui.frame.includes('bob@night-shift'); presses += 1) {
      if (presses > 20) throw new Error(`the oldest batch was not reached:\n${ui.frame}`);
      ui.press('down');
      await ui.waitFor(() => !ui.frame.includes('reading the log'));
    }
    for (let presses = 0; ui.lines[1]?.includes('so far'); presses += 1) {
      if (presses > 20) throw new Error(`the end of the log was not reached:\n${ui.frame}`);
      ui.press('G');
      await ui.waitFor(() => !ui.frame.includes('reading the log'));
    }
    await ui.waitFor(/bob@nigh\S* +2 +■ stopped +Runaway/);
  });

  it('announces what others cancel, with who and why, and not what this session does', async () => {
    const ui = open();
    const at = Date.now();
    const ids = [await execution('ops/one'), await execution('ops/two')];
    await cancel(ids, 'dan\u001b]0;x@ops', 'wrong\u001b[2J input', 'batch-of-dan');
    ui.feed.cancels(...ids.map((executionId) => ({ executionId, at })));
    await ui.waitFor('dan␛]0;x@ops cancelled 2 executions: wrong␛[2J input');
    ui.model.context.notices.clear();
    const mine = await execution('ops/mine');
    const plan = await services.cancel.plan([mine], { cascade: false });
    const request = { reason: 'mine', cancelledBy: 'ann@ops', cascade: false, batchId: 'mine', source: 'test' };
    ui.model.batches.start(plan, request, {});
    await ui.waitFor('cancelled 1 of 1; stopped');
    ui.model.context.notices.clear();
    ui.feed.cancels({ executionId: mine, at: Date.now() });
    const foreign = await execution('ops/foreign');
    await writeEvents(db.pool, [{ execution_id: foreign, event_type: 'playbook_cancelled' }]);
    ui.feed.cancels({ executionId: foreign, at: Date.now() - 1000 });
    await ui.waitFor('a NoETL server cancelled 1 execution');
    expect(ui.frames.join()).not.toContain('ann@ops cancelled');
  });

  it('says that nothing was found, and keeps what it has when the database cannot be read', async () => {
    const ui = open();
    ui.model.context.open('batch', 'never-run');
    await ui.waitFor('No cancel in the log names this batch');
    ui.press('escape', 'J');
    await ui.waitFor(/bob@night/);
    const closed = createServices(openStore('postgresql://nobody@127.0.0.1:1/none'));
    Object.assign(ui.model.context, { services: closed });
    ui.press('r');
    await ui.waitFor('not read:');
    expect(ui.frame).toMatch(/bob@night/);
  });

  it("counts apart, and says where to see, NoETL's own cancels, at 60 columns too", async () => {
    const foreign = await execution('ops/by_noetl');
    const meta = { actionable: true, cancelled_by: 'api', reason: 'by its API' };
    await writeEvents(db.pool, [{ execution_id: foreign, event_type: 'execution.cancelled', meta }]);
    const ui = open({ columns: 60, rows: 20 });
    ui.press('J');
    await ui.waitFor(/Batches +\d · 1 cancel by NoETL itself, in no batch: press 4/);
    expect(ui.frame).not.toContain('by its API');
  });
});

import { describe, expect, it } from 'vitest';
import type { CancelOutcome, CancelRequest } from '../../../source/domain/cancellation.js';
import { snowflakeTime } from '../../../source/domain/snowflake.js';
import { createCancelService } from '../../../source/service/cancel/cancel.js';
import { StoreError } from '../../../source/store/errors.js';
import type { EventStore } from '../../../source/store/event-store.js';
import { openPostgresEventStore } from '../../../source/store/postgres-event-store.js';
import { createTestDatabase, idAt, nextIdAt, type TestDatabase, writeEvents } from '../../helpers/database.js';
import { openStore, settingsOf } from '../../helpers/store.js';
import { withStore } from '../../helpers/with-store.js';

let db: TestDatabase;
let store: EventStore;

withStore(
  (opened) => {
    ({ db, store } = opened);
  },
  { timezone: 'Asia/Tokyo' },
);

const minutesAgo = (minutes: number) => Date.now() - minutes * 60_000;
let batches = 0;
const request = (over: Partial<CancelRequest> = {}): CancelRequest => ({
  reason: 'Detected infinite loop',
  cancelledBy: 'ada@console',
  cascade: false,
  batchId: `batch-${++batches}`,
  source: 'noetl-console/test',
  ...over,
});

async function cancel(ids: string[], over: Partial<CancelRequest> = {}, on: EventStore = store) {
  const service = createCancelService(on);
  const plan = await service.plan(ids, { cascade: over.cascade ?? false });
  return service.run(plan, request(over));
}

const cancelled = (outcomes: readonly CancelOutcome[]) =>
  outcomes.filter((outcome) => outcome.kind === 'cancelled').map((outcome) => outcome.executionId);

async function rowsOf(id: string, where = "status = 'CANCELLED'") {
  const { rows } = await db.pool.query(
    `SELECT event_id::text, prev_event_id::text AS prev, event_type, status, node_id, node_name, catalog_id::text,
       parent_execution_id::text AS parent, meta, context, tenant_id, extract(epoch from created_at) * 1000 AS at
     FROM noetl.event WHERE execution_id = $1 AND ${where} ORDER BY event_id`,
    [id],
  );
  return rows;
}

describe('the rows of a cancel', () => {
  it('are one for a Python-born execution, above its own events in its own layout, chained', async () => {
    const id = nextIdAt(minutesAgo(20), 'database');
    const [, last] = await writeEvents(db.pool, [
      {
        execution_id: id,
        event_type: 'playbook.initialized',
        created_at: minutesAgo(20),
        parent_execution_id: '42',
        tenant_id: 'acme',
      },
      {
        execution_id: id,
        event_type: 'command.issued',
        status: 'PENDING',
        created_at: minutesAgo(19),
        tenant_id: 'acme',
      },
    ]);
    const report = await cancel([id]);
    expect(cancelled(report.outcomes)).toEqual([id]);
    const rows = await rowsOf(id);
    expect(rows).toHaveLength(1);
    const [row] = rows;
    expect(row).toMatchObject({
      event_type: 'execution.cancelled',
      status: 'CANCELLED',
      node_id: 'cancel',
      node_name: 'cancel',
      prev: last,
      parent: '42',
      tenant_id: 'acme',
      meta: {
        reason: 'Detected infinite loop',
        cancelled_by: 'ada@console',
        cascade: false,
        parent_cancel_id: null,
        source: 'noetl-console/test',
        actionable: true,
      },
      context: { reason: 'Detected infinite loop', cancelled_by: 'ada@console' },
    });
    expect(row.meta.batch_id).toMatch(/^batch-/);
    expect(BigInt(row.event_id)).toBeGreaterThan(BigInt(last!));
    expect(Math.abs(snowflakeTime(BigInt(row.event_id), 'database') - Date.now())).toBeLessThan(60_000);
    expect(Math.abs(Number(row.at) - Date.now())).toBeLessThan(60_000);
  });

  it('are two for a Rust-born execution, playbook.cancelled first', async () => {
    const id = nextIdAt(minutesAgo(20), 'rust');
    const [last] = await writeEvents(db.pool, [
      { execution_id: id, event_type: 'playbook_started', created_at: minutesAgo(20), layout: 'rust' },
    ]);
    await cancel([id]);
    const rows = await rowsOf(id);
    expect(rows.map((row) => row.event_type)).toEqual(['playbook.cancelled', 'execution.cancelled']);
    expect(rows[0].prev).toBe(last);
    expect(rows[1].prev).toBe(rows[0].event_id);
    expect(BigInt(rows[1].event_id)).toBe(BigInt(rows[0].event_id) + 1n);
    expect(Math.abs(snowflakeTime(BigInt(rows[0].event_id), 'rust') - Date.now())).toBeLessThan(60_000);
  });

  it('go above ids that lie in the future, and an execution at the highest id is refused alone', async () => {
    const ahead = idAt(Date.now() + 86_400_000, 'rust', 7);
    await writeEvents(db.pool, [
      { execution_id: '5001', event_type: 'playbook_started', created_at: minutesAgo(1), layout: 'rust' },
      { execution_id: '5001', event_type: 'command.issued', event_id: ahead },
      { execution_id: '5002', event_type: 'playbook_started', event_id: '9223372036854775807' },
    ]);
    const report = await cancel(['5001', '5002']);
    expect(cancelled(report.outcomes)).toEqual(['5001']);
    expect((await rowsOf('5001')).map((row) => row.event_id)).toEqual([
      String(BigInt(ahead) + 1n),
      String(BigInt(ahead) + 2n),
    ]);
    expect(report.outcomes[1]).toMatchObject({ kind: 'failed', executionId: '5002' });
    expect(await rowsOf('5002')).toEqual([]);
  });

  it('are written on an install without prev_event_id', async () => {
    const old = await createTestDatabase({ withoutPrevEventId: true, withoutRuntime: true });
    const oldStore = openStore(old.url);
    await writeEvents(old.pool, [{ execution_id: '7', event_type: 'playbook_started' }]);
    const report = await cancel(['7'], {}, oldStore);
    expect(cancelled(report.outcomes)).toEqual(['7']);
    expect(await oldStore.workers()).toBeNull();
    await oldStore.close();
    await old.close();
  });
});

describe('what has ended', () => {
  it.each([
    ['playbook.completed', 'COMPLETED'],
    ['playbook_failed', 'FAILED'],
    ['workflow.completed', 'COMPLETED'],
    ['playbook_cancelled', 'CANCELLED'],
  ])('by %s with trailing events is never written to', async (type, status) => {
    const id = nextIdAt(minutesAgo(9));
    await writeEvents(db.pool, [
      { execution_id: id, event_type: 'playbook.initialized' },
      { execution_id: id, event_type: type },
      { execution_id: id, event_type: 'command.completed', status: 'COMPLETED' },
    ]);
    const before = await rowsOf(id, 'true');
    const report = await cancel([id]);
    expect(report.plan.ended).toMatchObject([{ executionId: id, as: status }]);
    expect(report.outcomes).toEqual([]);
    expect(await rowsOf(id, 'true')).toEqual(before);
  });

  it('between plan and write is left alone, and the report says who was first', async () => {
    await writeEvents(db.pool, [
      { execution_id: '5101', event_type: 'playbook.initialized' },
      { execution_id: '5102', event_type: 'playbook.initialized' },
    ]);
    const service = createCancelService(store);
    const plan = await service.plan(['5101', '5102', '5199'], { cascade: false });
    expect(plan.unknown).toEqual(['5199']);
    await writeEvents(db.pool, [{ execution_id: '5101', event_type: 'playbook.completed' }]);
    await cancel(['5102'], { cancelledBy: 'grace@other' });
    const report = await service.run(plan, request());
    expect(report.outcomes).toMatchObject([
      { kind: 'ended', executionId: '5101', as: 'COMPLETED', lostRace: true, endedBy: null },
      { kind: 'ended', executionId: '5102', as: 'CANCELLED', lostRace: true, endedBy: 'grace@other' },
    ]);
    expect(await rowsOf('5101')).toEqual([]);
  });

  it('woke up since the plan: left alone with quietSince', async () => {
    await writeEvents(db.pool, [
      { execution_id: '5201', event_type: 'playbook.initialized', created_at: minutesAgo(60) },
    ]);
    const service = createCancelService(store);
    const plan = await service.plan(['5201'], { cascade: false });
    await writeEvents(db.pool, [{ execution_id: '5201', event_type: 'command.issued', created_at: minutesAgo(0) }]);
    const report = await service.run(plan, request(), { quietSince: minutesAgo(10) });
    expect(report.outcomes).toMatchObject([{ kind: 'resumed', executionId: '5201' }]);
    expect(await rowsOf('5201')).toEqual([]);
  });
});

it('parents come before children, in whatever order they are named', async () => {
  await writeEvents(db.pool, [
    { execution_id: '5500', event_type: 'playbook_started' },
    { execution_id: '5501', event_type: 'playbook_started', parent_execution_id: '5500' },
    { execution_id: '5502', event_type: 'playbook_started', parent_execution_id: '5501' },
  ]);
  const service = createCancelService(store);
  for (const cascade of [false, true]) {
    const { targets } = await service.plan(['5502', '5500', '5501'], { cascade });
    expect(targets.map(({ executionId, rootId, depth, level }) => [executionId, rootId, depth, level])).toEqual([
      ['5500', '5500', 0, undefined],
      ['5501', '5501', 0, 1],
      ['5502', '5502', 0, 2],
    ]);
  }
});

describe('a cascade', () => {
  it('goes through ended nodes, cycles and missing parents, each once, parents first', async () => {
    await writeEvents(db.pool, [
      { execution_id: '6000', event_type: 'playbook_started', parent_execution_id: '6999' },
      { execution_id: '6001', event_type: 'playbook_started', parent_execution_id: '6000' },
      { execution_id: '6001', event_type: 'playbook.completed' },
      { execution_id: '6002', event_type: 'playbook.initialized', parent_execution_id: '6001' },
      { execution_id: '6003', event_type: 'playbook_started', parent_execution_id: '6002' },
      // 6003 is also 6000's parent: a cycle.
      { execution_id: '6000', event_type: 'step.enter', parent_execution_id: '6003' },
      { execution_id: '6004', event_type: 'playbook.initialized', meta: { inlined_in_parent: '6002' } },
    ]);
    const report = await cancel(['6000'], { cascade: true });
    expect(cancelled(report.outcomes)).toEqual(['6000', '6002', '6003', '6004']);
    expect(report.plan.ended.map((ended) => ended.executionId)).toEqual(['6001']);
    const [row] = await rowsOf('6002');
    expect(row.meta).toMatchObject({ parent_cancel_id: '6000', cascade: true });
    expect(await rowsOf('6001')).toEqual([]);
  });

  it('does nothing in the name of a parent that has no rows of its own', async () => {
    await writeEvents(db.pool, [{ execution_id: '6901', event_type: 'playbook_started', parent_execution_id: '6900' }]);
    const report = await cancel(['6900'], { cascade: true });
    expect(report.plan).toMatchObject({ targets: [], unknown: ['6900'] });
    expect(report.outcomes).toEqual([]);
    expect(await rowsOf('6901')).toEqual([]);
  });

  it('on an ended root cancels its orphans', async () => {
    await writeEvents(db.pool, [
      { execution_id: '6100', event_type: 'playbook_started' },
      { execution_id: '6100', event_type: 'playbook.failed' },
      { execution_id: '6101', event_type: 'playbook_started', parent_execution_id: '6100' },
    ]);
    expect(cancelled((await cancel(['6100'], { cascade: true })).outcomes)).toEqual(['6101']);
  });

  it('catches children that appear after the plan, and counts them as late', async () => {
    await writeEvents(db.pool, [{ execution_id: '6200', event_type: 'playbook_started' }]);
    const service = createCancelService(store);
    const plan = await service.plan(['6200'], { cascade: true });
    await writeEvents(db.pool, [{ execution_id: '6201', event_type: 'playbook_started', parent_execution_id: '6200' }]);
    const report = await service.run(plan, request({ cascade: true }));
    expect(report.outcomes).toMatchObject([
      { kind: 'cancelled', executionId: '6200', late: false },
      { kind: 'cancelled', executionId: '6201', late: true, rootId: '6200' },
    ]);
  });

  it('takes 5,000 children and says how it goes', async () => {
    const children = Array.from({ length: 5000 }, (_, index) => String(6_300_001 + index));
    await writeEvents(db.pool, [
      { execution_id: '6300000', event_type: 'playbook.initialized' },
      ...children.map((id) => ({
        execution_id: id,
        event_type: 'playbook.initialized',
        parent_execution_id: '6300000',
      })),
    ]);
    const service = createCancelService(store);
    const plan = await service.plan(['6300000'], { cascade: true });
    const seen: number[] = [];
    const report = await service.run(plan, request({ cascade: true }), { onProgress: ({ done }) => seen.push(done) });
    expect(cancelled(report.outcomes)).toHaveLength(5001);
    expect(report.outcomes[0]?.executionId).toBe('6300000');
    expect(seen.at(-1)).toBe(5001);
    expect(seen.length).toBeGreaterThan(10);
  });
});

describe('a tree with more links than one read takes', () => {
  const familyOf = async (root: number, count: number) => {
    await writeEvents(db.pool, [
      { execution_id: String(root), event_type: 'playbook_started' },
      ...Array.from({ length: count }, (_, index) => ({
        execution_id: String(root + 1 + index),
        event_type: 'playbook_started',
        parent_execution_id: String(root),
      })),
    ]);
    return String(root);
  };

  it('is planned in part, says so, and is cancelled to its end by the sweep, in pieces', async () => {
    const root = await familyOf(6_500_000, 95);
    const service = createCancelService(store, { linkLimit: 30 });
    const plan = await service.plan([root], { cascade: true });
    expect(plan.truncated).toBe(true);
    expect(plan.targets.length).toBe(31);
    const report = await service.run(plan, request({ cascade: true }));
    expect(cancelled(report.outcomes)).toHaveLength(96);
    expect(report.sweepProblem).toBeNull();
    // They were there before the plan: none of them is late.
    expect(report.outcomes.filter((outcome) => outcome.kind === 'cancelled' && outcome.late)).toEqual([]);
  });

  it('that is never read to its end is a run that says so', async () => {
    const root = await familyOf(6_600_000, 95);
    const service = createCancelService(store, { linkLimit: 4 });
    const report = await service.run(await service.plan([root], { cascade: true }), request({ cascade: true }));
    expect(cancelled(report.outcomes).length).toBeLessThan(96);
    expect(report.sweepProblem).toContain('was not read to its end');
  });

  it('is exactly as large as the limit: nothing is missing', async () => {
    const root = await familyOf(6_700_000, 30);
    const service = createCancelService(store, { linkLimit: 30 });
    const plan = await service.plan([root], { cascade: true });
    expect(plan.truncated).toBeUndefined();
    expect((await service.run(plan, request({ cascade: true }))).sweepProblem).toBeNull();
  });
});

describe('several at once', () => {
  it('leave exactly one cancel each on 200 executions that 20 consoles cancel in different orders', async () => {
    const ids = Array.from({ length: 200 }, (_, index) => String(7000 + index));
    await writeEvents(
      db.pool,
      ids.map((id) => ({ execution_id: id, event_type: 'playbook_started' })),
    );
    const stores = Array.from({ length: 20 }, () => openStore(db.url));
    const reports = await Promise.all(
      stores.map((each, index) => cancel(index % 2 ? ids : [...ids].reverse(), { cancelledBy: `op${index}` }, each)),
    );
    await Promise.all(stores.map((each) => each.close()));
    expect(reports.flatMap((report) => cancelled(report.outcomes)).sort()).toEqual([...ids].sort());
    const { rows } = await db.pool.query(
      `SELECT count(*)::int AS n FROM noetl.event WHERE execution_id BETWEEN 7000 AND 7199 AND event_type = 'execution.cancelled'`,
    );
    expect(rows[0].n).toBe(200);
  });

  it('stop at a signal before the next transaction and say what was done', async () => {
    const ids = Array.from({ length: 600 }, (_, index) => String(8000 + index));
    await writeEvents(
      db.pool,
      ids.map((id) => ({ execution_id: id, event_type: 'playbook_started' })),
    );
    const service = createCancelService(store);
    const plan = await service.plan(ids, { cascade: false });
    const stop = new AbortController();
    const report = await service.run(plan, request(), { signal: stop.signal, onProgress: () => stop.abort() });
    expect(report.interrupted).toBe(true);
    const done = cancelled(report.outcomes);
    expect(done.length).toBeGreaterThan(0);
    expect(report.outcomes.filter((outcome) => outcome.kind === 'not-attempted')).toHaveLength(600 - done.length);
    const rest = await cancel(ids);
    expect(cancelled(rest.outcomes)).toHaveLength(600 - done.length);
  });

  it.each([false, true])('need one connection where that is all that a role may have (brief: %s)', async (isBrief) => {
    const role = `narrow_${process.pid}_${isBrief}`;
    await db.pool.query(`CREATE ROLE ${role} LOGIN PASSWORD 'pw' CONNECTION LIMIT 1; GRANT USAGE ON SCHEMA noetl TO ${role};
      GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA noetl TO ${role}`);
    const ids = Array.from({ length: 4500 }, (_, index) => String((isBrief ? 8_400_000 : 8_300_000) + index));
    await writeEvents(
      db.pool,
      ids.map((id) => ({ execution_id: id, event_type: 'playbook_started' })),
    );
    const url = new URL(db.url);
    url.username = role;
    url.password = 'pw';
    const narrow = openPostgresEventStore({ ...settingsOf(url.href), isBrief });
    expect(cancelled((await cancel(ids, {}, narrow)).outcomes)).toEqual(ids);
    await narrow.close();
  });

  it('a retry of a run whose commit went through counts its own rows', async () => {
    await writeEvents(db.pool, [{ execution_id: '8800', event_type: 'playbook_started' }]);
    const same = request({ batchId: 'lost-answer' });
    const plan = await createCancelService(store).plan(['8800'], { cascade: false });
    const flaky: EventStore = { ...store };
    let calls = 0;
    flaky.appendCancellations = async (...args) => {
      const results = await store.appendCancellations(...args);
      if (++calls === 1) throw new StoreError('timeout', 'the answer was lost');
      return results;
    };
    const report = await createCancelService(flaky).run(plan, same);
    expect(calls).toBe(2);
    expect(cancelled(report.outcomes)).toEqual(['8800']);
    expect(await rowsOf('8800')).toHaveLength(2);
  });
});

describe('a database that says no', () => {
  it('for want of a privilege: nothing written, one line with the remedy', async () => {
    await writeEvents(db.pool, [{ execution_id: '9001', event_type: 'playbook_started' }]);
    await db.pool.query(`CREATE ROLE reader_${process.pid} LOGIN PASSWORD 'pw'; GRANT USAGE ON SCHEMA noetl TO reader_${process.pid};
      GRANT SELECT ON ALL TABLES IN SCHEMA noetl TO reader_${process.pid}`);
    const url = new URL(db.url);
    url.username = `reader_${process.pid}`;
    url.password = 'pw';
    const reader = openStore(url.href);
    await expect(cancel(['9001'], {}, reader)).rejects.toMatchObject({ kind: 'no-privilege' });
    await reader.close();
    url.password = 'wrong';
    const stranger = openStore(url.href);
    await expect(cancel(['9001'], {}, stranger)).rejects.toMatchObject({ kind: 'authentication' });
    await expect(cancel(['9001'], {}, stranger)).rejects.not.toThrow(/wrong/);
    await stranger.close();
    expect(await rowsOf('9001')).toEqual([]);
  });

  it('for being read-only, down, or no NoETL database', async () => {
    await db.pool.query(`CREATE ROLE frozen_${process.pid} LOGIN SUPERUSER PASSWORD 'pw';
      ALTER ROLE frozen_${process.pid} SET default_transaction_read_only = on`);
    const url = new URL(db.url);
    url.username = `frozen_${process.pid}`;
    url.password = 'pw';
    const frozen = openStore(url.href);
    await expect(cancel(['9001'], {}, frozen)).rejects.toMatchObject({ kind: 'read-only' });
    await frozen.close();
    url.port = '1';
    const down = openStore(url.href);
    await expect(cancel(['9001'], {}, down)).rejects.toMatchObject({ kind: 'unreachable' });
    await down.close();
    const elsewhere = openStore(db.url, 'nowhere');
    await expect(cancel(['9001'], {}, elsewhere)).rejects.toMatchObject({ kind: 'no-schema' });
    await elsewhere.close();
  });
});

import { afterEach, describe, expect, it } from 'vitest';
import { cancelResults } from '../../source/service/cancel/cancel-results.js';
import type { EventStore } from '../../source/store/event-store.js';
import { type TestDatabase, writeEvents } from '../helpers/database.js';
import { type DoubleOptions, type NoetlServerDouble, startNoetlServer } from '../helpers/noetl-server.js';
import { withStore } from '../helpers/with-store.js';
import { cancelRowsOf, cancelThrough, requestOf, rustRun, serviceThrough, typesOf } from './stage.js';

let db: TestDatabase;
let store: EventStore;
let server: NoetlServerDouble;

withStore((opened) => {
  ({ db, store } = opened);
});
afterEach(() => server.close());

const start = async (options: Partial<DoubleOptions> = {}) => {
  server = await startNoetlServer({ kind: 'rust', pool: db.pool, ...options });
};
const isCancel = (path: string) => path.endsWith('/cancel');

describe('a cancel through the Rust server', () => {
  it('makes two calls, and the second carries who and why', async () => {
    await start();
    const id = await rustRun(db);
    const report = await cancelThrough(server.url, store, [id]);
    expect(server.calls()).toEqual([`POST /api/executions/${id}/cancel`, 'POST /api/events']);
    expect(server.received.at(-2)?.body).toBe('');
    const rows = await cancelRowsOf(db, id);
    expect(rows.map((row) => row.event_type)).toEqual(['playbook_cancelled', 'execution.cancelled']);
    expect(rows[1]).toMatchObject({
      node_name: 'cancel',
      prev: rows[0].event_id,
      meta: {
        reason: 'Detected infinite loop',
        cancelled_by: 'ada@console',
        source: 'noetl-console/test',
        cascade: false,
      },
      result: { context: { reason: 'Detected infinite loop', cancelled_by: 'ada@console' } },
    });
    expect(report).toMatchObject({ via: 'api' });
    expect(report.outcomes).toEqual([
      expect.objectContaining({
        kind: 'cancelled',
        executionId: id,
        via: 'api',
        eventId: rows[1].event_id,
        late: false,
      }),
    ]);
  });

  it('takes the server’s event id, digit by digit, where the row is not in the table yet', async () => {
    await start();
    server.context.publishOnly = true;
    const id = await rustRun(db);
    const report = await cancelThrough(server.url, store, [id]);
    const [outcome] = report.outcomes;
    expect(outcome).toMatchObject({ kind: 'cancelled' });
    expect(await typesOf(db, id)).toEqual([]);
    await server.materialise();
    const rows = await cancelRowsOf(db, id);
    expect(outcome).toMatchObject({ eventId: rows[1].event_id });
    expect(BigInt(rows[1].event_id)).toBeGreaterThan(2n ** 53n);
    if (outcome?.kind === 'cancelled') expect(Math.abs(outcome.at - Date.now())).toBeLessThan(60_000);
  });

  it('cancels parents before their children, and finds late ones', async () => {
    await start();
    const root = await rustRun(db);
    const child = await rustRun(db, { parent: root });
    const grandchild = await rustRun(db, { parent: child });
    const service = serviceThrough(server.url, store);
    const plan = await service.plan([root], { cascade: true });
    const spawned = await rustRun(db, { parent: child });
    const report = await service.run(plan, requestOf({ cascade: true }));
    const order = server.received.filter((call) => isCancel(call.path)).map((call) => call.path.split('/')[3]);
    expect(order).toEqual([root, child, grandchild, spawned]);
    expect(report.outcomes.map((each) => each.kind === 'cancelled' && each.late)).toEqual([false, false, false, true]);
    expect((await cancelRowsOf(db, grandchild))[1].meta.parent_cancel_id).toBe(root);
  });

  it('never asks the server about what has ended', async () => {
    await start();
    const id = await rustRun(db);
    const service = serviceThrough(server.url, store);
    const plan = await service.plan([id], { cascade: false });
    await writeEvents(db.pool, [
      { execution_id: id, event_type: 'playbook.completed', status: 'COMPLETED', layout: 'rust' },
    ]);
    const report = await service.run(plan, requestOf());
    expect(report.outcomes).toEqual([expect.objectContaining({ kind: 'ended', as: 'COMPLETED', lostRace: true })]);
    expect(server.calls()).toEqual([]);
  });

  it('skips what has resumed since `quietSince`', async () => {
    await start();
    const [quiet, awake] = [await rustRun(db), await rustRun(db)];
    const quietSince = Date.now() - 60_000;
    const service = serviceThrough(server.url, store);
    const plan = await service.plan([quiet, awake], { cascade: false });
    await writeEvents(db.pool, [{ execution_id: awake, event_type: 'step.enter', status: 'ENTERED', layout: 'rust' }]);
    const report = await service.run(plan, requestOf(), { quietSince });
    expect(report.outcomes.map((outcome) => outcome.kind)).toEqual(['cancelled', 'resumed']);
    expect(await typesOf(db, awake)).toEqual([]);
  });

  it('closes an execution whose failed step wrote no end, which the server refuses to cancel (422)', async () => {
    await start();
    const id = await rustRun(db, { events: [{ event_type: 'command.failed', status: 'FAILED' }] });
    const report = await cancelThrough(server.url, store, [id]);
    expect(report.outcomes).toEqual([expect.objectContaining({ kind: 'cancelled' })]);
    expect(await typesOf(db, id)).toEqual(['playbook.cancelled', 'execution.cancelled']);
  });

  it('says who the server does not know (404)', async () => {
    await start({
      fault: (call) =>
        isCancel(call.path)
          ? { status: 404, body: `{"error":"Execution not found: ${call.path.split('/')[3]}","status":404}` }
          : null,
    });
    const id = await rustRun(db);
    const [result] = cancelResults(await cancelThrough(server.url, store, [id]));
    expect(result).toMatchObject({ kind: 'failed' });
    expect(result?.message).toContain('does not know it; is it the server of this database?');
    expect(await typesOf(db, id)).toEqual([]);
  });

  it('finishes in the next run what a server that died between the calls left half done', async () => {
    let isDead = true;
    await start({ fault: (call) => (isDead && call.path === '/api/events' ? 'cut' : null) });
    const id = await rustRun(db);
    const [result] = cancelResults(await cancelThrough(server.url, store, [id]));
    expect(result).toMatchObject({ kind: 'failed', cancelled: [] });
    expect(result?.message).toMatch(/only half done: .* the same cancel again finishes it$/);
    expect(await typesOf(db, id)).toEqual(['playbook_cancelled']);
    isDead = false;
    const before = server.calls().length;
    const again = await cancelThrough(server.url, store, [id]);
    expect(again.outcomes).toEqual([expect.objectContaining({ kind: 'cancelled', executionId: id })]);
    expect(server.calls().slice(before)).toEqual(['POST /api/events']);
    expect(await typesOf(db, id)).toEqual(['playbook_cancelled', 'execution.cancelled']);
    const third = cancelResults(await cancelThrough(server.url, store, [id]));
    expect(third[0]?.message).toContain(`Execution ${id} is already CANCELLED`);
  });

  it('finishes a cancelled descendant too, where the server’s own cancel closed no claims', async () => {
    await start();
    const root = await rustRun(db);
    const child = await rustRun(db, {
      parent: root,
      events: [{ event_type: 'playbook_cancelled', status: 'CANCELLED' }],
    });
    const report = await cancelThrough(server.url, store, [root], { cascade: true });
    expect(report.outcomes.map((outcome) => outcome.kind)).toEqual(['cancelled', 'cancelled']);
    expect(await typesOf(db, child)).toEqual(['playbook_cancelled', 'execution.cancelled']);
  });

  it('writes one pair where the answers are lost', async () => {
    await start({ fault: (_call, count) => (count === 1 && _call.method === 'POST' ? 'cut-after' : null) });
    const id = await rustRun(db);
    const report = await cancelThrough(server.url, store, [id]);
    expect(report.outcomes).toEqual([expect.objectContaining({ kind: 'cancelled' })]);
    expect(await typesOf(db, id)).toEqual(['playbook_cancelled', 'execution.cancelled']);
  });

  it('waits for a server that restarts (503), before and between the calls', async () => {
    await start({
      fault: (call, count) =>
        call.method === 'POST' && count <= 2 ? { status: 503, body: '{"error":"starting"}' } : null,
    });
    const id = await rustRun(db);
    const report = await cancelThrough(server.url, store, [id]);
    expect(report.outcomes).toEqual([expect.objectContaining({ kind: 'cancelled' })]);
    expect(await typesOf(db, id)).toEqual(['playbook_cancelled', 'execution.cancelled']);
  });

  it('leaves one cancel each where two operators cancel the same', async () => {
    await start();
    const ids = await Promise.all(Array.from({ length: 12 }, () => rustRun(db)));
    const reports = await Promise.all([cancelThrough(server.url, store, ids), cancelThrough(server.url, store, ids)]);
    for (const id of ids)
      expect((await typesOf(db, id)).filter((type) => type === 'playbook_cancelled').length).toBeLessThanOrEqual(2);
    for (const id of ids) expect(await typesOf(db, id)).toContain('execution.cancelled');
    for (const { outcomes } of reports) {
      expect(outcomes.every((outcome) => outcome.kind === 'cancelled' || outcome.kind === 'ended')).toBe(true);
    }
  });

  it('stops between two executions at a signal, and says what was not tried', async () => {
    const stop = new AbortController();
    await start({
      fault: (call) => {
        if (call.path === '/api/events') stop.abort();
        return null;
      },
    });
    const root = await rustRun(db);
    const child = await rustRun(db, { parent: root });
    const report = await cancelThrough(server.url, store, [root], { cascade: true, signal: stop.signal });
    expect(report.interrupted).toBe(true);
    expect(report.outcomes.map((outcome) => outcome.kind)).toEqual(['cancelled', 'not-attempted']);
    expect(await typesOf(db, root)).toEqual(['playbook_cancelled', 'execution.cancelled']);
    expect(await typesOf(db, child)).toEqual([]);
  });
});

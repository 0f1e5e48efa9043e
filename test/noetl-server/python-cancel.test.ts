import { afterEach, describe, expect, it } from 'vitest';
import { cancelResults } from '../../source/service/cancel/cancel-results.js';
import type { EventStore } from '../../source/store/event-store.js';
import { type TestDatabase, writeEvents } from '../helpers/database.js';
import { type DoubleOptions, type NoetlServerDouble, startNoetlServer } from '../helpers/noetl-server.js';
import { withStore } from '../helpers/with-store.js';
import { cancelRowsOf, cancelThrough, pythonRun, requestOf, rustRun, serviceThrough, typesOf } from './stage.js';

let db: TestDatabase;
let store: EventStore;
let server: NoetlServerDouble;

withStore((opened) => {
  ({ db, store } = opened);
});
afterEach(() => server.close());

const start = async (options: Partial<DoubleOptions> = {}) => {
  server = await startNoetlServer({ kind: 'python', pool: db.pool, ...options });
};

describe('a cancel through the Python server', () => {
  it('is one call without its cascade, and its reason says who', async () => {
    await start();
    const id = await pythonRun(db);
    const report = await cancelThrough(server.url, store, [id]);
    expect(server.calls()).toEqual([`POST /api/executions/${id}/cancel`]);
    expect(JSON.parse(server.received.at(-1)!.body)).toEqual({
      reason: 'Detected infinite loop (by ada@console)',
      cascade: false,
    });
    const [row] = await cancelRowsOf(db, id);
    expect(row).toMatchObject({ event_type: 'execution.cancelled', meta: { cascade: false } });
    expect(report.outcomes).toEqual([
      expect.objectContaining({ kind: 'cancelled', via: 'api', eventId: row.event_id }),
    ]);
  });

  it('is never asked to cancel what ended before a trailing event, which it would', async () => {
    await start();
    const id = await pythonRun(db);
    const service = serviceThrough(server.url, store);
    const plan = await service.plan([id], { cascade: false });
    await writeEvents(db.pool, [
      { execution_id: id, event_type: 'playbook.completed', status: 'COMPLETED' },
      { execution_id: id, event_type: 'command.completed', status: 'COMPLETED' },
    ]);
    const report = await service.run(plan, requestOf());
    expect(report.outcomes).toEqual([expect.objectContaining({ kind: 'ended', as: 'COMPLETED' })]);
    expect(server.calls()).toEqual([]);
  });

  it('says what to do where it takes a failed command for an end', async () => {
    await start();
    const id = await pythonRun(db, [{ event_type: 'command.failed', status: 'FAILED' }]);
    const [result] = cancelResults(await cancelThrough(server.url, store, [id]));
    expect(result?.message).toMatch(/takes it for ended .*already FAILED.* use --via table$/);
    expect(await typesOf(db, id)).toEqual([]);
  });

  it('is not used for what a Rust server started: it would not stop its drive', async () => {
    await start();
    const id = await rustRun(db);
    const [result] = cancelResults(await cancelThrough(server.url, store, [id]));
    expect(result?.message).toContain('a Rust server started it');
    expect(server.calls()).toEqual([]);
  });

  it('writes one row where its answer is lost', async () => {
    await start({ fault: (call, count) => (call.method === 'POST' && count === 1 ? 'cut-after' : null) });
    const id = await pythonRun(db);
    const report = await cancelThrough(server.url, store, [id]);
    expect(report.outcomes).toEqual([expect.objectContaining({ kind: 'cancelled' })]);
    expect(await typesOf(db, id)).toEqual(['execution.cancelled']);
    expect(server.calls()).toHaveLength(1);
  });

  it('is not believed where the table does not show the cancel: it is another database’s server', async () => {
    await start({
      fault: (call) => {
        const id = call.path.split('/')[3];
        if (call.method !== 'POST') return null;
        return {
          status: 200,
          body: `{"status":"cancelled","execution_id":"${id}","cancelled_executions":["${id}"],"message":""}`,
        };
      },
    });
    const id = await pythonRun(db);
    const [result] = cancelResults(await cancelThrough(server.url, store, [id]));
    expect(result).toMatchObject({ kind: 'outcome-unknown' });
    expect(result?.message).toContain('is it the server of this database?');
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RunningServer, startServer } from '../../source/http/server.js';
import { openServer, readAddress } from '../../source/noetl-server/address.js';
import { probeServer } from '../../source/noetl-server/probe.js';
import { cancelResults } from '../../source/service/cancel/cancel-results.js';
import { createServices } from '../../source/service/use-cases.js';
import type { EventStore } from '../../source/store/event-store.js';
import type { TestDatabase } from '../helpers/database.js';
import { withStore } from '../helpers/with-store.js';
import { cancelRowsOf, cancelThrough, pythonRun, rustRun, typesOf } from './stage.js';

let db: TestDatabase;
let store: EventStore;
let server: RunningServer;

withStore((opened) => {
  ({ db, store } = opened);
});
beforeEach(async () => {
  server = await startServer({ services: createServices(store), port: 0, version: '1.2.3', logger: false });
});
afterEach(() => server.close());

describe('a cancel through the API of noetl-console', () => {
  it('knows it by its health answer', async () => {
    const read = readAddress(server.url);
    if (!read.ok) throw new Error(read.problem);
    const client = openServer({ address: read.address, token: async () => null });
    expect(await probeServer(client)).toEqual({ kind: 'console', version: '1.2.3' });
  });

  it('takes executions of either stack, each written as its own table writer would, and the reason says who', async () => {
    const [rust, python] = [await rustRun(db), await pythonRun(db)];
    const report = await cancelThrough(server.url, store, [rust, python]);
    expect(report.outcomes).toEqual([
      expect.objectContaining({ kind: 'cancelled', executionId: rust, via: 'api' }),
      expect.objectContaining({ kind: 'cancelled', executionId: python, via: 'api' }),
    ]);
    expect(await typesOf(db, rust)).toEqual(['playbook.cancelled', 'execution.cancelled']);
    expect(await typesOf(db, python)).toEqual(['execution.cancelled']);
    const [row] = await cancelRowsOf(db, rust);
    expect(row.meta.reason).toBe('Detected infinite loop (by ada@console)');
  });

  it('cancels one with a failed step and no end, which the Python server takes for ended', async () => {
    const id = await pythonRun(db, [{ event_type: 'command.failed', status: 'FAILED' }]);
    const [result] = cancelResults(await cancelThrough(server.url, store, [id]));
    expect(result).toMatchObject({ kind: 'cancelled' });
  });
});

import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeExecutions } from '../../source/service/describe.js';
import { createDiagnoseService } from '../../source/service/diagnose/diagnose.js';
import type { EventStore } from '../../source/store/event-store.js';
import { createTestDatabase, type TestDatabase } from '../helpers/database.js';
import { at, loadRecordingAt, readRecording } from '../helpers/recorded.js';
import { openStore } from '../helpers/store.js';

let db: TestDatabase;
let store: EventStore;
beforeAll(async () => {
  db = await createTestDatabase();
  store = openStore(db.url);
});
afterAll(async () => {
  await store?.close();
  await db?.close();
});

const describe = async (id: string) =>
  (await describeExecutions(store, createDiagnoseService(store), [id, '4'], { staleAfterMs: 60_000 })).get(id);

it('tells the first error, the worker, the parent and the run time of recorded executions', async () => {
  await loadRecordingAt(db.pool, readRecording('rust'), at('14:28:05.000000'));
  expect(await describe('383624475429376000')).toMatchObject({
    firstError: { type: 'command.failed', node: 'start', text: "ValueError('boom')" },
    worker: { name: 'worker-real-1', status: 'ready' },
    diagnosis: { code: 'finalizing' },
    parent: null,
  });
  expect(await describe('383624582719672320')).toMatchObject({
    parent: { executionId: '383624580890955776', status: 'CANCELLED' },
    execution: { status: 'COMPLETED' },
    firstError: null,
    diagnosis: null,
  });
  expect((await describe('383624582719672320'))?.runMs).toBeCloseTo(10_276, -2);
  expect(await describe('4')).toBeUndefined();
});

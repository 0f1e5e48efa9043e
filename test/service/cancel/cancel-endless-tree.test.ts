import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { createCancelService } from '../../../source/service/cancel/cancel.js';
import type { EventStore } from '../../../source/store/event-store.js';
import { nextIdAt, type TestDatabase, writeEvents } from '../../helpers/database.js';
import { withStore } from '../../helpers/with-store.js';

let db: TestDatabase;
let store: EventStore;
withStore((opened) => {
  ({ db, store } = opened);
});

const child = (parent: string | null = null) => ({
  execution_id: nextIdAt(Date.now(), 'rust'),
  event_type: 'playbook_started',
  parent_execution_id: parent,
});

it('a tree that has a new child at every look ends the sweep, and the report says so', async () => {
  const root = child();
  await writeEvents(db.pool, [root]);
  const spawning: EventStore = {
    ...store,
    linksBelow: async (...given) => {
      await writeEvents(db.pool, [child(root.execution_id)]);
      return store.linksBelow(...given);
    },
  };
  const service = createCancelService(spawning);
  const request = { reason: null, cancelledBy: 'me', cascade: true, batchId: randomUUID(), source: 'test' };
  const report = await service.run(await service.plan([root.execution_id], { cascade: true }), request);
  expect(report.sweepProblem).toBe('new children still appeared after 20 reads of the tree');
  // The root, the child of the plan, and one a sweep.
  expect(report.outcomes.filter(({ kind }) => kind === 'cancelled')).toHaveLength(22);
});

import { describe, expect, it } from 'vitest';
import type { CancelRequest } from '../../../source/domain/cancellation.js';
import { createCancelService } from '../../../source/service/cancel/cancel.js';
import { waitingAncestors } from '../../../source/service/cancel/waiting-ancestors.js';
import { createFollowService } from '../../../source/service/follow/follow.js';
import type { EventStore } from '../../../source/store/event-store.js';
import { type TestDatabase, writeEvents } from '../../helpers/database.js';
import { withStore } from '../../helpers/with-store.js';

let db: TestDatabase;
let store: EventStore;
withStore((opened) => {
  ({ db, store } = opened);
});

const request: CancelRequest = {
  reason: 'x',
  cancelledBy: 'me',
  cascade: true,
  batchId: 'left-out',
  source: 'noetl-console/test',
};

const born = (id: string, parent: string | null = null) => ({
  execution_id: id,
  event_type: 'playbook_started',
  parent_execution_id: parent,
});

/** 100 above 101 and 102; 102 above 103; 101 above 104. */
const family = (base: number) => {
  const [root, kept, left, below, grandchild] = [0, 1, 2, 3, 4].map((more) => String(base + more)) as [
    string,
    string,
    string,
    string,
    string,
  ];
  const events = [born(root), born(kept, root), born(left, root), born(below, left), born(grandchild, kept)];
  return { root, kept, left, below, grandchild, events };
};

describe('what a cascade leaves out', () => {
  it('is neither planned nor swept, with all that is or comes below it, and does not keep the follow-up waiting', async () => {
    const { root, kept, left, below, grandchild, events } = family(7000);
    await writeEvents(db.pool, events);
    const service = createCancelService(store);
    const plan = await service.plan([root], { cascade: true, leaveOut: [left] });
    expect(plan.targets.map((target) => target.executionId)).toEqual([root, kept, grandchild]);
    expect(plan.leftOut?.live.map(({ executionId, depth, rootId }) => [executionId, depth, rootId])).toEqual([
      [left, 1, root],
    ]);
    // One appears below what was left out, one below what is cancelled.
    await writeEvents(db.pool, [born('7010', left), born('7011', kept)]);
    const report = await service.run(plan, request);
    expect(report.outcomes.map(({ executionId, kind }) => [executionId, kind])).toEqual(
      [root, kept, grandchild, '7011'].map((id) => [id, 'cancelled']),
    );
    const { executions } = await store.executionsById([left, below, '7010']);
    expect(executions.map(({ status }) => status)).toEqual(['RUNNING', 'RUNNING', 'RUNNING']);
    const last = await createFollowService(store).follow(report, { timeoutMs: 20_000 });
    expect(last.allSettled).toBe(true);
    expect(last.states.map(({ executionId }) => executionId)).not.toContain(left);
  });

  it('is cancelled all the same where it was asked for by its own id', async () => {
    const { root, left, below, events } = family(7100);
    await writeEvents(db.pool, events);
    const plan = await createCancelService(store).plan([root, left], { cascade: true, leaveOut: [left] });
    expect(plan.targets.map((target) => target.executionId)).toEqual(expect.arrayContaining([left, below]));
    expect(plan.leftOut?.live).toEqual([]);
  });
});

describe('who waits above a plan', () => {
  it('is every live ancestor that is not cancelled itself, through ended ones, whatever cycles there are', async () => {
    const { root, kept, grandchild, events } = family(7200);
    await writeEvents(db.pool, [
      ...events,
      { ...born(kept), event_type: 'playbook.completed' },
      // The root's parent is its own grandchild: a cycle through the target.
      { ...born(root, grandchild), event_type: 'step.enter' },
    ]);
    const plan = await createCancelService(store).plan([grandchild], { cascade: false });
    const { ancestors, isCut } = await waitingAncestors(store, plan);
    expect(ancestors.map(({ execution, child }) => [execution.executionId, child])).toEqual([[root, kept]]);
    expect(isCut).toBe(false);
  });

  it('is empty where the ancestors are cancelled too', async () => {
    const { root, events } = family(7300);
    await writeEvents(db.pool, events);
    const plan = await createCancelService(store).plan([root], { cascade: true });
    expect((await waitingAncestors(store, plan)).ancestors).toEqual([]);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCancelService } from '../../../source/service/cancel/cancel.js';
import {
  type CleanupProgress,
  type CleanupService,
  createCleanupService,
} from '../../../source/service/cleanup/cleanup.js';
import { CleanupRefused } from '../../../source/service/cleanup/rules.js';
import { createDiagnoseService } from '../../../source/service/diagnose/diagnose.js';
import { createFollowService } from '../../../source/service/follow/follow.js';
import { StoreError } from '../../../source/store/errors.js';
import type { EventStore } from '../../../source/store/event-store.js';
import { createTestDatabase, type EventRow, type TestDatabase, writeEvents } from '../../helpers/database.js';
import { openStore } from '../../helpers/store.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const TEN = { olderThanMs: 10 * MINUTE };
const request = {
  reason: 'Cleanup stale execution',
  cancelledBy: 'ops@host',
  cascade: true,
  batchId: 'batch-1',
  source: 'noetl-console/test',
};

let db: TestDatabase;
let store: EventStore;
let nextId = 632_110_245_000_000_000n;

beforeAll(async () => {
  db = await createTestDatabase();
  store = openStore(db.url);
  await db.pool.query(`INSERT INTO noetl.runtime (runtime_id, name, kind, heartbeat, created_at)
    VALUES (1, 'alive', 'worker_pool', now() + interval '1 minute', now() - interval '1 hour')`);
});
afterAll(async () => {
  await store?.close();
  await db?.close();
});

const cleanupOn = (on: EventStore): CleanupService =>
  createCleanupService(on, { diagnose: createDiagnoseService(on), cancel: createCancelService(on) });

/** One execution whose newest event is so old; returns its id. */
async function execution(age: number, rows: readonly Partial<EventRow>[], parent?: string): Promise<string> {
  const execution_id = String(nextId++);
  const start = {
    event_type: 'playbook_started',
    node_name: 'playbook',
    ...(parent ? { parent_execution_id: parent } : {}),
  };
  await writeEvents(
    db.pool,
    [start, ...rows].map(
      (row, index) => ({ created_at: Date.now() - age - rows.length + index, ...row, execution_id }) as EventRow,
    ),
  );
  return execution_id;
}
const issued = { event_type: 'command.issued', node_name: 'a', meta: { command_id: 'a1' } };
const claimed = (worker_id: string) => ({
  event_type: 'command.claimed',
  node_name: 'a',
  meta: { command_id: 'a1', worker_id },
});
const done = { event_type: 'command.completed', node_name: 'a', meta: { command_id: 'a1' } };
const wake = (execution_id: string) =>
  writeEvents(db.pool, [{ execution_id, event_type: 'step.enter', node_name: 'b' }]);

async function cancelled(): Promise<string[]> {
  const { rows } = await db.pool.query<{ id: string }>(
    `SELECT execution_id::text AS id FROM noetl.event WHERE event_type = 'execution.cancelled' ORDER BY 1`,
  );
  return rows.map(({ id }) => id);
}

/** The store with something done just before the next write. */
const before = (action: () => Promise<unknown>): EventStore => ({
  ...store,
  appendCancellations: async (...args) => {
    await action();
    return store.appendCancellations(...args);
  },
});

describe('the threshold', () => {
  it('is refused below a minute and warned of below ten', async () => {
    const cleanup = cleanupOn(store);
    await expect(cleanup.plan({ olderThanMs: MINUTE - 1 })).rejects.toBeInstanceOf(CleanupRefused);
    await expect(cleanup.plan({ olderThanMs: Number.NaN })).rejects.toBeInstanceOf(CleanupRefused);
    expect((await cleanup.plan({ olderThanMs: 2 * MINUTE })).warning).toContain('killed 30 healthy runs of 344');
    expect((await cleanup.plan(TEN)).warning).toBeNull();
  });
});

describe('a cleanup', () => {
  it('takes the safe codes and the included ones, the longest silence first, and says what it left', async () => {
    const unclaimed = await execution(3 * HOUR, [issued]);
    const live = await execution(4 * HOUR, [issued, claimed('alive')]);
    const lost = await execution(5 * HOUR, [issued, claimed('dead')]);
    const fresh = await execution(MINUTE, [issued]);
    const cleanup = cleanupOn(store);

    const plan = await cleanup.plan(TEN);
    expect(plan.targets.map(({ execution: { executionId } }) => executionId)).toEqual([lost, unclaimed]);
    expect(plan.skipped).toMatchObject([{ executionId: live, code: 'live-claim', why: 'not-safe' }]);
    expect(plan.byCode).toEqual([
      { code: 'worker-lost', safe: true, count: 1 },
      { code: 'never-claimed', safe: true, count: 1 },
    ]);
    expect(await cancelled()).toEqual([]);

    const limited = await cleanup.plan({ ...TEN, limit: 1 });
    expect(limited.skipped.filter(({ why }) => why === 'over-limit')).toMatchObject([{ executionId: unclaimed }]);
    const included = await cleanup.plan({ ...TEN, include: ['live-claim'] });
    expect(included.targets.map(({ execution: { executionId } }) => executionId)).toEqual([lost, live, unclaimed]);

    const progress: CleanupProgress[] = [];
    const report = await cleanup.run(included, request, { onProgress: (step) => progress.push(step) });
    expect(report.cancelled).toEqual([
      { executionId: lost, code: 'worker-lost' },
      { executionId: live, code: 'live-claim' },
      { executionId: unclaimed, code: 'never-claimed' },
    ]);
    expect(report.counts).toContainEqual({ code: 'live-claim', planned: 1, cancelled: 1 });
    expect(progress.at(-1)).toMatchObject({ done: 3, total: 3 });
    expect([report.skipped, report.interrupted, report.failure]).toEqual([[], false, null]);
    expect(await cancelled()).not.toContain(fresh);

    const { rows } = await db.pool.query(
      `SELECT meta->>'reason' AS reason, meta->>'cascade' AS cascade, meta->>'batch_id' AS batch FROM noetl.event
        WHERE execution_id = $1 AND event_type = 'execution.cancelled'`,
      [lost],
    );
    expect(rows).toEqual([{ reason: 'Cleanup stale execution', cascade: 'false', batch: 'batch-1' }]);
    // What was cancelled can be followed (`--wait`).
    const followed = await createFollowService(store).look(
      report.cancel.outcomes.flatMap((one) => (one.kind === 'cancelled' ? [one] : [])),
    );
    expect(followed.states).toHaveLength(3);
    expect((await cleanup.plan(TEN)).targets).toEqual([]);
  });

  it('leaves alone what woke, ended or is no longer safe since the plan', async () => {
    const woken = await execution(3 * HOUR, [issued]);
    const ended = await execution(3 * HOUR, [issued]);
    const parent = await execution(4 * HOUR, [issued, done]);
    const reclaimed = await execution(5 * HOUR, [issued, claimed('comes-back')]);
    const cleanup = cleanupOn(store);
    const plan = await cleanup.plan(TEN);
    expect(plan.targets).toHaveLength(4);

    await wake(woken);
    await writeEvents(db.pool, [{ execution_id: ended, event_type: 'playbook.completed', node_name: 'playbook' }]);
    await execution(1000, [issued], parent);
    await db.pool.query(
      `INSERT INTO noetl.runtime (runtime_id, name, kind, heartbeat) VALUES (2, 'comes-back', 'worker_pool', now())`,
    );

    const report = await cleanup.run(plan, request);
    const why = new Map(report.skipped.map((skip) => [skip.executionId, skip]));
    expect(report.cancelled).toEqual([]);
    expect(why.get(woken)).toMatchObject({ why: 'woke', code: 'never-claimed' });
    expect(why.get(ended)).toMatchObject({ why: 'ended' });
    expect(why.get(parent)).toMatchObject({ why: 'no-longer-safe' });
    expect(why.get(parent)?.detail).toMatch(/^now waiting-on-child: its descendant/);
    expect(why.get(reclaimed)?.detail).toMatch(/^now live-claim: comes-back claimed/);
  });

  it('leaves alone what wakes or ends in the last moment, under the lock', async () => {
    const woken = await execution(3 * HOUR, [issued]);
    const ended = await execution(3 * HOUR, [issued]);
    const still = await execution(3 * HOUR, [issued]);
    const late = async () => {
      await wake(woken);
      await writeEvents(db.pool, [{ execution_id: ended, event_type: 'playbook_completed' }]);
    };
    const cleanup = cleanupOn(before(late));
    const report = await cleanup.run(await cleanup.plan(TEN), request);
    expect(report.cancelled.map(({ executionId }) => executionId)).toContain(still);
    expect(report.skipped).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ executionId: woken, why: 'woke' }),
        expect.objectContaining({ executionId: ended, why: 'ended', detail: 'it was COMPLETED first' }),
      ]),
    );
    expect(await cancelled()).not.toContain(woken);
  });

  it('stops when told, keeps its rate, and says what was not tried', async () => {
    const ids = await Promise.all(Array.from({ length: 6 }, () => execution(3 * HOUR, [issued])));
    const stop = new AbortController();
    const cleanup = cleanupOn(store);
    const begun = Date.now();
    const report = await cleanup.run(await cleanup.plan(TEN), request, {
      ratePerSecond: 2,
      signal: stop.signal,
      onProgress: ({ done }) => done >= 4 && stop.abort(),
    });
    expect(report.interrupted).toBe(true);
    expect(report.cancelled.length).toBeLessThan(6);
    expect(Date.now() - begun).toBeGreaterThan(1000);
    const left = report.skipped.filter(({ why }) => why === 'not-attempted');
    expect(report.cancelled.length + left.length).toBe(6);
    expect(await cancelled()).toEqual(expect.arrayContaining(report.cancelled.map(({ executionId }) => executionId)));
    const rest = await cleanup.run(await cleanup.plan(TEN), request);
    expect(rest.cancelled.map(({ executionId }) => executionId).sort()).toEqual(
      left.map(({ executionId }) => executionId).sort(),
    );
    expect(new Set(await cancelled())).toEqual(new Set([...(await cancelled()), ...ids]));
  });

  it('throws when nothing could be written, and reports when it failed on the way', async () => {
    await execution(3 * HOUR, [issued]);
    const broken: EventStore = {
      ...store,
      appendCancellations: () => Promise.reject(new StoreError('read-only', 'the server is read-only')),
    };
    const cleanup = cleanupOn(broken);
    await expect(cleanup.run(await cleanup.plan(TEN), request)).rejects.toThrow('the server is read-only');
  });
});

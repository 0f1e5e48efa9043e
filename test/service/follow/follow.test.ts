import { describe, expect, it } from 'vitest';
import type { CancelRequest } from '../../../source/domain/cancellation.js';
import { COMMIT_GRACE_MS, type StopState } from '../../../source/domain/stopping/stopping.js';
import { createCancelService } from '../../../source/service/cancel/cancel.js';
import { createFollowService } from '../../../source/service/follow/follow.js';
import type { FollowSnapshot } from '../../../source/service/follow/follow-run.js';
import { StoreError } from '../../../source/store/errors.js';
import type { EventStore } from '../../../source/store/event-store.js';
import { type EventRow, idAt, nextIdAt, type TestDatabase, writeEvents } from '../../helpers/database.js';
import { eventually } from '../../helpers/eventually.js';
import { withStore } from '../../helpers/with-store.js';

let db: TestDatabase;
let store: EventStore;
withStore((opened) => {
  ({ db, store } = opened);
});

const TUNING = { quietMs: 300, pollMs: 20 };
const request: CancelRequest = {
  reason: 'test',
  cancelledBy: 'test@host',
  cascade: true,
  batchId: 'batch',
  source: 'noetl-console/test',
};

const command = (execution_id: string, type: string, key = 'c1', worker: string | null = 'w1'): EventRow => ({
  execution_id,
  event_type: `command.${type}`,
  node_name: 'load',
  layout: 'rust',
  meta: { command_id: key, ...(worker ? { worker_id: worker } : {}) },
});

/** A running Rust-born execution with commands of these stages; answers its id. */
async function running(stages: string[] = [], parent?: string): Promise<string> {
  const id = nextIdAt(Date.now() - 5000, 'rust');
  const at = Date.now() - 5000;
  const start: EventRow = {
    execution_id: id,
    event_type: 'playbook_started',
    ...(parent ? { parent_execution_id: parent } : {}),
  };
  await writeEvents(
    db.pool,
    [start, ...stages.map((stage) => command(id, stage))].map((row, index) => ({ ...row, created_at: at + index })),
  );
  return id;
}

async function cancel(ids: string[]) {
  const service = createCancelService(store);
  const report = await service.run(await service.plan(ids, { cascade: true }), request);
  // What is written from here on comes after the cancel, not into its commit.
  await new Promise((resolve) => setTimeout(resolve, COMMIT_GRACE_MS + 50));
  return report;
}

const follow = (
  report: Awaited<ReturnType<typeof cancel>>,
  timeoutMs: number,
  onSnapshot?: (s: FollowSnapshot) => void,
) => createFollowService(store, TUNING).follow(report, { timeoutMs, ...(onSnapshot ? { onSnapshot } : {}) });

const phases = (snapshot: FollowSnapshot) => snapshot.states.map((state) => state.phase);
const stateOf = (snapshot: FollowSnapshot, id: string): StopState | undefined =>
  snapshot.states.find((state) => state.executionId === id);

describe('follow', () => {
  it('sees a tree go from requested over draining to stopped', async () => {
    const root = await running(['issued', 'claimed', 'started']);
    const child = await running([], root);
    const report = await cancel([root]);
    const seen: string[] = [];
    let ended = false;
    const last = await follow(report, 20_000, (snapshot) => {
      const state = stateOf(snapshot, root);
      seen.push(`${state?.phase} ${state?.draining}`);
      if (state?.phase === 'draining' && !ended) {
        ended = true;
        void writeEvents(db.pool, [command(root, 'completed')]);
      }
    });
    expect(last.allSettled).toBe(true);
    expect(last.states.map((state) => state.executionId)).toEqual([root, child]);
    expect(phases(last)).toEqual(['stopped', 'stopped']);
    expect([...new Set(seen)]).toEqual(['requested 0', 'draining 1', 'draining 0', 'stopped 0']);
  });

  it('names the event of a worker that ignores the cancel, also of an execution that had stopped', async () => {
    const quiet = await running(['issued']);
    const busy = await running(['issued', 'claimed', 'started']);
    const report = await cancel([quiet, busy]);
    let written = false;
    const last = await follow(report, 3000, (snapshot) => {
      if (stateOf(snapshot, quiet)?.phase !== 'stopped' || written) return;
      written = true;
      void writeEvents(db.pool, [command(quiet, 'claimed', 'c9', 'rogue'), command(quiet, 'started', 'c9', 'rogue')]);
    });
    expect(written).toBe(true);
    expect(last.allSettled).toBe(false);
    expect(stateOf(last, quiet)).toMatchObject({
      phase: 'still-emitting',
      violation: { type: 'command.started', commandKey: 'c9', node: 'load', workerId: 'rogue' },
    });
    expect(stateOf(last, busy)).toMatchObject({ phase: 'draining', draining: 1 });
  });

  it('says whether the holder of a draining command is alive', async () => {
    const alive = await running(['issued', 'claimed']);
    const dead = nextIdAt(Date.now() - 5000, 'rust');
    await writeEvents(db.pool, [
      { execution_id: dead, event_type: 'playbook_started', created_at: Date.now() - 5000 },
      { ...command(dead, 'claimed', 'c1', 'w-dead'), created_at: Date.now() - 4000 },
    ]);
    await db.pool.query(
      `INSERT INTO noetl.runtime (runtime_id, name, kind, status, heartbeat)
       VALUES (1, 'w1', 'worker_pool', 'ready', now()), (2, 'w-dead', 'worker_pool', 'ready', now() - interval '1 hour')`,
    );
    const last = await follow(await cancel([alive, dead]), 200);
    expect(stateOf(last, alive)?.holding).toMatchObject([{ workerId: 'w1', workerAlive: true }]);
    expect(stateOf(last, dead)?.holding).toMatchObject([{ workerId: 'w-dead', node: 'load', workerAlive: false }]);
  });

  it('is abandoned with workers that are gone, and stays so when one comes back, until its command goes on', async () => {
    const at = Date.now() - 5000;
    const ids = [0, 1].map(() => nextIdAt(at, 'rust'));
    for (const [index, id] of ids.entries()) {
      await writeEvents(db.pool, [
        { execution_id: id, event_type: 'playbook_started', created_at: at },
        { ...command(id, 'claimed', 'c1', 'w-lost'), created_at: at + 1 },
        // The reaper handed it on: the newest claim counts.
        { ...command(id, 'claimed', 'c1', index === 0 ? 'w-offline' : 'w-unregistered'), created_at: at + 2 },
      ]);
    }
    await db.pool.query(
      `INSERT INTO noetl.runtime (runtime_id, name, kind, status, heartbeat)
       VALUES (11, 'w-lost', 'worker_pool', 'ready', now()), (12, 'w-offline', 'worker_pool', 'offline', now())`,
    );
    const report = await cancel(ids);
    const service = createFollowService(store, TUNING);
    const last = await service.follow(report, { timeoutMs: 20_000 });
    expect(phases(last)).toEqual(['abandoned', 'abandoned']);
    expect(last.allSettled).toBe(true);

    const cancels = report.outcomes.flatMap((outcome) => (outcome.kind === 'cancelled' ? [outcome] : []));
    expect(phases(await service.look(cancels))).toEqual(['abandoned', 'abandoned']);
    await db.pool.query(`UPDATE noetl.runtime SET status = 'ready', heartbeat = now() WHERE name = 'w-offline'`);
    expect(phases(await service.look(cancels))).toEqual(['abandoned', 'abandoned']);
    await writeEvents(db.pool, [command(ids[0]!, 'started', 'c1', 'w-offline')]);
    expect(phases(await service.look(cancels))).toEqual(['draining', 'abandoned']);
    await writeEvents(db.pool, [command(ids[0]!, 'completed', 'c1', 'w-offline')]);
    expect(await follow(report, 20_000)).toMatchObject({ allSettled: true });
    await db.pool.query('DELETE FROM noetl.runtime WHERE runtime_id > 10');
  });

  it('does not wait for what the engine issues after the cancel', async () => {
    const id = await running(['issued', 'claimed', 'started']);
    const report = await cancel([id]);
    await writeEvents(db.pool, [command(id, 'completed'), command(id, 'issued', 'c2', null)]);
    const issuing = setInterval(() => void writeEvents(db.pool, [command(id, 'issued', `c${Date.now()}`, null)]), 50);
    const last = await follow(report, 20_000).finally(() => clearInterval(issuing));
    expect(phases(last)).toEqual(['stopped']);
    expect(last.states[0]?.issuedAfter).toBeGreaterThan(0);
  });

  it('reports a late child that runs, and follows one that somebody cancels', async () => {
    const root = await running();
    const report = await cancel([root]);
    const late = await running([], root);
    const grandchild = await running([], late);
    const first = await follow(report, 300);
    expect(first.late?.toSorted()).toEqual([late, grandchild].toSorted());
    expect(stateOf(first, late)).toMatchObject({ phase: 'still-emitting', violation: { type: 'playbook_started' } });
    await cancel([late]);
    const second = await follow(report, 20_000);
    expect(second.allSettled).toBe(true);
    expect(new Set(second.states.map((state) => state.executionId))).toEqual(new Set([root, late, grandchild]));
  });

  it('leaves children alone that were in the plan but not cancelled, and a run without cascade', async () => {
    const root = await running();
    const ended = await running([], root);
    await writeEvents(db.pool, [{ execution_id: ended, event_type: 'playbook.completed', layout: 'rust' }]);
    const report = await cancel([root]);
    const last = await follow(report, 20_000);
    expect(last.states.map((state) => state.executionId)).toEqual([root]);
    await running([], root);
    const alone = await follow({ ...report, request: { ...request, cascade: false } }, 20_000);
    expect(alone.allSettled).toBe(true);
  });

  it('ends when the time is over and when the signal aborts, with the last snapshot', async () => {
    const id = await running(['issued', 'claimed']);
    const report = await cancel([id]);
    const timedOut = await follow(report, 50);
    expect(phases(timedOut)).toEqual(['draining']);
    const stop = new AbortController();
    const followed = createFollowService(store, TUNING).follow(report, {
      timeoutMs: 60_000,
      signal: stop.signal,
      onSnapshot: (snapshot) => {
        if (snapshot.states[0]?.phase === 'draining') stop.abort();
      },
    });
    expect(phases(await followed)).toEqual(['draining']);
  });

  it('keeps the last states, says what failed, and goes on when the database comes back', async () => {
    const id = await running();
    const report = await cancel([id]);
    let failures = 3;
    const flaky: EventStore = {
      ...store,
      commandEvents: async (...args) => {
        if (failures-- > 0) throw new StoreError('unreachable', 'cannot reach PostgreSQL');
        return store.commandEvents(...args);
      },
    };
    const problems: (string | undefined)[] = [];
    const last = await createFollowService(flaky, TUNING).follow(report, {
      timeoutMs: 20_000,
      onSnapshot: (snapshot) => problems.push(snapshot.problem),
    });
    expect(problems).toContain('cannot reach PostgreSQL');
    expect(last).toMatchObject({ allSettled: true });
    expect(last.problem).toBeUndefined();
    const broken = { ...store, commandEvents: async () => Promise.reject(new StoreError('no-privilege', 'no SELECT')) };
    await expect(createFollowService(broken, TUNING).follow(report, { timeoutMs: 1000 })).rejects.toThrow('no SELECT');
  });

  it('does not wait for a database that hangs', async () => {
    const report = await cancel([await running()]);
    const hanging: EventStore = { ...store, commandEvents: () => new Promise(() => {}) };
    const stop = new AbortController();
    const followed = createFollowService(hanging, TUNING).follow(report, { timeoutMs: 60_000, signal: stop.signal });
    stop.abort();
    expect(phases(await followed)).toEqual(['requested']);
    expect((await createFollowService(hanging, TUNING).follow(report, { timeoutMs: 10 })).allSettled).toBe(false);
  });

  it('is done at once with a run that cancelled nothing', async () => {
    const report = await cancel(['4']);
    expect(await follow(report, 5000)).toMatchObject({ states: [], allSettled: true });
  });

  it('reads stopped executions seldom and new events only', async () => {
    const ids = [await running(), await running(['issued', 'claimed'])];
    const report = await cancel(ids);
    const reads: { ids: readonly string[]; whole: number }[] = [];
    const counting: EventStore = {
      ...store,
      commandEvents: (asked, options) => {
        const whole = asked.filter((id) => (options?.afterEventId?.get(id) ?? '0') === '0').length;
        reads.push({ ids: asked, whole });
        return store.commandEvents(asked, options);
      },
    };
    await createFollowService(counting, TUNING).follow(report, { timeoutMs: 2500 });
    const withStopped = reads.slice(8).filter((read) => read.ids.includes(ids[0]!)).length;
    expect(reads.length).toBeGreaterThan(8);
    expect(withStopped).toBeLessThan(reads.slice(8).length);
    expect(reads.slice(1).every((read) => read.whole <= 1)).toBe(true);
  });
});

describe('look', () => {
  it('judges cancels of any age in one look, and reads only new events the next time', async () => {
    const stopped = await running(['issued', 'claimed', 'completed']);
    const draining = await running(['issued', 'claimed']);
    const report = await cancel([stopped, draining]);
    await writeEvents(db.pool, [command(draining, 'claimed', 'c2', 'w2')]);
    const cancels = report.outcomes.flatMap((outcome) => (outcome.kind === 'cancelled' ? [outcome] : []));
    const service = createFollowService(store, { ...TUNING, quietMs: 0 });
    // A look judges by the time at which it asked, which may lie before rows written a moment ago.
    const first = await eventually(
      () => service.look(cancels),
      (found) => phases(found)[0] === 'stopped',
    );
    expect(phases(first)).toEqual(['stopped', 'still-emitting']);
    await writeEvents(db.pool, [command(draining, 'cancelled', 'c2', 'w2'), command(draining, 'completed')]);
    const second = await eventually(
      () => service.look(cancels),
      (found) => found.allSettled,
    );
    expect(second).toMatchObject({ allSettled: true });
    expect(await service.look([])).toMatchObject({ states: [], allSettled: true });
  });

  it('goes by when the cancel was written, not by the time in its event id', async () => {
    const id = nextIdAt(Date.now() - 7_200_000, 'rust');
    const at = Date.now() - 600_000;
    const event_id = (sequence: number) => idAt(Date.now() - 3_600_000, 'rust', sequence);
    await writeEvents(db.pool, [
      { execution_id: id, event_type: 'playbook_started', event_id: event_id(1), created_at: at - 20_000 },
      { ...command(id, 'issued'), event_id: event_id(2), created_at: at - 9000 },
      { ...command(id, 'claimed'), event_id: event_id(3), created_at: at - 8000 },
      { ...command(id, 'started'), event_id: event_id(4), created_at: at - 7000 },
      { execution_id: id, event_type: 'execution.cancelled', event_id: event_id(5), created_at: at },
      { ...command(id, 'completed'), event_id: event_id(6), created_at: at + 5000 },
    ]);
    const [record] = (await store.recentCancellations(100)).filter((one) => one.executionId === id);
    expect(phases(await createFollowService(store, TUNING).look([record!]))).toEqual(['stopped']);
  });

  it('is requested while the cancel is fresher than the quiet period', async () => {
    const id = await running();
    const report = await cancel([id]);
    const [outcome] = report.outcomes;
    if (outcome?.kind !== 'cancelled') throw new Error('not cancelled');
    const service = createFollowService(store, { ...TUNING, quietMs: 3_600_000 });
    expect(phases(await service.look([outcome]))).toEqual(['requested']);
  });
});

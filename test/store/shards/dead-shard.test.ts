import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newCancelRequest } from '../../../source/service/cancel/cancel-plan.js';
import { cancelResults } from '../../../source/service/cancel/cancel-results.js';
import { createFollowService } from '../../../source/service/follow/follow.js';
import { loadTree } from '../../../source/service/tree.js';
import { createServices, type Services } from '../../../source/service/use-cases.js';
import type { EventStore } from '../../../source/store/event-store.js';
import { openShardedEventStore } from '../../../source/store/shards/sharded-event-store.js';
import { writeEvents } from '../../helpers/database.js';
import { eventually } from '../../helpers/eventually.js';
import { createShards, type ShardedInstallation } from '../../helpers/shards.js';

const MINUTE = 60_000;
/** Until an idle connection of this process knows that its proxy has closed it. */
const NOTICED_MS = 100;
/** The shard that goes away. */
const AWAY = 2;
let installation: ShardedInstallation;
let store: EventStore;
let services: Services;
/** What is waited for is the same in a shorter time. */
const FOLLOW = { quietMs: 300, pollMs: 50 };

beforeAll(async () => {
  installation = await createShards();
});
beforeEach(async () => {
  await installation.whole.pool.query('DELETE FROM noetl.event; DELETE FROM noetl.command; DELETE FROM noetl.runtime');
  store = installation.open();
  services = { ...createServices(store), follow: createFollowService(store, FOLLOW) };
});
afterEach(async () => {
  installation.proxies[AWAY]!.restore();
  await store.close();
});
afterAll(() => installation?.close());

/** A running execution on a shard. */
async function execution(shard: number, parent: string | null = null, claimedBy?: string): Promise<string> {
  const created_at = Date.now() - 20 * MINUTE;
  const id = installation.idOn(shard, created_at, 'rust');
  const rest = { execution_id: id, created_at, path: 'etl/load' };
  const command = { ...rest, node_name: 'load', meta: { command_id: `${id}:load` } };
  await writeEvents(installation.whole.pool, [
    { ...rest, event_type: 'playbook_started', parent_execution_id: parent },
    { ...command, event_type: 'command.issued' },
    ...(claimedBy ? [{ ...command, event_type: 'command.claimed', worker_id: claimedBy }] : []),
  ]);
  return id;
}

const request = (cascade: boolean) =>
  newCancelRequest({ reason: 'a test', cancelledBy: 'me@here', cascade, source: 'test' });

async function cancel(ids: readonly string[], cascade = true) {
  const plan = await services.cancel.plan(ids, { cascade });
  const report = await services.cancel.run(plan, request(cascade));
  return { plan, report, results: cancelResults(report) };
}

const cancelledOn = async (id: string) =>
  (
    await installation
      .homeOf(id)
      .pool.query("SELECT 1 FROM noetl.event WHERE execution_id = $1 AND event_type = 'execution.cancelled'", [id])
  ).rowCount === 1;

describe('a cascade over shards', () => {
  it('cancels a tree that is on all of them, parents before children, and sees that it has stopped', async () => {
    const root = await execution(0);
    const children = [await execution(1, root), await execution(2, root), await execution(3, root)];
    const grandchild = await execution(0, children[1]!);
    await installation.spread();
    const { results, report } = await cancel([root]);
    expect(new Set(results[0]!.cancelled)).toEqual(new Set([root, ...children, grandchild]));
    for (const id of [root, ...children, grandchild]) expect(await cancelledOn(id)).toBe(true);
    const [first, ...rest] = await store.cancellationsOfBatch(report.request.batchId);
    expect(first!.executionId).toBe(root);
    expect(rest.at(-1)!.executionId).toBe(grandchild);
    expect(report.sweepProblem).toBeNull();
    const followed = await services.follow.follow(report, { timeoutMs: 30_000 });
    expect(followed.states.map(({ phase }) => phase)).toEqual(Array(5).fill('stopped'));
    expect((await cancel([root])).results[0]).toMatchObject({ kind: 'ended' });
  });
});

describe.each(['refuse', 'hang'] as const)('a shard that is away (%s)', (mode) => {
  it('is a gap in every answer, with its name and since when, and the others answer', async () => {
    const ids = [await execution(0), await execution(1), await execution(AWAY), await execution(3)];
    await installation.spread();
    expect((await store.activeExecutions()).executions).toHaveLength(4);
    const before = Date.now();
    installation.proxies[AWAY]!.cut(mode);
    const { executions } = await store.activeExecutions({ timeoutMs: 1000 });
    expect(new Set(executions.map(({ executionId }) => executionId))).toEqual(new Set([ids[0], ids[1], ids[3]]));
    const [gap] = store.shards!.gaps();
    expect(gap).toMatchObject({ shard: AWAY });
    expect(gap!.title).toMatch(/^shard 2 \(127\.0\.0\.1:\d+\/test_/);
    expect(gap!.since).toBeGreaterThanOrEqual(before);
    expect((await store.executionsById(ids)).unread?.get(ids[2]!)).toMatch(/^shard 2 .* has not answered since 20/);

    const engine = await services.conditions.read();
    expect(engine.conditions).toMatchObject([{ code: 'shard-down', count: 1 }]);
    const { stale } = await services.diagnose.diagnoseStale({ olderThanMs: 10 * MINUTE });
    expect(stale).toHaveLength(3);
    expect(stale.some(({ diagnosis }) => diagnosis.safe)).toBe(false);
    await expect(loadTree(store, ids[2]!)).rejects.toThrow(/shard 2 .* has not answered/);
    await expect(services.describe.describe([ids[2]!], { staleAfterMs: MINUTE })).rejects.toThrow(/shard 2/);
    await expect(store.eventsOf(ids[2]!, { limit: 5 })).rejects.toThrow(/shard 2/);

    installation.proxies[AWAY]!.restore();
    await eventually(
      () => store.activeExecutions().then(() => store.shards!.gaps().length),
      (gaps) => gaps === 0,
    );
    expect((await store.activeExecutions()).executions).toHaveLength(4);
    // What was missed in this session is still known.
    expect(store.shards!.missed()).toMatchObject([{ shard: AWAY }]);
  }, 60_000);
});

describe('a cancel while a shard is away', () => {
  it('does what it can, and the rest is not done, with why', async () => {
    const [here, there] = [await execution(0), await execution(AWAY)];
    await installation.spread();
    installation.proxies[AWAY]!.cut();
    const { plan, results } = await cancel([here, there], false);
    expect(plan.unknown).toEqual([]);
    expect(results).toMatchObject([
      { executionId: here, kind: 'cancelled' },
      {
        executionId: there,
        kind: 'failed',
        message: expect.stringMatching(/could not be cancelled: shard 2 .* has not answered since/),
      },
    ]);
    expect(await cancelledOn(here)).toBe(true);
    installation.proxies[AWAY]!.restore();
    expect(await cancelledOn(there)).toBe(false);
  });

  it('says that a tree was not seen whole, and never that it has stopped', async () => {
    const root = await execution(0);
    const [seen] = [await execution(1, root), await execution(AWAY, root)];
    await installation.spread();
    installation.proxies[AWAY]!.cut();
    const { plan, report, results } = await cancel([root]);
    expect(plan.gap).toMatch(/shard 2 .* has not answered/);
    expect(results[0]!.cancelled).toEqual([root, seen]);
    expect(report.sweepProblem).toMatch(/shard 2 .* has not answered/);
    expect((await services.follow.follow(report, { timeoutMs: 1500 })).allSettled).toBe(false);
  });

  it('reports what was lost between the plan and the write, and writes the rest', async () => {
    const ids = [await execution(0), await execution(AWAY), await execution(1)];
    await installation.spread();
    const plan = await services.cancel.plan(ids, { cascade: false });
    installation.proxies[AWAY]!.cut();
    // What leaves over a connection that has not noticed yet is written for all that its sender knows.
    await sleep(NOTICED_MS);
    const results = cancelResults(await services.cancel.run(plan, request(false)));
    expect(results.map(({ kind }) => kind)).toEqual(['cancelled', 'failed', 'cancelled']);
    expect(results[1]!.message).toMatch(/shard 2 \(.*\): cannot reach PostgreSQL/);
  });

  it('finds its own rows when a shard comes back whose answer was lost', async () => {
    const [here, there] = [await execution(0), await execution(AWAY)];
    await installation.spread();
    const plan = await services.cancel.plan([here, there], { cascade: false });
    let writes = 0;
    let isLost = false;
    installation.proxies[AWAY]!.follow(({ text }) => {
      if (text.includes('INSERT INTO')) writes += 1;
      if (text !== 'COMMIT' || writes !== 1 || isLost) return null;
      isLost = true;
      return 'lose-answer';
    });
    const results = cancelResults(await services.cancel.run(plan, request(false)));
    installation.proxies[AWAY]!.follow(() => null);
    expect([results.map(({ kind }) => kind), isLost, writes]).toEqual([['cancelled', 'cancelled'], true, 2]);
    const { rows } = await installation
      .homeOf(there)
      .pool.query("SELECT 1 FROM noetl.event WHERE event_type = 'execution.cancelled'");
    expect(rows).toHaveLength(1);
  });

  it('does not call work stopped whose shard went away', async () => {
    const ids = [await execution(0), await execution(AWAY)];
    await installation.spread();
    const { report } = await cancel(ids, false);
    installation.proxies[AWAY]!.cut();
    const { states, allSettled } = await services.follow.follow(report, { timeoutMs: 2500 });
    expect(states.map(({ executionId, phase }) => [executionId, phase === 'stopped'])).toEqual([
      [ids[0], true],
      [ids[1], false],
    ]);
    expect(allSettled).toBe(false);
  });

  it('cleans nothing up unless told to, and then what the others hold', async () => {
    await execution(0, null, 'gone');
    await execution(AWAY, null, 'gone');
    await installation.spread();
    await installation.cluster.pool.query(
      `INSERT INTO noetl.runtime (runtime_id, name, kind, status, heartbeat, created_at)
        VALUES (1, 'w', 'worker_pool', 'ready', now(), now() - interval '1 day') ON CONFLICT DO NOTHING`,
    );
    installation.proxies[AWAY]!.cut();
    const options = { olderThanMs: 10 * MINUTE };
    const refused = await services.cleanup.plan(options);
    expect(refused.refusedBy.map(({ code }) => code)).toEqual(['shard-down']);
    const plan = await services.cleanup.plan({ ...options, despite: ['shard-down'] });
    const done = await services.cleanup.run(plan, request(false));
    expect(done.cancelled).toHaveLength(1);
  });
});

it('knows neither paths nor workers while the database that holds them is away, and says so', async () => {
  const id = await execution(0);
  await installation.spread();
  const { settings } = installation;
  const without = openShardedEventStore({ ...settings, cluster: { ...settings.cluster!, port: 1 } });
  try {
    const { executions } = await without.activeExecutions();
    expect(executions).toMatchObject([{ executionId: id, path: null }]);
    expect(await without.workers()).toBeNull();
    expect(without.shards!.gaps()).toMatchObject([{ shard: 'cluster', title: expect.stringMatching(/^cluster \(/) }]);
    await expect(without.recentExecutions({ status: 'ALL', path: 'etl/*', limit: 5 })).rejects.toThrow(/^cluster \(/);
  } finally {
    await without.close();
  }
});

it('a log that is behind on one shard is a condition that names it, however current the others are', async () => {
  const ids = [await execution(0), await execution(3)];
  await installation.spread();
  const command = (shard: number, id: string, at: string, eventId: string) =>
    installation.shards[shard]!.pool.query(
      `INSERT INTO noetl.command (command_id, execution_id, event_id, step_name, status, created_at)
        VALUES (noetl.snowflake_id(), $1, $2, 'load', 'PENDING', now() - $3::interval)`,
      [id, eventId, at],
    );
  const { rows } = await installation.shards[0]!.pool.query(
    "SELECT event_id::text AS id FROM noetl.event WHERE event_type = 'command.issued'",
  );
  await command(0, ids[0]!, '20 min', rows[0].id);
  expect((await services.conditions.read()).conditions).toEqual([]);
  await command(3, ids[1]!, '5 min', '1');
  const { conditions } = await services.conditions.read();
  expect(conditions).toMatchObject([{ code: 'log-behind', count: 1, names: [ids[1]] }]);
  expect(conditions[0]!.sentence).toMatch(/noetl\.command of shard 3 \(/);
});

it('the live feed keeps what it last saw of a shard, and calls none of it safe', async () => {
  const [here, there] = [await execution(0, null, 'gone'), await execution(AWAY, null, 'gone')];
  await installation.spread();
  await installation.cluster.pool.query(
    `INSERT INTO noetl.runtime (runtime_id, name, kind, status, heartbeat, created_at)
      VALUES (1, 'w', 'worker_pool', 'ready', now(), now() - interval '1 day') ON CONFLICT DO NOTHING`,
  );
  const feed = services.liveFeed({ staleAfterMs: 10 * MINUTE });
  await feed.refresh();
  const safe = () => [here, there].map((id) => feed.snapshot().rows.get(id)?.diagnosis?.safe);
  expect(safe()).toEqual([true, true]);
  installation.proxies[AWAY]!.cut();
  await store.activeExecutions();
  await services.conditions.read();
  await feed.refresh();
  expect(feed.snapshot().rows.size).toBe(2);
  expect(safe()).toEqual([false, undefined]);
  await feed.stop();
});

it('reads the rest of the history when a shard goes away in between', async () => {
  const ids = [await execution(0), await execution(1), await execution(AWAY), await execution(3)];
  await installation.spread();
  const found: string[] = [];
  let last = { done: 0, of: 0 };
  for await (const { executions, ...progress } of store.activeInPieces()) {
    if (last.of === 0) installation.proxies[AWAY]!.cut();
    found.push(...executions.map(({ executionId }) => executionId));
    last = progress;
  }
  expect(found).toEqual(expect.arrayContaining([ids[0], ids[1], ids[3]]));
  expect(last.done).toBe(last.of);
  expect(store.shards!.gaps()).toMatchObject([{ shard: AWAY }]);
});

it('throws where no shard answers, and goes on when they are back', async () => {
  await execution(0);
  await installation.spread();
  for (const proxy of installation.proxies) proxy.cut();
  await expect(store.activeExecutions()).rejects.toMatchObject({ kind: 'unreachable' });
  await expect(store.executionsById(['1'])).rejects.toMatchObject({ kind: 'unreachable' });
  for (const proxy of installation.proxies) proxy.restore();
  await eventually(
    () =>
      store.activeExecutions().then(
        ({ executions }) => executions.length,
        () => -1,
      ),
    (found) => found === 1,
  );
});

it('passes over nothing that a shard wrote while it was away', async () => {
  await installation.spread();
  const since = await store.clock();
  installation.proxies[AWAY]!.cut();
  expect((await store.eventsSince(since, 100)).events).toEqual([]);
  const id = await execution(AWAY);
  await installation.whole.pool.query('UPDATE noetl.event SET created_at = now()');
  await installation.spread();
  const later = (await store.clock()) + MINUTE;
  await store.eventsSince(later, 100);
  installation.proxies[AWAY]!.restore();
  const found = await eventually(
    async () => (await store.eventsSince(later, 100)).events.map(({ executionId }) => executionId),
    (ids) => ids.length > 0,
  );
  expect(new Set(found)).toEqual(new Set([id]));
});

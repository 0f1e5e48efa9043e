import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rehearseCleanup } from '../../../source/service/cleanup/rehearsal/rehearsal.js';
import { readList } from '../../../source/service/list.js';
import { loadTree } from '../../../source/service/tree.js';
import { createServices, type Services } from '../../../source/service/use-cases.js';
import type { EventStore } from '../../../source/store/event-store.js';
import type { ExecutionsPiece } from '../../../source/store/executions/pieces.js';
import { shardOf } from '../../../source/store/shards/xxhash64.js';
import { writeEvents } from '../../helpers/database.js';
import { createShards, type ShardedInstallation } from '../../helpers/shards.js';
import { openStore } from '../../helpers/store.js';

const MINUTE = 60_000;
const now = Date.now();
let installation: ShardedInstallation;
let [whole, sharded]: EventStore[] = [];
let one: Services;
let many: Services;
/** A tree of three levels, wide enough to be on all shards. */
let tree: { root: string; children: string[]; grandchildren: string[] };
const all: string[] = [];

/** An execution of either stack in the one database. */
async function execution(
  minutesAgo: number,
  more: { parent?: string; end?: string; path?: string; inlinedIn?: string } = {},
): Promise<string> {
  const isRust = all.length % 2 === 0;
  const path = more.path ?? `etl/playbook-${all.length % 3}`;
  // One shard after the other, so that every tree changes them on its way down.
  const id = installation.idOn(all.length % 4, now - minutesAgo * MINUTE, isRust ? 'rust' : 'database');
  const rest = { execution_id: id, parent_execution_id: more.parent ?? null, path };
  const at = (step: number) => now - minutesAgo * MINUTE + step * 1000 + all.length;
  const key = { command_id: `${id}:load` };
  await writeEvents(installation.whole.pool, [
    { ...rest, event_type: isRust ? 'playbook_started' : 'playbook.initialized', node_name: path, created_at: at(0) },
    { ...rest, event_type: 'command.issued', node_name: 'load', status: 'PENDING', meta: key, created_at: at(1) },
    { ...rest, event_type: 'command.claimed', node_name: 'load', worker_id: 'worker-7', meta: key, created_at: at(2) },
    ...(more.end ? [{ ...rest, event_type: more.end, node_name: path, created_at: at(3) }] : []),
  ]);
  all.push(id);
  return id;
}

beforeAll(async () => {
  installation = await createShards();
  const root = await execution(90);
  const children: string[] = [];
  const grandchildren: string[] = [];
  for (let n = 0; n < 8; n++) children.push(await execution(80 - n, { parent: root }));
  for (const parent of children.slice(0, 5)) grandchildren.push(await execution(60, { parent }));
  tree = { root, children, grandchildren };
  // A Python child that ran inside its parent: a random id, on another shard, and the parent in meta alone.
  let inline = 54_857_931_469_455_628n;
  while (shardOf(inline.toString(), 4) === shardOf(children[0]!, 4)) inline += 1n;
  const startedAt = now - 79.5 * MINUTE;
  const within = { execution_id: inline.toString(), created_at: startedAt, layout: 'database' as const };
  await writeEvents(installation.whole.pool, [
    { ...within, event_type: 'playbook.initialized', meta: { inlined_in_parent: children[0]! } },
  ]);
  all.push(inline.toString());
  for (let n = 0; n < 12; n++)
    await execution(50 - n, { end: ['playbook.completed', 'playbook.failed', 'execution.cancelled'][n % 3]! });
  for (let n = 0; n < 6; n++) await execution(1);
  await installation.whole.pool.query(
    `INSERT INTO noetl.runtime (runtime_id, name, kind, status, heartbeat, created_at)
      VALUES (1, 'worker-9', 'worker_pool', 'ready', now(), now() - interval '1 day')`,
  );
  await installation.spread();
  [whole, sharded] = [openStore(installation.whole.url), installation.open()];
  one = createServices(whole);
  many = createServices(sharded);
});
afterAll(async () => {
  await sharded?.close();
  await whole?.close();
  await installation?.close();
});

const byId = <T extends { executionId: string }>(items: readonly T[]): T[] =>
  [...items].sort((a, b) => (a.executionId < b.executionId ? -1 : 1));

async function piecesOf(store: EventStore): Promise<ExecutionsPiece[]> {
  const pieces: ExecutionsPiece[] = [];
  for await (const piece of store.activeInPieces()) pieces.push(piece);
  return pieces;
}

describe('four shards answer as one database', () => {
  it('holds the tree on all of them', () => {
    const homes = new Set([tree.root, ...tree.children].map((id) => sharded!.shards!.shardOf(id)));
    expect([...homes].sort()).toEqual([0, 1, 2, 3]);
  });

  it('reads executions, their paths and their order', async () => {
    expect(byId((await sharded!.activeExecutions()).executions)).toEqual(
      byId((await whole!.activeExecutions()).executions),
    );
    const bounds = { withinMs: 45 * MINUTE, mostEvents: 1000 };
    const recent = byId((await whole!.recentlyActive(bounds)).executions);
    expect(recent.length).toBeGreaterThan(3);
    expect(byId((await sharded!.recentlyActive(bounds)).executions)).toEqual(recent);
    expect(byId((await sharded!.executionsById([...all, '5'])).executions)).toEqual(
      byId((await whole!.executionsById(all)).executions),
    );
    for (const status of ['ALL', 'COMPLETED', 'FAILED', 'CANCELLED'] as const) {
      for (const filter of [{}, { path: 'etl/*-1' }, { parentExecutionId: tree.root }, { since: now - 45 * MINUTE }]) {
        const asked = { status, limit: 7, ...filter };
        const expected = (await whole!.recentExecutions(asked)).executions;
        expect((await sharded!.recentExecutions(asked)).executions).toEqual(expected);
      }
    }
    const stale = { status: 'stale', limit: 50, staleAfterMs: 10 * MINUTE };
    const { signal } = new AbortController();
    expect((await readList(sharded!, stale, signal)).executions).toEqual(
      (await readList(whole!, stale, signal)).executions,
    );
  });

  it('reads the history in pieces, each execution once, and counts the pieces of all', async () => {
    const pieces = await piecesOf(sharded!);
    expect(byId(pieces.flatMap(({ executions }) => [...executions]))).toEqual(
      byId((await whole!.activeExecutions()).executions),
    );
    const of = 4 * (await piecesOf(whole!)).length;
    expect(pieces.map((piece) => [piece.done, piece.of])).toEqual(pieces.map((_, n) => [4 * (n + 1), of]));
    expect(pieces.at(-1)!.done).toBe(of);
  });

  it('reads trees whose parents and children are on different shards', async () => {
    const [expected, found] = [await loadTree(whole!, tree.root), await loadTree(sharded!, tree.root)];
    expect(found!.nodes.size).toBe(15);
    expect(new Map(found!.nodes)).toEqual(new Map(expected!.nodes));
    expect(await sharded!.childCounts(all)).toEqual(await whole!.childCounts(all));
    const cut = await sharded!.linksBelow([tree.root], 9);
    expect([cut.links.length, cut.truncated]).toEqual([9, true]);
    expect((await sharded!.linksBelow([tree.root], 14)).truncated).toBe(false);
  });

  it('reads the feed in order, page by page', async () => {
    const pages = async (store: EventStore) => {
      const found: string[] = [];
      for (let since = 0; ; ) {
        const { events, truncated } = await store.eventsSince(since, 20);
        for (const event of events) if (!found.includes(event.eventId)) found.push(event.eventId);
        if (!truncated) return found;
        since = events.at(-1)!.at;
      }
    };
    expect(await pages(sharded!)).toEqual(await pages(whole!));
  });

  it('diagnoses, describes and finds runaways alike', async () => {
    const options = { olderThanMs: 10 * MINUTE };
    const [expected, found] = [await one.diagnose.diagnoseStale(options), await many.diagnose.diagnoseStale(options)];
    expect(found.stale.length).toBeGreaterThan(10);
    expect(
      found.stale.map(({ execution, diagnosis }) => [execution.executionId, diagnosis.code, diagnosis.safe]),
    ).toEqual(
      expected.stale.map(({ execution, diagnosis }) => [execution.executionId, diagnosis.code, diagnosis.safe]),
    );
    expect(found.byPath).toEqual(expected.byPath);
    const described = async (services: Services) => {
      const facts = await services.describe.describe(all, { staleAfterMs: 10 * MINUTE });
      return all.map((id) => {
        // Ages go on between the two reads.
        const { asOf: _, runMs: __, diagnosis, ...rest } = facts.get(id)!;
        return [rest, diagnosis?.code, diagnosis?.safe, diagnosis?.evidence.at];
      });
    };
    expect(await described(many)).toEqual(await described(one));
    const runaways = async ({ runaway }: Services) => [...(await runaway.find({})).byCode];
    expect(await runaways(many)).toEqual(await runaways(one));
  });

  it('reads cancellations, timelines and checks', async () => {
    const recent = await sharded!.recentCancellations(10);
    expect(recent).toEqual(await whole!.recentCancellations(10));
    expect(recent.every(({ path }) => path !== null)).toBe(true);
    for (const id of all.slice(0, 6)) {
      const page = { limit: 3, payloads: true };
      expect(await sharded!.eventsOf(id, page)).toEqual(await whole!.eventsOf(id, page));
      expect(await sharded!.cancellationCheck(id)).toEqual(await whole!.cancellationCheck(id));
    }
    expect(await sharded!.commandEvents(all)).toEqual(await whole!.commandEvents(all));
    expect(await sharded!.cancelStates(all)).toEqual(await whole!.cancelStates(all));
  });

  it('rehearses a cleanup alike', async () => {
    const rehearse = async ({ store }: Services) => {
      const options = { windowMs: 180 * MINUTE, olderThanMs: 10 * MINUTE, include: [], pageRows: 10 };
      const { asOf: _, from: __, ...report } = await rehearseCleanup(store, options);
      return report;
    };
    expect(await rehearse(many)).toEqual(await rehearse(one));
  });

  it('runs a query on one shard or on all, with whose row it is', async () => {
    const sql = 'SELECT count(*) AS n FROM event';
    const { columns, rows } = await sharded!.runReadOnly(sql, { maxRows: 10 });
    expect(columns.map(({ name }) => name)).toEqual(['shard', 'n']);
    expect(rows.map(([shard]) => shard)).toEqual(['0', '1', '2', '3']);
    const counts = await Promise.all(
      installation.shards.map(
        async ({ pool }) => (await pool.query('SELECT count(*) AS n FROM noetl.event')).rows[0].n,
      ),
    );
    expect(rows.map(([, n]) => n)).toEqual(counts);
    expect((await sharded!.runReadOnly(sql, { maxRows: 10, shard: 2 })).rows).toEqual([[counts[2]]]);
    expect(
      (await sharded!.runReadOnly('SELECT path FROM catalog LIMIT 1', { maxRows: 5, shard: 'cluster' })).rows,
    ).toHaveLength(1);
    await expect(sharded!.runReadOnly(sql, { maxRows: 1, shard: 4 })).rejects.toThrow(/no shard 4: they are 0 to 3/);
    await expect(sharded!.runReadOnly('DELETE FROM event', { maxRows: 1 })).rejects.toThrow(/query only reads/);
  });
});

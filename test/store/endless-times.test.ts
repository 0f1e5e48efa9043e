import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDiagnoseService } from '../../source/service/diagnose/diagnose.js';
import { executionJson } from '../../source/service/json.js';
import { readList } from '../../source/service/list.js';
import { loadTree } from '../../source/service/tree.js';
import type { EventStore } from '../../source/store/event-store.js';
import { createTestDatabase, nextIdAt, type TestDatabase, writeEvents } from '../helpers/database.js';
import { openStore } from '../helpers/store.js';

const TIMES = [
  'infinity',
  '-infinity',
  '294276-12-31',
  '275760-09-12 23:59:59',
  '4713-01-01 BC',
  '0001-01-01',
] as const;

let database: TestDatabase;
let store: EventStore;
let healthy: string;
const odd = new Map<string, string>();

beforeAll(async () => {
  database = await createTestDatabase();
  store = openStore(database.url);
  healthy = nextIdAt(Date.now() - 3_600_000);
  await writeEvents(database.pool, [
    { execution_id: healthy, event_type: 'playbook.initialized', created_at: Date.now() - 3_600_000 },
    { execution_id: healthy, event_type: 'command.issued', created_at: Date.now() - 3_600_000 },
  ]);
  for (const time of TIMES) {
    const id = nextIdAt(Date.now() - 3_600_000);
    odd.set(time, id);
    await writeEvents(database.pool, [
      { execution_id: id, event_type: 'playbook.initialized', parent_execution_id: healthy },
      { execution_id: id, event_type: 'command.issued', meta: { command_id: `c-${id}` } },
      { execution_id: id, event_type: 'command.claimed', worker_id: 'gone', meta: { command_id: `c-${id}` } },
    ]);
    await database.pool.query(
      `UPDATE noetl.event SET created_at = $2::timestamp, event_time = $2::timestamptz, ingest_time = $2::timestamptz
       WHERE execution_id = $1`,
      [id, time],
    );
  }
  await database.pool.query(
    `INSERT INTO noetl.runtime (runtime_id, name, kind, status, heartbeat) VALUES (1, 'w', 'worker_pool', 'ready', 'infinity')`,
  );
});
afterAll(async () => {
  await store.close();
  await database.close();
});

const signal = new AbortController().signal;
const ids = () => [healthy, ...odd.values()];

describe('rows with a time that no JavaScript date holds', () => {
  it('are read by every read of executions, with times that can be computed with', async () => {
    for (const { executions } of [
      await store.activeExecutions(),
      await store.executionsById(ids()),
      await store.recentExecutions({ status: 'ALL', limit: 100 }),
    ]) {
      expect(executions.map(({ executionId }) => executionId).sort()).toEqual(ids().sort());
      for (const execution of executions) {
        expect(() => new Date(execution.lastEvent.at).toISOString()).not.toThrow();
        expect(() => new Date(execution.startedAt ?? Number.NaN).toISOString()).not.toThrow();
      }
    }
    const of = async (time: string) => (await store.executionsById([odd.get(time)!])).executions[0]?.startedAt;
    expect(await of('infinity')).toBe(8.64e15);
    expect(await of('294276-12-31')).toBe(8.64e15);
    expect(await of('-infinity')).toBe(-8.64e15);
    expect(await of('275760-09-12 23:59:59')).toBe(8.64e15 - 1000);
    expect(await of('0001-01-01')).toBe(Date.UTC(2001, 0, 1) - 63_113_904_000_000);
  });

  it('do not keep the others from being diagnosed, and are diagnosed where they are silent', async () => {
    const report = await createDiagnoseService(store).diagnoseStale({ olderThanMs: 600_000 });
    const stale = report.stale.map((each) => each.execution.executionId);
    expect(stale).toContain(healthy);
    expect(stale).toContain(odd.get('-infinity'));
    expect(stale).toContain(odd.get('4713-01-01 BC'));
    expect(stale).not.toContain(odd.get('infinity'));
  });

  it('are listed, hang in their tree, and are JSON', async () => {
    const filter = { status: 'all', limit: 100, staleAfterMs: 600_000 };
    const { executions, asOf } = await readList(store, filter, signal);
    expect(executions).toHaveLength(ids().length);
    const json = executions.map((each) => JSON.stringify(executionJson(each, { now: asOf, staleAfterMs: 600_000 })));
    expect(json.join()).not.toContain('NaN');
    const tree = await loadTree(store, healthy);
    expect(tree?.nodes.size).toBe(ids().length);
  });

  it('are in the feed, the timeline and among the workers', async () => {
    const { events } = await store.eventsSince(Date.now(), 100);
    expect(events.map(({ executionId }) => executionId)).toContain(odd.get('infinity'));
    expect((await store.eventsSince(Number.MIN_SAFE_INTEGER, 100)).events.length).toBeGreaterThan(10);
    expect((await store.eventsOf(odd.get('infinity')!, { limit: 10 })).events[0]?.at).toBe(8.64e15);
    expect((await store.workers())?.[0]?.heartbeatAt).toBe(8.64e15);
  });
});

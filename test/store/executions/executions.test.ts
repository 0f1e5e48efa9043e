import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { containsText, isFailure } from '../../../source/domain/event-types.js';
import type { EventStore } from '../../../source/store/event-store.js';
import { createTestDatabase, idAt, type TestDatabase, writeEvents } from '../../helpers/database.js';
import { openStore } from '../../helpers/store.js';

let db: TestDatabase;
let store: EventStore;

beforeAll(async () => {
  // A server far from UTC: naive timestamps must still read as UTC.
  db = await createTestDatabase({ timezone: 'America/New_York' });
  store = openStore(db.url);
});
afterAll(async () => {
  await store.close();
  await db.close();
});

const minutesAgo = (minutes: number) => Date.now() - minutes * 60_000;

async function read(id: string) {
  const { executions } = await store.executionsById([id]);
  return executions[0];
}

describe('active executions', () => {
  it('are those with a start and no terminal event, whatever comes last', async () => {
    await writeEvents(db.pool, [
      { execution_id: '101', event_type: 'playbook_started', created_at: minutesAgo(30) },
      { execution_id: '101', event_type: 'command.issued', created_at: minutesAgo(29), node_name: 'load' },
      { execution_id: '102', event_type: 'playbook.initialized', created_at: minutesAgo(30) },
      { execution_id: '102', event_type: 'playbook.completed', created_at: minutesAgo(20) },
      { execution_id: '102', event_type: 'command.completed', created_at: minutesAgo(19) },
      { execution_id: '103', event_type: 'playbook.started', created_at: minutesAgo(30) },
      { execution_id: '103', event_type: 'command.failed', status: 'FAILED', created_at: minutesAgo(2) },
      { execution_id: '104', event_type: 'command.issued', created_at: minutesAgo(2) },
    ]);
    const { executions, asOf } = await store.activeExecutions();
    expect(executions.map((execution) => execution.executionId).sort()).toEqual(['101', '103']);
    expect(Math.abs(asOf - Date.now())).toBeLessThan(60_000);
    const first = executions.find((execution) => execution.executionId === '101');
    expect(first).toMatchObject({ path: 'test/playbook', stack: 'rust', status: 'RUNNING' });
    expect(first?.lastEvent).toMatchObject({ type: 'command.issued', node: 'load' });
    expect(Math.abs((first?.lastEvent.at ?? 0) - minutesAgo(29))).toBeLessThan(30_000);
  });

  it('are the same where all of them at once take longer than a statement may', async () => {
    const key = ({ executionId }: { executionId: string }) => executionId;
    const whole = await store.activeExecutions();
    const patient = await store.activeExecutions({ timeoutMs: 1 });
    expect(patient.executions.map(key).sort()).toEqual(whole.executions.map(key).sort());
    expect(patient.asOf).toBeGreaterThan(0);
  });

  it('are the same in pieces, each once, whatever the ids, also where all pieces are asked for ahead', async () => {
    const at = minutesAgo(5);
    const ids = [idAt(at, 'rust', 9), idAt(at, 'database', 9), '-5', '9223372036854775807', '999999999999999999'];
    await writeEvents(
      db.pool,
      ids.map((execution_id) => ({ execution_id, event_type: 'playbook_started', created_at: at })),
    );
    const found: string[] = [];
    let last = { done: 0, of: 0 };
    for await (const { executions, done, of } of store.activeInPieces()) {
      found.push(...executions.map(({ executionId }) => executionId));
      // What began just now is among the first of them, in both layouts.
      if (done === 3) expect(found).toEqual(expect.arrayContaining(ids.slice(0, 2)));
      last = { done, of };
    }
    const { executions } = await store.activeExecutions();
    expect(found.sort()).toEqual(executions.map(({ executionId }) => executionId).sort());
    expect(found).toEqual(expect.arrayContaining(ids));
    const ahead: string[] = [];
    for await (const piece of store.activeInPieces({ ahead: true }))
      ahead.push(...piece.executions.map(({ executionId }) => executionId));
    expect(ahead.sort()).toEqual(found);
    expect(last.of).toBeGreaterThan(10);
    expect(last.done).toBe(last.of);
    await writeEvents(
      db.pool,
      ids.map((execution_id) => ({ execution_id, event_type: 'playbook.completed' })),
    );
  });

  it('of late are those that wrote one of the newest events', async () => {
    const day = 24 * 60;
    await writeEvents(db.pool, [
      { execution_id: '161', event_type: 'playbook_started', created_at: minutesAgo(3 * day) },
      { execution_id: '162', event_type: 'playbook_started', created_at: minutesAgo(3 * day) },
      { execution_id: '162', event_type: 'step.enter', created_at: minutesAgo(10) },
      { execution_id: '163', event_type: 'step.enter', created_at: Date.now() },
    ]);
    const late = async (mostEvents: number) => {
      const { executions } = await store.recentlyActive({ withinMs: day * 60_000, mostEvents });
      return executions.map(({ executionId }) => executionId);
    };
    const all = await late(10_000);
    expect(all).toContain('162');
    expect(all).not.toContain('161');
    expect(all).not.toContain('163');
    expect(await late(1)).toEqual([]);
    await writeEvents(
      db.pool,
      ['161', '162'].map((execution_id) => ({ execution_id, event_type: 'playbook.completed' })),
    );
  });

  it('tell every kind of end, and let COMPLETED outrank', async () => {
    await writeEvents(db.pool, [
      { execution_id: '111', event_type: 'playbook_started', created_at: minutesAgo(30) },
      { execution_id: '111', event_type: 'execution.cancelled', created_at: minutesAgo(20) },
      { execution_id: '111', event_type: 'playbook_completed', created_at: minutesAgo(10) },
    ]);
    const execution = await read('111');
    expect(execution).toMatchObject({ status: 'COMPLETED', ends: ['COMPLETED', 'CANCELLED'] });
    expect(Math.abs((execution?.endedAt ?? 0) - minutesAgo(10))).toBeLessThan(30_000);
  });

  it('find the parent on any row, and in the meta of inline children', async () => {
    await writeEvents(db.pool, [
      { execution_id: '121', event_type: 'playbook.initialized', created_at: minutesAgo(30) },
      { execution_id: '121', event_type: 'command.issued', parent_execution_id: '999', created_at: minutesAgo(29) },
      {
        execution_id: '122',
        event_type: 'playbook.initialized',
        created_at: minutesAgo(30),
        meta: { inlined_in_parent: '9223372036854775807' },
      },
      {
        execution_id: '123',
        event_type: 'playbook.initialized',
        created_at: minutesAgo(1),
        meta: { inlined_in_parent: "1'x" },
      },
    ]);
    expect((await read('121'))?.parentExecutionId).toBe('999');
    expect((await read('122'))?.parentExecutionId).toBe('9223372036854775807');
    expect((await read('123'))?.parentExecutionId).toBeNull();
  });

  it('leave out ids without rows, and take thousands of ids', async () => {
    const ids = Array.from({ length: 2500 }, (_, index) => String(5_000_000 + index));
    const { executions } = await store.executionsById([...ids, '101']);
    expect(executions.map((execution) => execution.executionId)).toEqual(['101']);
  });
});

describe('recent executions', () => {
  it('come newest first, by status, path and parent', async () => {
    await writeEvents(db.pool, [
      {
        execution_id: '201',
        event_type: 'playbook_started',
        created_at: minutesAgo(5),
        parent_execution_id: '77',
        path: 'etl/a',
      },
      {
        execution_id: '202',
        event_type: 'playbook_started',
        created_at: minutesAgo(4),
        parent_execution_id: '77',
        path: 'etl/b',
      },
      { execution_id: '202', event_type: 'playbook.failed', created_at: minutesAgo(3), path: 'etl/b' },
    ]);
    const all = await store.recentExecutions({ status: 'ALL', path: 'etl/*', limit: 10 });
    expect(all.executions.map((execution) => execution.executionId)).toEqual(['202', '201']);
    const failed = await store.recentExecutions({ status: 'FAILED', limit: 10 });
    expect(failed.executions.map((execution) => execution.executionId)).toEqual(['202']);
    const children = await store.recentExecutions({ status: 'ALL', parentExecutionId: '77', limit: 1 });
    expect(children.executions.map((execution) => execution.executionId)).toEqual(['202']);
    const none = await store.recentExecutions({ status: 'ALL', since: Date.now() + 60_000, limit: 10 });
    expect(none.executions).toEqual([]);
  });
});

describe('the timeline', () => {
  it('pages both ways without gaps, and shows payloads only when asked', async () => {
    await writeEvents(
      db.pool,
      Array.from({ length: 25 }, (_, index) => ({
        execution_id: '301',
        event_type: index === 0 ? 'playbook_started' : 'step.enter',
        node_name: `step-${index}`,
        created_at: minutesAgo(30 - index),
        context: { secret: 'hunter2' },
      })),
    );
    const newest = await store.eventsOf('301', { limit: 10 });
    expect(newest.events.at(-1)?.node).toBe('step-24');
    expect(newest.hasMore).toBe(true);
    expect(newest.events[0]?.payload).toBeNull();
    const before = await store.eventsOf('301', { limit: 10, before: newest.events[0]!.eventId });
    expect(before.events.map((event) => event.node)).toEqual(Array.from({ length: 10 }, (_, i) => `step-${5 + i}`));
    const after = await store.eventsOf('301', { limit: 3, after: before.events[9]!.eventId, payloads: true });
    expect(after.events.map((event) => event.node)).toEqual(['step-15', 'step-16', 'step-17']);
    expect(after.events[0]?.payload?.context).toEqual({ secret: 'hunter2' });
  });
});

describe('a search of the timeline', () => {
  it('finds failures and words as domain/event-types.ts does, in pages, and never in the payloads', async () => {
    const errors = { 6: 'Disk FULL', 12: '' } as Record<number, string>;
    await writeEvents(
      db.pool,
      Array.from({ length: 20 }, (_, index) => ({
        execution_id: '302',
        event_type: index === 3 ? 'call.error' : 'step.enter',
        node_name: `step-${index}`,
        status: index === 9 ? 'FAILED' : 'ENTERED',
        ...(errors[index] === undefined ? {} : { error: errors[index] }),
        ...(index === 15 ? { result: { status: 'error', context: { error: 'upstream 503' } } } : {}),
        meta: { worker_id: `pool-${index % 2}`, command_id: `c-${index}`, iteration_index: index },
        context: { secret: 'hunter2' },
        created_at: minutesAgo(30 - index),
      })),
    );
    const all = (await store.eventsOf('302', { limit: 100 })).events;
    expect(all[4]).toMatchObject({ iteration: 4, commandId: 'c-4', workerId: 'pool-0', error: null });
    expect(all[15]?.error).toBe('upstream 503');
    const failures = await store.eventsOf('302', { limit: 3, failuresOnly: true });
    expect(failures.events.map((event) => event.node)).toEqual(['step-6', 'step-9', 'step-15']);
    expect(failures.hasMore).toBe(true);
    expect(all.filter(isFailure).map((event) => event.node)).toEqual(['step-3', 'step-6', 'step-9', 'step-15']);
    for (const text of [
      'POOL-1',
      'disk full',
      'c-17',
      'step-1',
      'FAILED',
      all[5]?.eventId ?? '',
      '50%',
      "it's",
      'hunter2',
    ]) {
      const found = await store.eventsOf('302', { limit: 100, after: '0', containing: text });
      const expected = all.filter((event) => containsText(event, text));
      expect(found.events.map((event) => event.eventId)).toEqual(expected.map((event) => event.eventId));
    }
    expect((await store.eventsOf('302', { limit: 1, containing: 'hunter2' })).events).toEqual([]);
  });
});

describe('the feed', () => {
  it('reads what was written since a time, in order, and says when there is more', async () => {
    const from = Date.now() + 3_600_000;
    await writeEvents(db.pool, [
      { execution_id: '401', event_type: 'playbook_started', created_at: from },
      { execution_id: '401', event_type: 'command.issued', created_at: from + 5, node_name: 'a', worker_id: 'w1' },
      { execution_id: '401', event_type: 'command.claimed', created_at: from + 10, meta: { worker_id: 'w2' } },
    ]);
    const first = await store.eventsSince(from, 2);
    expect(first.events.map((event) => event.type)).toEqual(['playbook_started', 'command.issued']);
    expect(first.truncated).toBe(true);
    const rest = await store.eventsSince(from + 5, 10);
    expect(rest.events.map((event) => event.workerId)).toEqual(['w1', 'w2']);
    const catalog = await store.catalogEntries([first.events[0]!.catalogId!, '1']);
    expect(catalog.get(first.events[0]!.catalogId!)).toEqual({ path: 'test/playbook', version: 1 });
    expect(catalog.size).toBe(1);
  });
});

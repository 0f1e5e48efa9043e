import { describe, expect, it } from 'vitest';
import { consoleSnowflake, layoutOf } from '../../../source/domain/snowflake.js';
import type { WorkerEvent } from '../../../source/domain/worker-protocol.js';
import type { EventStore } from '../../../source/store/event-store.js';
import { databaseCancellationCheck, databaseCommandEmitter } from '../../../source/store/worker/ports.js';
import { createTestDatabase, nextIdAt, type TestDatabase, writeEvents } from '../../helpers/database.js';
import { withStore } from '../../helpers/with-store.js';

let db: TestDatabase;
let store: EventStore;
withStore(
  (opened) => {
    ({ db, store } = opened);
  },
  { timezone: 'America/New_York' },
);

const options = { signal: new AbortController().signal };

const workerEvent = (
  executionId: string,
  type: string,
  workerId: string | null = 'w1',
  commandId = 'c1',
): WorkerEvent => ({
  executionId,
  eventType: `command.${type}`,
  step: 'load',
  commandId,
  workerId,
  status: 'RUNNING',
  meta: { command_id: commandId, worker_id: workerId },
  context: null,
});

/** An execution with these event types, in order. */
async function execution(...types: string[]): Promise<string> {
  const id = nextIdAt();
  await writeEvents(
    db.pool,
    types.map((event_type) => ({
      execution_id: id,
      event_type,
      ...(event_type.startsWith('command.') ? { node_name: 'load', meta: { command_id: 'c1', worker_id: 'w1' } } : {}),
    })),
  );
  return id;
}

describe('the cancellation check', () => {
  it.each<[string[], object]>([
    [['playbook_started'], { status: 'RUNNING', eventType: 'playbook_started', cancelled: false }],
    [['playbook.initialized', 'command.issued'], { status: 'RUNNING', eventType: 'command.issued', cancelled: false }],
    [
      ['playbook.initialized', 'execution.cancelled', 'command.completed'],
      { status: 'CANCELLED', eventType: 'execution.cancelled', cancelled: true, completed: false, failed: false },
    ],
    [
      ['playbook_started', 'playbook.cancelled', 'execution.cancelled'],
      { status: 'CANCELLED', eventType: 'execution.cancelled', cancelled: true },
    ],
    [
      ['playbook_started', 'playbook.completed', 'command.completed'],
      { status: 'COMPLETED', eventType: 'playbook.completed', cancelled: false, completed: true },
    ],
    [['playbook_started', 'playbook_failed'], { status: 'FAILED', eventType: 'playbook_failed', failed: true }],
    [
      ['playbook_started', 'execution.cancelled', 'playbook.completed'],
      { status: 'COMPLETED', eventType: 'playbook.completed', cancelled: true, completed: true },
    ],
    [['playbook_started', 'command.failed'], { status: 'RUNNING', eventType: 'command.failed', failed: false }],
  ])('of %j is %j', async (types, expected) => {
    const id = await execution(...types);
    const verdict = await store.cancellationCheck(id);
    expect(verdict).toMatchObject({ executionId: id, ...expected });
    expect(await databaseCancellationCheck({ pool: db.pool })(id, options)).toEqual(verdict);
  });

  it('is the same for many at once', async () => {
    const running = await Promise.all(
      Array.from({ length: 12 }, () => execution('playbook_started', 'command.issued')),
    );
    const cancelled = await execution('playbook.initialized', 'execution.cancelled');
    const asked = [...running, cancelled, '4711', ...running];
    const verdicts = await Promise.all(asked.map((id) => store.cancellationCheck(id)));
    expect(verdicts.map((verdict) => verdict?.executionId)).toEqual([...running, cancelled, undefined, ...running]);
    expect(verdicts[0]).toMatchObject({ status: 'RUNNING', eventType: 'command.issued' });
    expect(verdicts[12]).toMatchObject({ status: 'CANCELLED', cancelled: true });
  });

  it('is null for an execution that no event names', async () => {
    expect(await store.cancellationCheck('1')).toBeNull();
    expect(await databaseCancellationCheck({ pool: db.pool })('9223372036854775807', options)).toBeNull();
  });
});

describe('a worker’s event', () => {
  it.each(['playbook_started', 'playbook.initialized'])(
    'follows the newest of an execution begun by %s',
    async (start) => {
      const id = await execution(start, 'command.issued', 'execution.cancelled');
      const before = await db.pool.query('SELECT * FROM noetl.event WHERE execution_id = $1 ORDER BY event_id', [id]);
      const result = await store.appendCommandEvent({
        ...workerEvent(id, 'cancelled'),
        status: 'CANCELLED',
        context: { note: 'x' },
      });
      expect(result.kind).toBe('appended');
      const { rows } = await db.pool.query(
        `SELECT *, event_id::text AS id, (extract(epoch from created_at AT TIME ZONE 'UTC') * 1000)::float8 AS at
      FROM noetl.event WHERE execution_id = $1 ORDER BY event_id DESC LIMIT 1`,
        [id],
      );
      const row = rows[0];
      const last = before.rows.at(-1);
      expect(row).toMatchObject({
        id: result.kind === 'appended' ? result.eventId : '',
        event_type: 'command.cancelled',
        status: 'CANCELLED',
        node_name: 'load',
        node_id: 'load',
        worker_id: 'w1',
        prev_event_id: last.event_id,
        catalog_id: last.catalog_id,
        parent_event_id: null,
        parent_execution_id: null,
        tenant_id: 'default',
        meta: { command_id: 'c1', worker_id: 'w1' },
        context: { note: 'x' },
      });
      expect(Math.abs(row.at - Date.now())).toBeLessThan(60_000);
      expect(layoutOf(BigInt(row.id), row.at)).toBe(start === 'playbook_started' ? 'rust' : 'database');
    },
  );

  it('goes above the execution’s own newest id even when that lies in the future', async () => {
    const id = nextIdAt();
    const ahead = consoleSnowflake(Date.now() + 3_600_000, 'database').toString();
    await writeEvents(db.pool, [{ execution_id: id, event_type: 'playbook.initialized', event_id: ahead }]);
    const result = await store.appendCommandEvent(workerEvent(id, 'heartbeat'));
    expect(result).toEqual({ kind: 'appended', eventId: (BigInt(ahead) + 1n).toString() });
  });

  it('is for executions that exist', async () => {
    expect(await store.appendCommandEvent(workerEvent('12345', 'started'))).toEqual({ kind: 'unknown-execution' });
  });

  it('claims a command once, and none of a cancelled execution', async () => {
    const id = await execution('playbook_started', 'command.issued');
    expect((await store.appendCommandEvent(workerEvent(id, 'claimed'))).kind).toBe('appended');
    expect((await store.appendCommandEvent(workerEvent(id, 'claimed'))).kind).toBe('duplicate');
    expect(await store.appendCommandEvent(workerEvent(id, 'claimed', 'w2'))).toEqual({
      kind: 'refused',
      because: 'worker w1 holds the command',
    });
    const cancelled = await execution('playbook_started', 'command.issued', 'execution.cancelled');
    expect(await store.appendCommandEvent(workerEvent(cancelled, 'claimed'))).toEqual({
      kind: 'refused',
      because: `Execution ${cancelled} is already CANCELLED`,
    });
  });

  it('skips a command once, and never one that another worker holds or that has ended', async () => {
    const id = await execution('playbook_started', 'command.issued', 'execution.cancelled');
    const first = await store.appendCommandEvent(workerEvent(id, 'cancelled', 'w2'));
    const second = await store.appendCommandEvent(workerEvent(id, 'cancelled', 'w3'));
    expect([first.kind, second.kind]).toEqual(['appended', 'duplicate']);
    expect(second).toMatchObject({ eventId: first.kind === 'appended' ? first.eventId : '' });

    const held = await execution('playbook_started', 'command.issued', 'command.claimed', 'execution.cancelled');
    expect(await store.appendCommandEvent(workerEvent(held, 'cancelled', 'w2'))).toMatchObject({ kind: 'refused' });
    expect(await store.appendCommandEvent(workerEvent(held, 'cancelled', 'w1'))).toMatchObject({ kind: 'appended' });

    const ended = await execution('playbook_started', 'command.issued', 'command.completed', 'execution.cancelled');
    expect(await store.appendCommandEvent(workerEvent(ended, 'cancelled'))).toEqual({
      kind: 'refused',
      because: 'the command has ended (command.completed)',
    });
  });

  it('finds a command by the column command_id or by its step where meta does not name it', async () => {
    for (const [key, column] of [
      ['770000000000000001', { command_id: '770000000000000001' }],
      ['load', {}],
    ] as const) {
      const id = nextIdAt();
      await writeEvents(db.pool, [
        { execution_id: id, event_type: 'playbook.initialized' },
        { execution_id: id, event_type: 'command.issued', node_name: 'load', ...column },
        { execution_id: id, event_type: 'command.claimed', node_name: 'load', worker_id: 'w1', ...column },
        { execution_id: id, event_type: 'execution.cancelled' },
      ]);
      expect(await store.appendCommandEvent(workerEvent(id, 'cancelled', 'w2', key))).toMatchObject({
        kind: 'refused',
      });
      expect(await store.appendCommandEvent(workerEvent(id, 'cancelled', 'w1', key))).toMatchObject({
        kind: 'appended',
      });
      expect(await store.appendCommandEvent(workerEvent(id, 'cancelled', 'w2', key))).toMatchObject({
        kind: 'duplicate',
      });
    }
  });

  it('is written once by many workers and retries at the same time, through the store and the database port', async () => {
    const id = await execution('playbook_started', 'command.issued', 'execution.cancelled');
    const emit = databaseCommandEmitter({ pool: db.pool });
    const results = await Promise.all(
      Array.from({ length: 24 }, (_, index) => {
        const event = workerEvent(id, 'cancelled', `w${index}`);
        return index % 2 ? store.appendCommandEvent(event) : emit(event, options);
      }),
    );
    const kinds = results.map((result) => result.kind).sort();
    expect(kinds).toEqual(['appended', ...Array.from({ length: 23 }, () => 'duplicate')]);
    const { rows } = await db.pool.query(
      `SELECT count(*)::int AS n FROM noetl.event WHERE execution_id = $1 AND event_type = 'command.cancelled'`,
      [id],
    );
    expect(rows[0].n).toBe(1);
  });

  it('is claimed by one of many', async () => {
    const id = await execution('playbook.initialized', 'command.issued');
    const results = await Promise.all(
      Array.from({ length: 12 }, (_, index) => store.appendCommandEvent(workerEvent(id, 'claimed', `w${index}`))),
    );
    expect(results.filter((result) => result.kind === 'appended')).toHaveLength(1);
    expect(results.filter((result) => result.kind === 'refused')).toHaveLength(11);
  });

  it('is written on an installation without prev_event_id and in another schema', async () => {
    const old = await createTestDatabase({ withoutPrevEventId: true, schema: 'My"Schema' });
    try {
      const id = nextIdAt();
      await writeEvents(old.pool, [{ execution_id: id, event_type: 'playbook_started' }], old.schema);
      const emit = databaseCommandEmitter({ pool: old.pool, schema: old.schema });
      expect((await emit(workerEvent(id, 'started'), options)).kind).toBe('appended');
      const check = databaseCancellationCheck({ pool: old.pool, schema: old.schema });
      expect(await check(id, options)).toMatchObject({ status: 'RUNNING', eventType: 'command.started' });
    } finally {
      await old.close();
    }
  });
});

describe('the hot path’s plan', () => {
  it('scans no partition and touches one only', async () => {
    const id = await execution('playbook_started', 'execution.cancelled');
    // As in a real table: executions of about 88 events each, and enough of them.
    const crowd = Array.from({ length: 40 }, () => nextIdAt());
    await writeEvents(
      db.pool,
      crowd.flatMap((execution_id) =>
        Array.from({ length: 88 }, (_, index) => ({
          execution_id,
          event_type: index % 9 ? 'step.enter' : 'call.done',
        })),
      ),
    );
    const { cancellationCheck } = await import('../../../source/store/worker/check-batcher.js');
    const { tablesIn } = await import('../../../source/store/connection/tables.js');
    const { text, values } = cancellationCheck(tablesIn('noetl'), id);
    await db.pool.query('VACUUM ANALYZE noetl.event');
    const { rows } = await db.pool.query({ text: `EXPLAIN ${text}`, values: [...values], rowMode: 'array' });
    const plan = rows.map(([line]: string[]) => line).join('\n');
    expect(plan).not.toMatch(/Seq Scan|Append/);
    expect(plan).toContain('Index Only Scan');
  });
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, idAt, type TestDatabase, writeEvents } from '../helpers/database.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

async function column<T>(sql: string, values: unknown[] = []): Promise<T[]> {
  const { rows } = await database.pool.query<{ value: T }>(sql, values);
  return rows.map((row) => row.value);
}

test('noetl.event has the columns of event-store.md', async () => {
  const columns = await column<string>(
    `SELECT column_name || ' ' || data_type || CASE is_nullable WHEN 'NO' THEN ' not null' ELSE '' END AS value
      FROM information_schema.columns WHERE table_schema = 'noetl' AND table_name = 'event'`,
  );
  const listed = (type: string, names: string) => names.split(' ').map((name) => `${name} ${type}`);
  expect(columns.sort()).toEqual(
    [
      ...listed('bigint not null', 'execution_id event_id catalog_id'),
      ...listed(
        'bigint',
        'parent_event_id prev_event_id parent_execution_id stream_version command_id stage_id frame_id',
      ),
      ...listed('timestamp without time zone not null', 'created_at'),
      ...listed('character varying', 'event_type node_id node_name node_type status'),
      ...listed('character varying', 'worker_id distributed_state context_key'),
      ...listed('double precision', 'duration'),
      ...listed('jsonb', 'context result meta trace_component payload_ref'),
      ...listed('text', 'error stack_trace current_item context_value'),
      ...listed('integer', 'current_index'),
      ...listed('text not null', 'tenant_id organization_id'),
      ...listed('text', 'stream_id aggregate_id aggregate_type schema_name producer causation_id correlation_id'),
      ...listed('text', 'idempotency_key envelope_checksum'),
      ...listed('integer not null', 'schema_version'),
      ...listed('timestamp with time zone not null', 'event_time ingest_time'),
    ].sort(),
  );
});

test('the other tables exist, and commands are partitioned by hash', async () => {
  const tables = await column<string>(
    `SELECT relname || ' ' || relkind::text AS value FROM pg_class
      WHERE relnamespace = 'noetl'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY 1`,
  );
  expect(tables).toEqual(['catalog r', 'command p', 'event p', 'execution r', 'outbox r', 'resource r', 'runtime r']);
  expect(await column<string>(`SELECT pg_get_partkeydef('noetl.command'::regclass) AS value`)).toEqual([
    'HASH (execution_id)',
  ]);
});

test('executions of 2025 to 2027 in both layouts spread over several partitions', async () => {
  const bounds = await column<string>(
    `SELECT pg_get_expr(relpartbound, oid) AS value FROM pg_class WHERE relispartition AND relkind = 'r'
      AND relname LIKE 'event%' AND relnamespace = 'noetl'::regnamespace`,
  );
  expect(bounds).toHaveLength(17);
  expect(bounds).toContain('DEFAULT');
  const quarters = Array.from({ length: 12 }, (_, index) => Date.UTC(2025, index * 3, 15));
  for (const [layout, atLeast] of [
    ['database', 8],
    ['rust', 4],
  ] as const) {
    await writeEvents(
      database.pool,
      quarters.map((at) => ({
        execution_id: idAt(at, layout),
        event_type: 'spread',
        created_at: at,
        node_name: layout,
      })),
    );
    const used = await column<string>(
      `SELECT DISTINCT tableoid::regclass::text AS value FROM noetl.event WHERE event_type = 'spread' AND node_name = $1`,
      [layout],
    );
    expect(used.length).toBeGreaterThanOrEqual(atLeast);
    expect(used).not.toContain('noetl.event_default');
  }
});

test('the indexes that queries lean on are there', async () => {
  const definitions = await column<string>(
    `SELECT replace(regexp_replace(pg_get_indexdef(indexrelid), '^.* USING btree ', ''), '::text', '') AS value
      FROM pg_index WHERE indrelid = 'noetl.event'::regclass ORDER BY 1`,
  );
  expect(definitions.sort()).toEqual(
    [
      '(execution_id, event_id)',
      '(execution_id, event_id)',
      '(execution_id, event_id DESC)',
      '(execution_id, event_type, event_id DESC)',
      '(event_type)',
      '(status)',
      '(created_at)',
      '(parent_execution_id)',
      '(node_name)',
      '(catalog_id)',
      '(parent_event_id)',
      "(event_id DESC) INCLUDE (execution_id, catalog_id, parent_execution_id, created_at) WHERE ((event_type) = 'playbook.initialized')",
      "(execution_id, event_type, ((meta ->> 'command_id')), event_id DESC) WHERE (meta ? 'command_id')",
      "(created_at DESC, event_id DESC, execution_id, ((meta ->> 'command_id'))) WHERE (((event_type) = 'command.issued') AND (meta ? 'command_id'))",
    ].sort(),
  );
});

describe('the CHECK on result', () => {
  const write = (result: null | string | unknown[] | Record<string, string | number | object>) =>
    writeEvents(database.pool, [{ execution_id: '77', event_type: 'call.done', result: result as never }]);

  test.each([[null], [{ status: 'ok' }], [{ status: 'ok', reference: {}, context: { a: 1 } }]])(
    'takes %j',
    async (result) => {
      expect(await write(result)).toHaveLength(1);
    },
  );

  test.each([
    [{}],
    [{ context: {} }],
    [{ status: 1 }],
    [{ status: 'ok', context: 'text' }],
    [{ status: 'ok', reference: [] }],
    [{ status: 'ok', output: {} }],
    [['status']],
    ['status'],
  ])('refuses %j', async (result) => {
    await expect(write(result)).rejects.toThrow(/event_result_check/);
  });
});

test('snowflake_id() gives distinct ids that name the present in their own layout', async () => {
  const ids = await column<string>('SELECT noetl.snowflake_id()::text AS value FROM generate_series(1, 100)');
  expect(new Set(ids).size).toBe(ids.length);
  const at = Number(BigInt(ids[0]!) >> 23n) + 1_704_067_200_000;
  expect(Math.abs(at - Date.now())).toBeLessThan(60_000);
});

test('older installs and other schema names can be had', async () => {
  const old = await createTestDatabase({ schema: 'No"etl', withoutPrevEventId: true, withoutRuntime: true });
  try {
    await writeEvents(old.pool, [{ execution_id: '5', event_type: 'playbook.initialized' }], old.schema);
    const { rows } = await old.pool.query('SELECT * FROM "No""etl".event');
    expect(rows).toHaveLength(1);
    expect(rows[0]).not.toHaveProperty('prev_event_id');
    await expect(old.pool.query('SELECT FROM "No""etl".runtime')).rejects.toThrow(/does not exist/);
  } finally {
    await old.close();
  }
});

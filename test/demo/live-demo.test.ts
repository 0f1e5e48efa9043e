import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Demo, startDemo } from '../../source/demo/demo.js';
import { REDRIVEN_PATH, RUNAWAY_PATH } from '../../source/demo/engine/playbooks.js';
import { commandStates, isHeld, isOutstanding } from '../../source/domain/command-state.js';
import { CANCELLED_TYPES, COMMAND_TYPES, TERMINAL_TYPES } from '../../source/domain/event-types.js';
import { eventually } from '../helpers/eventually.js';

let demo: Demo;
let pool: pg.Pool;
beforeAll(async () => {
  demo = await startDemo({ seed: 5 });
  pool = new pg.Pool({ connectionString: demo.databaseUrl, max: 3 });
});
afterAll(async () => {
  await pool?.end();
  await demo?.stop();
});

const column = async <T>(sql: string, values: unknown[] = []): Promise<T[]> =>
  (await pool.query<{ value: T }>(sql, values)).rows.map((row) => row.value);
const count = async (sql: string, values: unknown[] = []): Promise<number> =>
  (await column<number>(`SELECT count(*)::int AS value FROM noetl.event WHERE ${sql}`, values))[0] ?? 0;

test('it lives: executions start, commands advance, children appear, live workers beat', async () => {
  const [since] = await column<string>(`SELECT clock_timestamp()::text AS value`);
  const fresh = `event_time > $1::timestamptz`;
  await eventually(
    async () => [
      await count(
        `${fresh} AND event_type IN ('playbook_started', 'playbook.initialized') AND parent_execution_id IS NULL`,
        [since],
      ),
      await count(`${fresh} AND event_type = 'call.done'`, [since]),
      await count(`${fresh} AND event_type = 'playbook_started' AND parent_execution_id IS NOT NULL`, [since]),
    ],
    (counts) => counts.every((one) => one > 0),
    40_000,
  );
  const beating = (kind: string) =>
    column(
      `SELECT name AS value FROM noetl.runtime WHERE heartbeat > now() - interval '90 s' AND kind = $1 AND status = 'ready'`,
      [kind],
    );
  expect(await beating('worker_pool')).toHaveLength(5);
  expect((await beating('server_api')).sort()).toEqual([
    'noetl-server-0',
    'noetl-server-0:auto_resume',
    'noetl-server-0:command_reaper',
    'noetl-server-0:runtime_sweeper',
  ]);
});

test('it opens calm: every worker has been there for longer than the grace after a restart', async () => {
  expect(await column(`SELECT name AS value FROM noetl.runtime WHERE created_at > now() - interval '30 min'`)).toEqual(
    [],
  );
});

test('event ids ascend with the log, in one chain where Rust writes them, also where the live engine took over', async () => {
  const broken = await count(
    `event_id > 0 AND execution_id IN (SELECT execution_id FROM noetl.event WHERE event_type LIKE 'playbook_started')
      AND prev_event_id IS DISTINCT FROM (SELECT max(p.event_id) FROM noetl.event p
      WHERE p.execution_id = event.execution_id AND p.event_id < event.event_id)`,
  );
  expect(broken).toBe(0);
});

test('a cancelled runaway tree stops: what was issued is skipped once each, what was in progress ends', async () => {
  const [root = ''] = await column<string>(
    `SELECT e.execution_id::text AS value FROM noetl.event e JOIN noetl.catalog c USING (catalog_id)
      WHERE c.path = $1 AND e.event_type = 'playbook_started'
        AND NOT EXISTS (SELECT FROM noetl.event x WHERE x.execution_id = e.execution_id AND x.event_type = ANY($2))`,
    [RUNAWAY_PATH, TERMINAL_TYPES],
  );
  const live = () =>
    column<string>(
      `WITH RECURSIVE tree AS (
        SELECT $1::bigint AS id UNION
        SELECT e.execution_id FROM noetl.event e JOIN tree t ON e.parent_execution_id = t.id
      ) SELECT id::text AS value FROM tree WHERE NOT EXISTS (SELECT FROM noetl.event x WHERE x.execution_id = id
        AND x.event_type = ANY($2))`,
      [root, ['playbook.completed', 'playbook.failed', ...CANCELLED_TYPES]],
    );
  await eventually(
    async () => (await outstanding([root, ...(await live())])).filter((state) => state.stage === 'issued').length,
    (waiting) => waiting > 0,
    30_000,
  );
  const cancelled: string[] = [];
  // By hand what event-store.md says that a cancel writes, until no pass finds a new live execution.
  for (let found = await live(); found.length > 0; found = await live()) {
    for (const id of found) await cancelByHand(id);
    cancelled.push(...found);
  }
  expect(cancelled.length).toBeGreaterThan(5);
  const states = await eventually(
    () => outstanding(cancelled),
    (open) => open.length === 0,
    60_000,
  ).then(() => commandsOf(cancelled));
  const skipped = states.filter((state) => state.stage === 'cancelled').map((state) => state.commandKey);
  expect(skipped.length).toBeGreaterThan(0);
  const perCommand = await column<number>(
    `SELECT count(*)::int AS value FROM noetl.event WHERE execution_id = ANY($1) AND event_type = 'command.cancelled'
      GROUP BY meta->>'command_id'`,
    [cancelled],
  );
  expect(perCommand).toEqual(skipped.map(() => 1));
  const executedAfterSkip = await count(
    `execution_id = ANY($1) AND event_type IN ('command.started', 'call.done') AND meta->>'command_id' = ANY($2)`,
    [cancelled, skipped],
  );
  expect(executedAfterSkip).toBe(0);
  const issuedAfterCancel = await count(
    `execution_id = ANY($1) AND event_type IN ('command.issued', 'playbook.completed') AND event_id > (SELECT min(c.event_id)
      FROM noetl.event c WHERE c.execution_id = event.execution_id AND c.event_type = 'playbook.cancelled')`,
    [cancelled],
  );
  expect(issuedAfterCancel).toBe(0);
}, 120_000);

const RUST_ROWS: readonly (readonly [number, string])[] = [
  [1, 'playbook.cancelled'],
  [2, 'execution.cancelled'],
];

async function cancelByHand(id: string, rows = RUST_ROWS): Promise<void> {
  await pool.query(
    `INSERT INTO noetl.event (execution_id, event_id, prev_event_id, catalog_id, created_at, event_type, node_id, node_name, status, meta, context)
      SELECT l.execution_id, l.event_id + n, l.event_id + n - 1, l.catalog_id, now() AT TIME ZONE 'UTC', type, 'cancel', 'cancel', 'CANCELLED',
        '{"reason": "by hand", "cancelled_by": "test", "actionable": true}', '{"reason": "by hand"}'
      FROM (SELECT * FROM noetl.event WHERE execution_id = $1 ORDER BY event_id DESC LIMIT 1) l,
        jsonb_to_recordset($2::jsonb) AS r (n bigint, type text)`,
    [id, JSON.stringify(rows.map(([n, type]) => ({ n, type })))],
  );
}

async function commandsOf(ids: readonly string[]) {
  const { rows } = await pool.query<{ id: string; type: string; key: string; worker: string | null }>(
    `SELECT event_id::text AS id, event_type AS type, meta->>'command_id' AS key, meta->>'worker_id' AS worker
      FROM noetl.event WHERE execution_id = ANY($1) AND event_type = ANY($2)`,
    [ids, COMMAND_TYPES],
  );
  return commandStates(
    rows.map(({ id, type, key, worker }) => ({
      eventId: id,
      type,
      commandKey: key,
      node: null,
      workerId: worker,
      at: 0,
    })),
  );
}

const outstanding = async (ids: readonly string[]) =>
  (await commandsOf(ids)).filter((one) => isOutstanding(one) || isHeld(one));

test('every command issued is in noetl.command at once; Rust leaves its row as it is, and drives without events', async () => {
  const missing = await count(
    `event_type = 'command.issued' AND event_time > now() - interval '5 min' AND event_time < now() - interval '1 s'
      AND NOT EXISTS (SELECT FROM noetl.command c WHERE c.execution_id = event.execution_id AND c.event_id = event.event_id)`,
  );
  expect(missing).toBe(0);
  const statuses = (form: string) =>
    column<string>(
      `SELECT DISTINCT status AS value FROM noetl.command WHERE step_name <> '__orchestrate__'
        AND jsonb_typeof(meta->'command_id') = $1`,
      [form],
    );
  expect(await statuses('string')).toEqual(['PENDING']);
  expect(await statuses('number')).toContain('COMPLETED');
  expect(
    await column(`SELECT count(*)::int > 100 AS value FROM noetl.command WHERE step_name = '__orchestrate__'`),
  ).toEqual([true]);
});

test("a cancelled Python execution: its command ends, one more is issued, and the transport's row is the newest", async () => {
  const [id = ''] = await column<string>(
    `SELECT e.execution_id::text AS value FROM noetl.event e JOIN noetl.catalog c USING (catalog_id)
      WHERE c.path = $1 AND e.event_type = 'command.claimed' GROUP BY 1 HAVING count(*) >= 6`,
    [REDRIVEN_PATH],
  );
  await cancelByHand(id, [[1, 'execution.cancelled']]);
  const afterwards = () =>
    column<string>(
      `SELECT event_type AS value FROM noetl.event WHERE execution_id = $1 AND event_id > (SELECT event_id FROM noetl.event
        WHERE execution_id = $1 AND event_type = 'execution.cancelled') ORDER BY event_id`,
      [id],
    );
  const rows = await eventually(afterwards, (types) => types.includes('batch.completed'), 20_000);
  expect(rows).toEqual([
    'call.done',
    'step.exit',
    'command.completed',
    'batch.accepted',
    'batch.processing',
    'command.issued',
    'batch.completed',
  ]);
  // A refused claim leaves no row: what it left after two more looks of the engine is what it leaves.
  const [now] = await column<string>('SELECT clock_timestamp()::text AS value');
  await eventually(
    () => count(`event_type = 'command.claimed' AND event_time > $1::timestamptz`, [now]),
    (claims) => claims > 3,
    40_000,
  );
  expect(await afterwards()).toEqual(rows);
}, 60_000);

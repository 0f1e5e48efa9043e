import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Demo, startDemo } from '../../source/demo/demo.js';
import { setOutage } from '../../source/demo/outage.js';
import { eventually } from '../helpers/eventually.js';

let demo: Demo;
let pool: pg.Pool;
beforeAll(async () => {
  // The server's recovery looks around every second here; the minute that it waits for is backdated below.
  demo = await startDemo({ seed: 3, recoveryEveryMs: 1000 });
  pool = new pg.Pool({ connectionString: demo.databaseUrl, max: 3 });
});
afterAll(async () => {
  await pool?.end();
  await demo?.stop();
});

const column = async <T>(sql: string, values: unknown[] = []): Promise<T[]> =>
  (await pool.query<{ value: T }>(sql, values)).rows.map((row) => row.value);
const one = async <T>(sql: string, values: unknown[] = []): Promise<T> => {
  const [value] = await column<T>(sql, values);
  if (value === undefined) throw new Error(`no row: ${sql}`);
  return value;
};
const workers = () =>
  column<string>(
    `SELECT name AS value FROM noetl.runtime WHERE kind = 'worker_pool' AND status = 'ready'
      AND heartbeat > now() - interval '60 s' ORDER BY 1`,
  );
const clock = () => one<string>('SELECT clock_timestamp()::text AS value');
const claimsSince = (at: string) =>
  one<number>(
    `SELECT count(*)::int AS value FROM noetl.event WHERE event_type = 'command.claimed' AND event_time > $1::timestamptz`,
    [at],
  );
/** Commands that workers have in hand, by stack. */
const inHand = (type: string) =>
  column<string>(
    `SELECT DISTINCT e.meta->>'command_id' AS value FROM noetl.event e WHERE e.event_type = 'command.started'
      AND jsonb_typeof(e.meta->'command_id') = $1 AND e.event_time > now() - interval '40 min'
      AND coalesce(e.worker_id, e.meta->>'worker_id') IN (SELECT name FROM noetl.runtime WHERE status = 'ready')
      AND NOT EXISTS (SELECT FROM noetl.event x WHERE x.execution_id = e.execution_id
        AND x.event_type IN ('command.completed', 'command.failed') AND x.meta->>'command_id' = e.meta->>'command_id')`,
    [type],
  );

test('an outage and its end: nothing is claimed, rows turn offline, new names come, Python’s commands are handed on and end', async () => {
  const before = await workers();
  expect(before).toHaveLength(5);
  await eventually(
    async () => [await inHand('number'), await inHand('string')],
    (both) => both.every((ids) => ids.length > 0),
    30_000,
  );
  await setOutage(demo.databaseUrl, 3_600_000);
  // A claim that was under way may still land: the outage is seen within a second.
  let since = await clock();
  await eventually(
    async () => {
      const quiet = await one<boolean>(`SELECT clock_timestamp() - $1::timestamptz > interval '4 s' AS value`, [since]);
      if ((await claimsSince(since)) > 0) since = await clock();
      return quiet;
    },
    (quiet) => quiet,
    30_000,
  );
  const python = await inHand('number');
  const rust = await inHand('string');
  expect(python.length).toBeGreaterThan(0);
  expect(rust.length).toBeGreaterThan(0);

  // Commands are issued all the same, and the server and its leases go on beating.
  await eventually(
    () =>
      one<number>(
        `SELECT count(*)::int AS value FROM noetl.event WHERE event_type = 'command.issued' AND event_time > $1::timestamptz`,
        [since],
      ),
    (issued) => issued > 0,
    30_000,
  );
  expect(await claimsSince(since)).toBe(0);
  const leases = await one<number>(
    `SELECT count(*)::int AS value FROM noetl.runtime WHERE name LIKE 'noetl-server-0:%' AND heartbeat > $1::timestamptz`,
    [since],
  );
  expect(leases).toBe(3);
  await pool.query(`UPDATE noetl.runtime SET heartbeat = heartbeat - interval '61 s' WHERE name = ANY($1)`, [before]);
  const statuses = () => column(`SELECT DISTINCT status AS value FROM noetl.runtime WHERE name = ANY($1)`, [before]);
  await eventually(statuses, (words) => words.join() === 'offline', 15_000);

  const back = await clock();
  await setOutage(demo.databaseUrl, 0);
  const after = await eventually(workers, (alive) => alive.length === 5, 15_000);
  expect(after.filter((name) => before.includes(name))).toEqual([]);
  expect(
    await one<boolean>(
      `SELECT bool_and(created_at > $1::timestamptz) AS value FROM noetl.runtime WHERE name = ANY($2)`,
      [back, after],
    ),
  ).toBe(true);

  // Every Python command that was in hand is claimed a second time under its id, by a worker of the new names, and ends.
  const handedOn = () =>
    column<string>(
      `SELECT DISTINCT e.meta->>'command_id' AS value FROM noetl.event e WHERE e.event_type = 'command.claimed'
        AND e.meta->>'command_id' = ANY($1) AND e.worker_id = ANY($2) AND e.event_time > $3::timestamptz`,
      [python, after, back],
    );
  await eventually(handedOn, (ids) => ids.length === python.length, 30_000);
  await eventually(
    () =>
      one<number>(
        `SELECT count(DISTINCT meta->>'command_id')::int AS value FROM noetl.event
          WHERE event_type = 'command.completed' AND meta->>'command_id' = ANY($1)`,
        [python],
      ),
    (ended) => ended >= Math.min(python.length, 3) - 1,
    60_000,
  );
  // Rust has no reaper: what its workers had in hand is lost, and what waited is claimed by the new ones.
  expect(
    await one<number>(
      `SELECT count(*)::int AS value FROM noetl.event WHERE meta->>'command_id' = ANY($1) AND event_time > $2::timestamptz`,
      [rust, back],
    ),
  ).toBe(0);
  await eventually(
    () => claimsSince(back),
    (claims) => claims > python.length + 3,
    30_000,
  );
}, 240_000);

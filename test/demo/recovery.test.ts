import { afterAll, beforeAll, expect, test } from 'vitest';
import { reapable } from '../../source/demo/engine/command-table.js';
import { seededRandom } from '../../source/demo/engine/random.js';
import { WorkerSlots } from '../../source/demo/engine/worker-slots.js';
import { LIVE_WORKERS, RuntimeTable } from '../../source/demo/engine/workers.js';
import { createTestDatabase, type TestDatabase } from '../helpers/database.js';

let database: TestDatabase;
let runtime: RuntimeTable;
beforeAll(async () => {
  database = await createTestDatabase();
  runtime = new RuntimeTable(database.pool, database.schema);
  await runtime.register(LIVE_WORKERS);
});
afterAll(() => database.close());

const statusOf = async (name: string) =>
  (await database.pool.query<{ status: string }>('SELECT status FROM noetl.runtime WHERE name = $1', [name])).rows[0]
    ?.status;
const age = (name: string, seconds: number) =>
  database.pool.query(`UPDATE noetl.runtime SET heartbeat = now() - $2 * interval '1 s' WHERE name = $1`, [
    name,
    seconds,
  ]);
const command = (id: number, status: string, seconds: number, worker: string | null = null, key = `${id}`) =>
  database.pool.query(
    `INSERT INTO noetl.command (command_id, execution_id, step_name, status, worker_id, created_at, meta)
      VALUES ($1, 1, 'step', $2, $4, now() - $3 * interval '1 s', jsonb_build_object('command_id', $5::jsonb))`,
    [id, status, seconds, worker, key],
  );

test('the sweeper sets a worker offline that has not beaten for a minute', async () => {
  await age('noetl-worker-py-0', 59);
  await age('noetl-worker-py-1', 61);
  await runtime.sweep();
  expect([await statusOf('noetl-worker-py-0'), await statusOf('noetl-worker-py-1')]).toEqual(['ready', 'offline']);
});

test('the reaper takes what waits for a minute and what an offline worker has; of Python only; a hundred at most', async () => {
  await command(1, 'PENDING', 61);
  await command(2, 'PENDING', 50);
  await command(3, 'RUNNING', 300, 'noetl-worker-py-1');
  await command(4, 'CLAIMED', 300, 'noetl-worker-py-0');
  await command(5, 'COMPLETED', 300, 'noetl-worker-py-1');
  await command(6, 'PENDING', 300, null, '"9:step:8"');
  expect((await reapable(database.pool, database.schema)).sort()).toEqual(['1', '3']);
  for (let id = 100; id < 205; id++) await command(id, 'PENDING', 400);
  expect(await reapable(database.pool, database.schema)).toHaveLength(100);
});

test('workers come back in the same number under new names, the same ones for one seed', () => {
  const afterOutages = (seed: number) => {
    const slots = new WorkerSlots(seededRandom(seed));
    slots.kill();
    expect(slots.present).toEqual([]);
    slots.restart();
    const first = slots.present.map(({ name }) => name);
    slots.kill();
    slots.restart();
    return [...first, ...slots.present.map(({ name }) => name)];
  };
  const names = afterOutages(4);
  expect(names).toHaveLength(2 * LIVE_WORKERS.length);
  expect(new Set([...names, ...LIVE_WORKERS.map(({ name }) => name)]).size).toBe(3 * LIVE_WORKERS.length);
  expect(afterOutages(4)).toEqual(names);
  expect(afterOutages(5)).not.toEqual(names);
});

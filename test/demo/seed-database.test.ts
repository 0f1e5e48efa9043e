import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tellHistory } from '../../source/demo/engine/history.js';
import { seedDatabase } from '../../source/demo/seed-database.js';
import { createTestDatabase, type TestDatabase } from '../helpers/database.js';

const history = tellHistory(7, Date.UTC(2026, 6, 14, 9, 37, 12, 345));

describe('a history in the database', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
    const client = await database.pool.connect();
    await seedDatabase(client, database.schema, history);
    client.release();
  });
  afterAll(() => database.close());

  test('every row of the history is there and satisfies the real constraints', async () => {
    const { rows } = await database.pool.query<{ events: number; first: string }>(
      `SELECT count(*)::int AS events, to_char(min(created_at), 'YYYY-MM-DD"T"HH24:MI:SS.MS') AS first FROM noetl.event`,
    );
    expect(rows[0]!.events).toBe(history.records.length);
    expect(rows[0]!.first).toBe(history.records.map((record) => record.created_at).sort()[0]);
  });

  test('both stacks’ workers are registered, live ones and silent ones', async () => {
    const { rows } = await database.pool.query<{ stack: string; silent: boolean }>(
      `SELECT labels->>'stack' AS stack, heartbeat < now() - interval '90 s' AS silent FROM noetl.runtime
        WHERE kind = 'worker_pool'`,
    );
    for (const stack of ['rust', 'python'])
      for (const silent of [true, false]) expect(rows).toContainEqual({ stack, silent });
  });
});

import { afterAll, beforeAll, expect, test } from 'vitest';
import { LOCK_EXECUTION } from '../../source/demo/engine/event-log.js';
import { lockExecutions } from '../../source/store/cancellations/append.js';
import { createTestDatabase, type TestDatabase } from '../helpers/database.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ empty: true });
});
afterAll(() => database.close());

test.each(['1', '543857931469455628', '9223372036854775807'])(
  "the demo locks %s as the console's cancel does",
  async (id) => {
    const heldBy = async (text: string, values: unknown[]) => {
      const client = await database.pool.connect();
      await client.query('BEGIN');
      await client.query(text, values);
      const { rows } = await client.query(
        `SELECT classid, objid, objsubid, mode FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()`,
      );
      await client.query('ROLLBACK');
      client.release();
      return rows;
    };
    const { text, values } = lockExecutions([id]);
    const held = await heldBy(LOCK_EXECUTION, [id]);
    expect(held).toHaveLength(1);
    expect(held).toEqual(await heldBy(text, [...values]));
  },
);

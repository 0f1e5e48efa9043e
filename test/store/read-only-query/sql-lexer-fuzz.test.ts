import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.js';
import { compareReadings, SQL_PIECE } from '../../helpers/sql-reading.js';

/** NOETL_CONSOLE_FUZZ_RUNS makes it long; the seed is printed by fast-check when a property fails. */
const RUNS = Number(process.env.NOETL_CONSOLE_FUZZ_RUNS ?? 1500);

let db: TestDatabase;
let client: pg.Client;
beforeAll(async () => {
  db = await createTestDatabase({ empty: true });
  client = new pg.Client({ connectionString: db.url });
  await client.connect();
  await client.query('SET standard_conforming_strings = on');
});
afterAll(async () => {
  await client?.end();
  await db?.close();
});

it('the server calls nothing that the lexer did not see, and reads the rewritten text the same', async () => {
  let [ran, called] = [0, 0];
  await fc.assert(
    fc.asyncProperty(fc.array(SQL_PIECE, { minLength: 1, maxLength: 9 }), async (pieces) => {
      const seen = await compareReadings(client, `SELECT ${pieces.join('')}`);
      expect(seen.problem).toBeNull();
      if (seen.ran) ran += 1;
      if (seen.called) called += 1;
    }),
    { numRuns: RUNS },
  );
  // Else it would prove nothing.
  expect(Math.min(ran, called)).toBeGreaterThan(RUNS / 200);
}, 120_000);

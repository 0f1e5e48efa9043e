import { readFileSync } from 'node:fs';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openPostgresEventStore } from '../../../source/store/postgres-event-store.js';
import { createTestDatabase, type TestDatabase, writeEvents } from '../../helpers/database.js';
import { settingsOf } from '../../helpers/store.js';

const ID = '632110245082301156';
let db: TestDatabase;
/** The document's roles under names of this run's own: roles belong to the server, not to the database. */
const suffix = Math.random().toString(36).slice(2, 8);
const [operator, query, ada] = [`noetl_operator_${suffix}`, `noetl_query_${suffix}`, `ada_${suffix}`];

beforeAll(async () => {
  db = await createTestDatabase();
  await writeEvents(db.pool, [{ execution_id: ID, event_type: 'playbook_started' }]);
  const [, sql] = /```sql\n([\s\S]*?)```/.exec(readFileSync('docs/security.md', 'utf8')) ?? [];
  await db.pool.query(sql!.replaceAll('noetl_operator', operator).replaceAll('noetl_query', query));
  await db.pool.query(`CREATE ROLE ${ada} LOGIN PASSWORD ${pg.escapeLiteral('p')} IN ROLE ${operator}`);
});
afterAll(async () => {
  await db?.pool.query(`DROP OWNED BY ${ada}, ${operator}, ${query}; DROP ROLE ${ada}, ${operator}, ${query}`);
  await db?.close();
});

it("the roles of docs/security.md are enough for a cancel and for query, and query's may not write", async () => {
  const store = openPostgresEventStore({ ...settingsOf(db.url), user: ada, password: 'p' });
  const role = { maxRows: 10, role: query };
  const may = `SELECT current_user, has_table_privilege('noetl.event', 'INSERT'), count(*) FROM noetl.event`;
  expect(await store.runReadOnly(may, role)).toMatchObject({ rows: [[query, 'f', '1']], risks: [] });
  const request = { reason: null, cancelledBy: 'ada', cascade: false, batchId: 'b', source: 'test' };
  const target = {
    executionId: ID,
    rootId: ID,
    parentExecutionId: null,
    stack: null,
    layout: 'database',
    path: null,
    depth: 0,
  } as const;
  expect(await store.appendCancellations([target], request)).toMatchObject([{ kind: 'appended', executionId: ID }]);
  expect((await store.executionsById([ID])).executions[0]?.status).toBe('CANCELLED');
  await store.close();
});

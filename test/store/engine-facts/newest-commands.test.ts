import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { snowflakeFloor } from '../../../source/domain/snowflake.js';
import { tablesIn } from '../../../source/store/connection/tables.js';
import { newestCommands } from '../../../source/store/engine-facts.js';
import type { EventStore } from '../../../source/store/event-store.js';
import { createTestDatabase, nextIdAt, type TestDatabase, writeEvents } from '../../helpers/database.js';
import { emptyTables } from '../../helpers/empty-tables.js';
import { openStore } from '../../helpers/store.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

interface CommandRow {
  readonly execution: string;
  readonly ago: number;
  readonly event?: string | null;
  readonly step?: string;
  readonly layout?: 'database' | 'rust';
}

let db: TestDatabase;
let store: EventStore;
let sequence = 0n;
beforeAll(async () => {
  db = await createTestDatabase();
  store = openStore(db.url);
});
afterEach(() => emptyTables(db.pool, 'command', 'event'));
afterAll(async () => {
  await store?.close();
  await db?.close();
});

/** Writes rows as a server does; returns their executions. */
async function issue(...rows: readonly CommandRow[]): Promise<void> {
  for (const { execution, ago, event = null, step = 'load', layout = 'database' } of rows) {
    const id = snowflakeFloor(Date.now() - ago, layout) + (sequence++ % 4096n);
    await db.pool.query(
      `INSERT INTO noetl.command (command_id, execution_id, step_name, event_id, created_at)
        VALUES ($1, $2, $3, $4, now() - $5::float8 * interval '1 ms')`,
      [id.toString(), execution, step, event, ago],
    );
  }
}
const log = (execution_id: string, ago: number, event_type = 'command.issued') =>
  writeEvents(db.pool, [{ execution_id, event_type, node_name: 'load', created_at: Date.now() - ago }]);
const read = async () => {
  const found = await store.newestCommands();
  return found.kind === 'rows' ? found.rows.map(({ executionId, inLog }) => [executionId, inLog]) : found.why;
};

describe('the newest rows of noetl.command', () => {
  it('are in the log by the event that they name', async () => {
    const [a, b] = [nextIdAt(), nextIdAt()];
    // Written long before the row, so that nothing but its id can match.
    const [event] = await log(a, 20 * MINUTE);
    await log(b, 20 * MINUTE);
    await issue({ execution: a, ago: MINUTE, event: event! }, { execution: b, ago: 2 * MINUTE, event: '77' });
    expect(await read()).toEqual([
      [a, true],
      [b, false],
    ]);
  });

  it('are in the log where a newer `command.issued` of the execution is, whatever names the command has', async () => {
    const [a, b, c] = [nextIdAt(), nextIdAt(), nextIdAt()];
    await log(a, MINUTE + 3 * SECOND);
    await log(b, MINUTE + 9 * SECOND);
    await log(c, 0, 'command.claimed');
    await issue(...[a, b, c].map((execution, index) => ({ execution, ago: MINUTE + index * SECOND })));
    expect(await read()).toEqual([
      [a, true],
      [b, false],
      [c, false],
    ]);
  });

  it('are those of both stacks in the order of their times, without the drive of its own', async () => {
    const ids = [nextIdAt(), nextIdAt(), nextIdAt()] as const;
    await issue(
      { execution: ids[2], ago: 3 * MINUTE, layout: 'rust' },
      { execution: ids[0], ago: MINUTE, layout: 'rust' },
      { execution: ids[1], ago: 2 * MINUTE },
      { execution: ids[1], ago: 0, layout: 'rust', step: '__orchestrate__' },
      { execution: ids[0], ago: -SECOND, step: '__orchestrate__' },
    );
    expect(await read()).toEqual(ids.map((id) => [id, false]));
  });

  it('give their time in UTC whatever zone the database is set to', async () => {
    const zoned = await createTestDatabase({ timezone: 'America/New_York' });
    const there = openStore(zoned.url);
    try {
      const id = nextIdAt();
      await zoned.pool.query(`INSERT INTO noetl.command (command_id, execution_id, step_name) VALUES ($1, $2, 'a')`, [
        nextIdAt(),
        id,
      ]);
      await writeEvents(zoned.pool, [{ execution_id: id, event_type: 'command.issued' }]);
      const found = await there.newestCommands();
      expect(found).toMatchObject({ kind: 'rows', rows: [{ executionId: id, inLog: true }] });
      expect(Math.abs((found.kind === 'rows' ? (found.rows[0]?.at ?? 0) : 0) - Date.now())).toBeLessThan(MINUTE);
    } finally {
      await there.close();
      await zoned.close();
    }
  });

  it('are few, however many there are, and come through the index on command_id', async () => {
    await db.pool.query(
      `INSERT INTO noetl.command (command_id, execution_id, step_name, created_at)
        SELECT noetl.snowflake_id(), 600000000000000000 + n % 977, CASE WHEN n % 10 < 9 THEN '__orchestrate__' ELSE 's' END, now()
        FROM generate_series(1, 30000) n`,
    );
    await db.pool.query('ANALYZE noetl.command');
    const found = await store.newestCommands();
    expect(found.kind === 'rows' && found.rows.length).toBe(100);
    const { text, values } = newestCommands(tablesIn('noetl'));
    const { rows } = await db.pool.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${text}`, [...values]);
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    expect(plan).toContain('command_id_idx');
    expect(plan).not.toContain('Seq Scan');
  });

  it('are unknown, and no failure, without the table, its columns, or the right to read it', async () => {
    const poor = await createTestDatabase();
    const there = openStore(poor.url);
    const why = async () => {
      const found = await there.newestCommands();
      return found.kind === 'unknown' ? found.why : found.rows;
    };
    try {
      await poor.pool.query(`ALTER TABLE noetl.command DROP COLUMN event_id, DROP COLUMN created_at`);
      await poor.pool.query(`INSERT INTO noetl.command (command_id, execution_id, step_name) VALUES (5, 6, 'a')`);
      expect(await why()).toEqual([{ executionId: '6', at: null, inLog: false }]);
      await poor.pool.query(`ALTER TABLE noetl.command RENAME COLUMN step_name TO step`);
      expect(await why()).toMatch(/other columns/);
      await poor.pool.query(`ALTER TABLE noetl.command RENAME COLUMN step TO step_name`);
      const role = `poor_${nextIdAt()}`;
      await poor.pool.query(`CREATE ROLE ${role} LOGIN PASSWORD 'x'; GRANT USAGE ON SCHEMA noetl TO ${role};
        GRANT SELECT ON noetl.event, noetl.catalog TO ${role}`);
      const url = new URL(poor.url);
      url.username = role;
      url.password = 'x';
      const limited = openStore(url.href);
      try {
        expect(await limited.newestCommands()).toMatchObject({ kind: 'unknown', why: 'noetl.command may not be read' });
        expect(await limited.workers()).toBeNull();
      } finally {
        await limited.close();
        await poor.pool.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
      }
      // As older installs have it: `<execution>:<step>:<number>`.
      await poor.pool.query(`DROP TABLE noetl.command; CREATE TABLE noetl.command (command_id text, execution_id bigint,
        step_name text, created_at timestamptz DEFAULT now())`);
      expect(await why()).toMatch(/other columns/);
      await poor.pool.query('DROP TABLE noetl.command');
      expect(await why()).toBe('table noetl.command does not exist');
    } finally {
      await there.close();
      await poor.close();
    }
  });
});

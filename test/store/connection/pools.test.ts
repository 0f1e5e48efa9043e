import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Pools } from '../../../source/store/connection/pools.js';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.js';
import { settingsOf } from '../../helpers/store.js';

let db: TestDatabase;
let pools: Pools;
beforeAll(async () => {
  db = await createTestDatabase();
  pools = new Pools(settingsOf(db.url));
});
afterAll(async () => {
  await pools.close();
  await db.close();
});

const sql = (text: string, values: unknown[] = []) => ({ name: 'test', text, values });

describe('a transaction', () => {
  it('is ended by the server after its statement timeout', async () => {
    const slow = pools.read('acting', { timeoutMs: 50 }, (transaction) =>
      transaction.query(sql('SELECT pg_sleep(30)')),
    );
    await expect(slow).rejects.toMatchObject({ kind: 'timeout' });
  });

  it('can only read when it is a read', async () => {
    const write = pools.read('acting', { timeoutMs: 5000 }, (transaction) =>
      transaction.query(sql(`UPDATE noetl.catalog SET path = 'x'`)),
    );
    await expect(write).rejects.toMatchObject({ kind: 'read-only' });
  });

  it('writes nothing when something in it fails', async () => {
    const half = pools.write({ timeoutMs: 5000 }, async (transaction) => {
      await transaction.query(sql(`INSERT INTO noetl.resource (name) VALUES ('half-done')`));
      await transaction.query(sql('SELECT 1/0'));
    });
    await expect(half).rejects.toMatchObject({ kind: 'other' });
    const { rows } = await db.pool.query(`SELECT count(*)::int AS n FROM noetl.resource WHERE name = 'half-done'`);
    expect(rows[0].n).toBe(0);
  });

  it('is left at once when its signal aborts, and its connection is not used again', async () => {
    const stop = new AbortController();
    const pids: number[] = [];
    const slow = pools.read('polling', { timeoutMs: 30_000, signal: stop.signal }, async (transaction) => {
      const [row] = await transaction.query<{ pid: number }>(sql('SELECT pg_backend_pid() AS pid'));
      pids.push(row!.pid);
      setImmediate(() => stop.abort());
      await transaction.query(sql('SELECT pg_sleep(20)'));
    });
    await expect(slow).rejects.toMatchObject({ kind: 'aborted' });
    const next = await pools.read('polling', { timeoutMs: 5000 }, (transaction) =>
      transaction.query<{ pid: number }>(sql('SELECT pg_backend_pid() AS pid')),
    );
    expect(next[0]?.pid).not.toBe(pids[0]);
  });

  it('survives its connection being cut, and the next one works', async () => {
    const cut = pools.read('acting', { timeoutMs: 5000 }, (transaction) =>
      transaction.query(sql('SELECT pg_terminate_backend(pg_backend_pid())')),
    );
    await expect(cut).rejects.toMatchObject({ kind: 'unreachable', retryable: true });
    const next = await pools.read('acting', { timeoutMs: 5000 }, (transaction) =>
      transaction.query(sql('SELECT 1 AS one')),
    );
    expect(next).toEqual([{ one: 1 }]);
  });

  it('leaves connections for acting however many are polling', async () => {
    const stop = new AbortController();
    const polls = Array.from({ length: 10 }, () =>
      pools
        .read('polling', { timeoutMs: 30_000, signal: stop.signal }, (transaction) =>
          transaction.query(sql('SELECT pg_sleep(20)')),
        )
        .catch((error) => error.kind),
    );
    const acted = await pools.read('acting', { timeoutMs: 5000 }, (transaction) =>
      transaction.query(sql('SELECT 1 AS one')),
    );
    expect(acted).toEqual([{ one: 1 }]);
    stop.abort();
    await Promise.all(polls);
  });
});

it('a program that ends with its answers reads over one connection, and writes over one each', async () => {
  const brief = new Pools({ ...settingsOf(db.url), isBrief: true });
  const mine = () => [{ ...sql('SELECT pg_backend_pid() AS pid, pg_sleep(0.1)'), row: { pid: 0 } }] as const;
  const pids = async (asked: readonly Promise<[{ pid: number }[]]>[]) =>
    new Set((await Promise.all(asked)).map(([[row]]) => row?.pid)).size;
  const options = { timeoutMs: 5000 };
  expect(await pids([1, 2, 3].map(() => brief.readAtOnce('acting', options, mine())))).toBe(1);
  expect(await pids([1, 2, 3].map(() => brief.writeAtOnce(options, mine())))).toBe(3);
  await brief.close();
});

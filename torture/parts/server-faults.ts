import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { createTestDatabase } from '../../test/helpers/database.js';
import { eventually } from '../../test/helpers/eventually.js';
import { FaultProxy } from '../../test/helpers/fault-proxy.js';
import { cancelUnder, sameAgain, type UnderFault } from '../cancel-under.js';
import { OwnServer } from '../own-server.js';
import type { Tally } from '../tally.js';
import type { TortureContext, TorturePart } from '../types.js';

/** So few that the program can use them up alone. */
const FEW_CONNECTIONS = 8;
/** The program's connections that wait for a lock. */
const WAITING = `FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name = 'noetl-console'
  AND datname = current_database()`;

/** The server itself fails. */
export const serverFaults: TorturePart = {
  name: 'server',
  what: 'restarts in mid-batch, locked tables, statements and sessions ended by the server, no connection left, read-only by default',
  run: async (context, tally) => {
    const db = await createTestDatabase();
    try {
      const under: UnderFault = { context, tally, db, url: db.url };
      await readOnly(under);
      for (let round = 0; round < context.times(6, 1); round++) {
        await lockWait(under, 'LOCK TABLE noetl.event IN ACCESS EXCLUSIVE MODE', null);
        await lockWait(under, 'LOCK TABLE noetl.event IN SHARE MODE', 'pg_cancel_backend');
        await lockWait(under, 'LOCK TABLE noetl.event IN SHARE MODE', 'pg_terminate_backend');
      }
    } finally {
      await db.close();
    }
    await restarts(context, tally);
    await exhaustion(context, tally);
  },
};

/** As an administrator makes a role, or a whole database, read-only. */
async function readOnly(given: UnderFault): Promise<void> {
  const { db, tally } = given;
  const role = `reader_${randomBytes(6).toString('hex')}`;
  await db.pool.query(`CREATE ROLE ${role} LOGIN SUPERUSER PASSWORD 'p'`);
  try {
    await db.pool.query(`ALTER ROLE ${role} SET default_transaction_read_only = on`);
    const url = new URL(given.url);
    url.username = role;
    url.password = 'p';
    const attacked = await cancelUnder({ ...given, url: url.href }, 'read-only by default');
    const { outcome, cancelled } = attacked;
    const clear = outcome.code === 1 && /read-only/.test(outcome.stderr);
    tally.expect(clear, 'broken', () => `read-only by default: exit ${outcome.code} ${outcome.stderr}`);
    tally.expect(cancelled.length === 0, 'broken', () => 'read-only by default: something was written');
    tally.did('cancels where transactions are read-only by default');
    await sameAgain(given, 'read-only by default', attacked);
  } finally {
    await db.pool.query(`DROP ROLE ${role}`);
  }
}

/** The table is locked until the program has waited for it a while; it may be ended from outside meanwhile. */
async function lockWait(under: UnderFault, lock: string, end: string | null): Promise<void> {
  const { db, tally } = under;
  const holder = new pg.Client({ connectionString: under.url });
  await holder.connect();
  let released: Promise<unknown> = Promise.resolve();
  const what = `${lock}${end ? ` and ${end}` : ''}`;
  const attacked = await cancelUnder(under, what, {
    onStart: async () => {
      await holder.query(`BEGIN; ${lock}`);
      released = (async () => {
        const waiting = async () => (await db.pool.query(`SELECT pid ${WAITING}`)).rowCount ?? 0;
        const met = await eventually(waiting, (count) => count > 0, 30_000).catch(() => 0);
        tally.expect(met > 0, 'broken', () => `${what}: never came to wait for the lock`);
        if (end) await db.pool.query(`SELECT ${end}(pid) ${WAITING}`);
        await delay(300);
        await holder.query('COMMIT');
        await holder.end();
      })();
    },
  });
  await released;
  const { outcome } = attacked;
  tally.expect(outcome.code === 0, 'broken', () => `${what}: exit ${outcome.code} ${outcome.stderr}`);
  tally.did(end === null ? 'waits for a lock' : `runs with ${end}`);
  await sameAgain(under, what, attacked);
}

/** A server of its own that stops and starts again while a batch is being written. */
async function restarts(context: TortureContext, tally: Tally): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'noetl-torture-'));
  // PostgreSQL runs as another user where this one is root.
  chmodSync(directory, 0o755);
  const own = new OwnServer({ directory });
  const proxy = await FaultProxy.before(await own.start());
  try {
    const under: UnderFault = { context, tally, db: own, url: proxy.url };
    for (let round = 0; round < context.times(6, 1); round++) {
      const at = ['COMMIT', 'INSERT INTO', 'pg_advisory_xact_lock'][round % 3] ?? '';
      const writing = new Set<number>();
      let restarted: Promise<void> | null = null;
      proxy.follow(({ text, connection }) => {
        if (text.includes('pg_advisory_xact_lock')) writing.add(connection);
        if (restarted || !text.includes(at) || !writing.has(connection)) return null;
        restarted = own.restart().then((url) => proxy.retarget(url));
        return null;
      });
      const what = `restart at ${at}`;
      const attacked = await cancelUnder(under, what, { settle: async () => restarted });
      tally.expect(restarted !== null, 'broken', () => `${what}: never came to it`);
      tally.did('restarts in mid-batch');
      proxy.follow(() => null);
      await sameAgain(under, what, attacked);
    }
  } finally {
    await proxy.close();
    await own.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Every connection that the server has is taken: by others for good, by others for a moment, by cancellers at once. */
async function exhaustion(context: TortureContext, tally: Tally): Promise<void> {
  const own = new OwnServer({
    inMemory: true,
    settings: { max_connections: String(FEW_CONNECTIONS), superuser_reserved_connections: '0', autovacuum: 'off' },
  });
  const url = await own.start();
  try {
    const under: UnderFault = { context, tally, db: own, url };
    for (let round = 0; round < context.times(3, 1); round++) {
      const full = await takeAll(url, own);
      const refused = await cancelUnder(under, 'no connection left', { settle: () => full.release() });
      const { outcome, cancelled } = refused;
      const clear = outcome.code === 1 && /connection|slots|clients/.test(outcome.stderr) && cancelled.length === 0;
      tally.expect(clear, 'broken', () => `no connection left: exit ${outcome.code} ${outcome.stderr}`);
      await sameAgain(under, 'no connection left', refused);
      tally.did('cancels without any connection left');
      const attacked = await Promise.all(
        Array.from({ length: context.times(12, 4) }, (_, each) => cancelUnder(under, `one of many: ${each}`)),
      );
      for (const each of attacked) await sameAgain(under, 'one of many', each);
      tally.did(`cancels at once with ${FEW_CONNECTIONS} connections`, attacked.length);
    }
  } finally {
    await own.stop();
  }
}

/** Takes what is free, but for the one over which the truth is asked. */
async function takeAll(url: string, own: OwnServer): Promise<{ release(): Promise<unknown> }> {
  const taken: pg.Client[] = [];
  // Connected first: of what is taken afterwards none may be given back, or the program gets in.
  await own.pool.query('SELECT 1');
  // Connections of the round before may still be ending: what they free is taken too.
  for (let refusals = 0; ; ) {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => {});
    try {
      await client.connect();
      taken.push(client);
    } catch {
      refusals += 1;
      if (refusals < 5) {
        await new Promise((resolve) => setTimeout(resolve, 200));
        continue;
      }
      return { release: () => Promise.all(taken.map((each) => each.end())) };
    }
  }
}

import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { type EmbeddedServer, startEmbeddedServer } from '../source/demo/embedded-server.js';
import { schemaSql } from '../source/demo/schema.js';

const DATABASE = 'noetl';
const PRIMARY = { wal_level: 'replica', max_wal_senders: '4', wal_keep_size: '256MB' };

/** A primary and a hot standby that follows it. */
export interface Replicated {
  readonly primary: pg.Pool;
  readonly standbyUrl: string;
  /** Resolves when the standby has everything that the primary has committed. */
  caughtUp(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Makes a hot standby from a base backup: the embedded server's package has no pg_basebackup, so this does what that
 * program does, a copy of the files between pg_backup_start and pg_backup_stop.
 */
export async function startReplicated(): Promise<Replicated> {
  const folder = mkdtempSync(join(tmpdir(), 'noetl-standby-'));
  // PostgreSQL runs as another user where this one is root.
  chmodSync(folder, 0o755);
  const [first, second] = [join(folder, 'primary'), join(folder, 'standby')];
  const servers: EmbeddedServer[] = [];
  const pools: pg.Pool[] = [];
  const close = async () => {
    await Promise.allSettled(pools.map((pool) => pool.end()));
    for (const server of servers.reverse()) await server.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  const poolOf = (connectionString: string) => {
    const pool = new pg.Pool({ connectionString, max: 2 });
    pool.on('error', () => {});
    pools.push(pool);
    return pool;
  };
  try {
    const primaryServer = await startEmbeddedServer({ directory: first, settings: PRIMARY });
    servers.push(primaryServer);
    await poolOf(primaryServer.url).query(`CREATE DATABASE ${DATABASE}`);
    const primary = poolOf(primaryServer.urlFor(DATABASE));
    await primary.query(schemaSql({}));
    await baseBackup(primary, first, second, primaryServer);
    const standbyServer = await startEmbeddedServer({ directory: second, settings: PRIMARY });
    servers.push(standbyServer);
    const standbyUrl = standbyServer.urlFor(DATABASE);
    const standby = poolOf(standbyUrl);
    return { primary, standbyUrl, caughtUp: () => caughtUp(primary, standby), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function baseBackup(primary: pg.Pool, from: string, to: string, server: EmbeddedServer): Promise<void> {
  const client = await primary.connect();
  try {
    await client.query("SELECT pg_backup_start('standby', true)");
    mkdirSync(to, { mode: 0o755 });
    execFileSync('cp', ['-a', join(from, 'data'), join(from, 'password'), to]);
    const { rows } = await client.query<{ labelfile: string }>('SELECT labelfile FROM pg_backup_stop(false)');
    const data = join(to, 'data');
    for (const name of ['postmaster.pid', 'postmaster.opts']) rmSync(join(data, name), { force: true });
    writeFileSync(join(data, 'backup_label'), rows[0]?.labelfile ?? '');
    writeFileSync(join(data, 'standby.signal'), '');
    const { username, password, port } = new URL(server.url);
    const conninfo = `host=127.0.0.1 port=${port} user=${username} password=${decodeURIComponent(password)}`;
    appendFileSync(join(data, 'postgresql.auto.conf'), `primary_conninfo = '${conninfo}'\n`);
    execFileSync('chown', ['-R', '--reference', join(from, 'data'), data]);
  } finally {
    client.release();
  }
}

async function caughtUp(primary: pg.Pool, standby: pg.Pool): Promise<void> {
  // The server commits before it flushes: what was written last may not be part of the flushed log yet.
  await primary.query('CHECKPOINT');
  const { rows } = await primary.query<{ lsn: string }>('SELECT pg_current_wal_flush_lsn()::text AS lsn');
  const deadline = Date.now() + 30_000;
  for (;;) {
    const replayed = await standby.query<{ done: boolean | null }>(
      'SELECT pg_last_wal_replay_lsn() >= $1::pg_lsn AS done',
      [rows[0]?.lsn],
    );
    if (replayed.rows[0]?.done) return;
    if (Date.now() > deadline) throw new Error('the standby does not follow the primary');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

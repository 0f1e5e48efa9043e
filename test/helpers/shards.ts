import type { SnowflakeLayout } from '../../source/domain/snowflake.js';
import type { EventStore } from '../../source/store/event-store.js';
import { openShardedEventStore, type ShardedSettings } from '../../source/store/shards/sharded-event-store.js';
import { shardOf } from '../../source/store/shards/xxhash64.js';
import { createTestDatabase, nextIdAt, type TestDatabase } from './database.js';
import { FaultProxy } from './fault-proxy.js';
import { settingsOf } from './store.js';

/** One database and a sharded installation that holds the same executions: what the first answers, the second must. */
export interface ShardedInstallation {
  /** The same rows in one database. */
  readonly whole: TestDatabase;
  readonly shards: readonly TestDatabase[];
  /** Holds catalog and runtime; the shards' own catalogs are empty. */
  readonly cluster: TestDatabase;
  /** Before each shard, to take it away. */
  readonly proxies: readonly FaultProxy[];
  readonly settings: ShardedSettings;
  /** As NOETL_SHARDS and NOETL_CLUSTER_DSN name them. */
  readonly environment: { readonly NOETL_SHARDS: string; readonly NOETL_CLUSTER_DSN: string };
  open(): EventStore;
  /** Puts what the one database holds on the shards, each execution on its own. */
  spread(): Promise<void>;
  /** The database that an execution's rows are in. */
  homeOf(id: string): TestDatabase;
  /** An id of that time which belongs on a shard. */
  idOn(shard: number, at: number, layout?: SnowflakeLayout): string;
  close(): Promise<void>;
}

/** Six databases with 17 partitions each take long to make, and each new connection long to know. */
const RANGES = 2;

/** A shard that hangs is waited for so long, instead of ten seconds. */
const CONNECT_TIMEOUT_MS = 2_000;

export async function createShards(count = 4): Promise<ShardedInstallation> {
  const [whole, cluster, ...shards] = (await Promise.all(
    Array.from({ length: count + 2 }, () => createTestDatabase({ ranges: RANGES })),
  )) as [TestDatabase, TestDatabase, ...TestDatabase[]];
  // The catalog is in another database there, so nothing on a shard can refer to it.
  for (const shard of shards) await shard.pool.query(await dropReferences(shard));
  const proxies = await Promise.all(shards.map(({ url }) => FaultProxy.before(url)));
  const patient = (url: string) => ({ ...settingsOf(url), connectTimeoutMs: CONNECT_TIMEOUT_MS });
  const settings = { shards: proxies.map(({ url }) => patient(url)), cluster: patient(cluster.url) };
  const dsn = ({ host, port, user, password, database }: ReturnType<typeof settingsOf>) =>
    `host=${host};port=${port};user=${user};password=${password ?? ''};database=${database}`;
  return {
    whole,
    shards,
    cluster,
    proxies,
    settings,
    environment: { NOETL_SHARDS: settings.shards.map(dsn).join(','), NOETL_CLUSTER_DSN: dsn(settings.cluster) },
    open: () => openShardedEventStore(settings),
    homeOf: (id) => shards[shardOf(id, count)]!,
    idOn(shard, at, layout) {
      for (;;) {
        const id = nextIdAt(at, layout);
        if (shardOf(id, count) === shard) return id;
      }
    },
    async spread() {
      const spreadTable = async (table: string, targets: readonly TestDatabase[], homeAt: (id: string) => number) => {
        const rows = await rowsOf(whole, table);
        const refill = async (target: TestDatabase, at: number) => {
          await target.pool.query(`DELETE FROM noetl.${table}`);
          const own = rows.filter(({ execution_id }) => homeAt(execution_id ?? '') === at);
          if (own.length > 0) await insert(target, table, own);
        };
        await Promise.all(targets.map(refill));
      };
      const byId = (id: string) => shardOf(id, count);
      await Promise.all([
        ...['event', 'command'].map((table) => spreadTable(table, shards, byId)),
        ...['catalog', 'runtime'].map((table) => spreadTable(table, [cluster], () => 0)),
      ]);
    },
    async close() {
      await Promise.all(proxies.map((proxy) => proxy.close()));
      await Promise.all([whole, cluster, ...shards].map((database) => database.close()));
    },
  };
}

async function dropReferences({ pool }: TestDatabase): Promise<string> {
  const { rows } = await pool.query<{ drop: string }>(
    `SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS drop
      FROM pg_constraint WHERE contype = 'f' AND conparentid = 0 AND conrelid = 'noetl.event'::regclass`,
  );
  return rows.map((row) => row.drop).join(';');
}

/** As text, so that no 64-bit id becomes a number. */
async function rowsOf({ pool }: TestDatabase, table: string): Promise<{ row: string; execution_id: string | null }[]> {
  const { rows } = await pool.query<{ row: string; execution_id: string | null }>(
    `SELECT to_jsonb(t)::text AS row, to_jsonb(t)->>'execution_id' AS execution_id FROM noetl.${table} t`,
  );
  return rows;
}

async function insert({ pool }: TestDatabase, table: string, rows: readonly { row: string }[]): Promise<void> {
  await pool.query(
    `INSERT INTO noetl.${table} SELECT * FROM jsonb_populate_recordset(NULL::noetl.${table}, $1::jsonb)`,
    [`[${rows.map(({ row }) => row).join(',')}]`],
  );
}

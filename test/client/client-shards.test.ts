import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClientOptions, ConfigurationError, type NoetlClient, openClient } from '../../source/client.js';
import { writeEvents } from '../helpers/database.js';
import { createShards, type ShardedInstallation } from '../helpers/shards.js';

const MINUTE = 60_000;
let installation: ShardedInstallation;
/** A root on shard 0 with a child on each shard. */
let [root, near, far]: string[] = [];

beforeAll(async () => {
  installation = await createShards(2);
  const execution = async (shard: number, parent: string | null) => {
    const created_at = Date.now() - 20 * MINUTE;
    const id = installation.idOn(shard, created_at, 'rust');
    const rest = { execution_id: id, created_at, path: 'etl/load' };
    await writeEvents(installation.whole.pool, [
      { ...rest, event_type: 'playbook_started', parent_execution_id: parent },
      { ...rest, event_type: 'command.issued', node_name: 'load', meta: { command_id: `${id}:load` } },
    ]);
    return id;
  };
  root = await execution(0, null);
  near = await execution(0, root);
  far = await execution(1, root);
  await installation.spread();
}, 60_000);
afterAll(() => installation?.close());

async function withClient<T>(options: ClientOptions, use: (client: NoetlClient) => Promise<T>): Promise<T> {
  const client = openClient({ as: 'ada@console', ...options });
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}

const cancelsOn = async (shard: number) =>
  (
    await installation.shards[shard]!.pool.query(
      "SELECT execution_id::text FROM noetl.event WHERE event_type = 'execution.cancelled' ORDER BY 1",
    )
  ).rows.map(({ execution_id }) => execution_id);

describe('a client over two shards', () => {
  const grammar = () => ({
    shards: installation.environment.NOETL_SHARDS,
    cluster: installation.environment.NOETL_CLUSTER_DSN,
  });
  const urls = () => ({ shards: installation.proxies.map(({ url }) => url), cluster: installation.cluster.url });

  it.each([
    ['as in NOETL_SHARDS', grammar],
    ['as URLs', urls],
  ])('answers as one installation, with paths of the cluster: shards %s', (_, shards) =>
    withClient(shards(), async (client) => {
      expect(client.connection.shards).toBe(2);
      const { executions } = await client.list();
      expect(executions.map(({ executionId }) => executionId).toSorted()).toEqual([root, near, far].toSorted());
      expect(executions.map(({ path }) => path)).toEqual(Array(3).fill('etl/load'));
      expect((await client.tree(root!))?.nodes.size).toBe(3);
      expect((await client.stale()).stale).toHaveLength(3);
      expect(client.gaps()).toEqual([]);
    }),
  );

  it('says which shard is away, calls nothing safe, and writes nothing in the name of what lies there', async () => {
    installation.proxies[1]!.cut();
    try {
      await withClient(grammar(), async (client) => {
        const { executions } = await client.list();
        expect(executions.map(({ executionId }) => executionId).toSorted()).toEqual([root, near].toSorted());
        expect(client.gaps()).toMatchObject([{ shard: 1 }]);
        expect((await client.stale()).stale.map(({ diagnosis }) => diagnosis.safe)).toEqual([false, false]);
        await expect(client.describe(far!)).rejects.toMatchObject({ name: 'StoreError' });
        const report = await client.cancel([far!]);
        expect(report.outcomes).toMatchObject([{ kind: 'failed', message: expect.stringMatching(/^shard 1 /) }]);
        expect(report.plan.unread).toMatchObject([{ executionId: far }]);
      });
    } finally {
      installation.proxies[1]!.restore();
    }
    expect(await cancelsOn(1)).toEqual([]);
  });

  it('is read-only on every shard where it is so asked, and else cancels a tree across them', async () => {
    const refused = withClient({ ...grammar(), readOnly: true }, (client) => client.cancel([far!]));
    await expect(refused).rejects.toMatchObject({ kind: 'writes-disabled' });
    await withClient(urls(), async (client) => {
      const report = await client.cancel([root!], { cascade: true, reason: 'over both' });
      expect(report.outcomes.map(({ kind }) => kind)).toEqual(Array(3).fill('cancelled'));
    });
    expect(await cancelsOn(0)).toEqual([root, near].toSorted());
    expect(await cancelsOn(1)).toEqual([far]);
  });
});

describe('shards that cannot be used as they are given', () => {
  it.each<[string, ClientOptions, RegExp]>([
    ['with a database', { shards: 'host=a;database=d', databaseUrl: 'postgres://h/d' }, /not databaseUrl and shards/],
    ['a cluster alone', { databaseUrl: 'postgres://h/d', cluster: 'host=a;database=d' }, /^cluster needs shards/],
    ['none', { shards: [] }, /^shards names no database/],
    ['one twice', { shards: ['postgres://h/d', 'postgres://h/d'] }, /shards 0 and 1 are the same database/],
    ['an unknown key', { shards: 'hots=a;database=d' }, /^shards, shard 0, .*did you mean host/],
    ['no URL', { shards: ['postgres://h/d', 'h2'] }, /^shards, shard 1 is not a PostgreSQL URL/],
    ['two clusters', { shards: 'host=a;database=d', cluster: 'host=a;database=d,host=b;database=d' }, /^cluster names/],
  ])('are refused: %s', (_, options, message) => {
    expect(() => openClient(options)).toThrow(ConfigurationError);
    expect(() => openClient(options)).toThrow(message);
  });
});

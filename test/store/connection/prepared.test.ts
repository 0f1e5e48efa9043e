import type { Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Pools } from '../../../source/store/connection/pools.js';
import type { ConnectionSettings } from '../../../source/store/connection/settings.js';
import { tablesIn } from '../../../source/store/connection/tables.js';
import { childrenOf } from '../../../source/store/tree/search.js';
import { createTestDatabase, type TestDatabase, writeEvents } from '../../helpers/database.js';
import { hasPgBouncer, pgBouncer } from '../../helpers/pgbouncer.js';
import { type ProxyServer, proxyServer } from '../../helpers/proxy-server.js';
import { settingsOf } from '../../helpers/store.js';

const ONE_OF_EACH = { polling: 1, acting: 1, checking: 1 };
const BOUNDS = { timeoutMs: 5_000, byIndex: true };
const tables = tablesIn('noetl');
const closing: (() => Promise<unknown>)[] = [];

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
  await writeEvents(db.pool, [
    { execution_id: '1000', event_type: 'playbook.initialized' },
    { execution_id: '1001', event_type: 'playbook.initialized', parent_execution_id: '1000' },
  ]);
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
afterAll(() => db.close());

function poolsOf(settings: ConnectionSettings): Pools {
  const pools = new Pools(settings, ONE_OF_EACH);
  closing.push(() => pools.close());
  return pools;
}

/** Asks eight times, one after the other; answers what the connection has prepared then. */
async function preparedAfterEight(pools: Pools): Promise<string[]> {
  for (let time = 0; time < 8; time++) {
    const [children] = await pools.readAtOnce('acting', BOUNDS, [childrenOf(tables, ['1000'], 10)]);
    expect(children).toEqual([{ parent: '1000', child: '1001' }]);
  }
  const prepared = { name: 'prepared', text: 'SELECT name FROM pg_prepared_statements ORDER BY name', values: [] };
  const [rows] = await pools.readAtOnce('acting', BOUNDS, [prepared]);
  return (rows as { name: string }[]).map(({ name }) => name);
}

/** As a pooler does it: the process that is named to the client is not the one that answers. */
async function renamingProxy(): Promise<ProxyServer> {
  const proxy = await proxyServer(db.url);
  closing.push(() => proxy.close());
  proxy.server.on('connection', (client: Socket) => {
    const server = proxy.dial();
    client.on('error', () => server.destroy()).pipe(server);
    server.on('error', () => client.destroy());
    server.on('data', (bytes) => {
      // BackendKeyData: K, a length of 12, the process, its secret.
      const at = bytes.indexOf(Buffer.from([0x4b, 0, 0, 0, 12]));
      if (at >= 0) bytes.writeInt32BE((bytes.readInt32BE(at + 5) % 1_000_000) + 1, at + 5);
      client.write(bytes);
    });
  });
  return proxy;
}

describe('a statement whose plan may be kept', () => {
  it('is prepared once on a connection of its own', async () => {
    const [name, ...more] = await preparedAfterEight(poolsOf(settingsOf(db.url)));
    expect(name).toMatch(/^children-of-[0-9a-f]{16}$/);
    expect(more).toEqual([]);
  });

  it('is asked several times at once without being prepared twice', async () => {
    const pools = poolsOf(settingsOf(db.url));
    await preparedAfterEight(pools);
    const statement = childrenOf(tables, ['1000'], 10);
    const answers = await pools.readAtOnce('acting', BOUNDS, [statement, statement, statement]);
    expect(answers.map((rows) => rows.length)).toEqual([1, 1, 1]);
  });

  it('is not prepared by a command that asks once', async () => {
    expect(await preparedAfterEight(poolsOf({ ...settingsOf(db.url), isBrief: true }))).toEqual([]);
  });

  it('is not prepared where somebody else answers than was named', async () => {
    const { url } = await renamingProxy();
    expect(await preparedAfterEight(poolsOf(settingsOf(url)))).toEqual([]);
  });

  it.runIf(hasPgBouncer)('is not prepared behind PgBouncer in transaction mode', async () => {
    const bouncer = await pgBouncer(db.url, 2);
    closing.push(() => bouncer.close());
    const pools = [1, 2, 3, 4].map(() => poolsOf(settingsOf(bouncer.url)));
    const prepared = await Promise.all(pools.map((each) => preparedAfterEight(each)));
    expect(prepared).toEqual([[], [], [], []]);
  });
});

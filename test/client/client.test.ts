import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  CleanupBlocked,
  CleanupRefused,
  type ClientOptions,
  ConfigurationError,
  cancelResults,
  type NoetlClient,
  openClient,
  StoreError,
  UsageError,
} from '../../source/client.js';
import { createTestDatabase, nextIdAt, type TestDatabase, writeEvents } from '../helpers/database.js';
import { startNoetlServer } from '../helpers/noetl-server.js';
import { settingsOf } from '../helpers/store.js';
import { pythonRun } from '../noetl-server/stage.js';

const HOUR = 3_600_000;

let db: TestDatabase;
let client: NoetlClient;
beforeAll(async () => {
  db = await createTestDatabase();
  client = openClient({ databaseUrl: db.url, as: 'ada@console' });
  await db.pool.query(`INSERT INTO noetl.runtime (runtime_id, name, kind, status, heartbeat, created_at)
    VALUES (1, 'idle', 'worker_pool', 'ready', now(), now() - interval '1 hour')`);
});
afterAll(async () => {
  await client.close();
  await db.close();
});

/** An execution whose one command waits unclaimed; silent since its start. */
async function waiting(path: string, agoMs: number, parent: string | null = null): Promise<string> {
  const at = Date.now() - agoMs;
  const execution_id = nextIdAt(at);
  const own = { execution_id, path, parent_execution_id: parent };
  await writeEvents(db.pool, [
    { ...own, event_type: 'playbook_started', created_at: at },
    { ...own, event_type: 'command.issued', node_name: 'a', created_at: at + 1, meta: { command_id: `c${at}` } },
  ]);
  return execution_id;
}

const cancelsOf = async (id: string) =>
  (
    await db.pool.query(
      `SELECT meta->>'cancelled_by' AS who, meta->>'reason' AS reason, meta->>'source' AS source,
         meta->>'batch_id' AS batch FROM noetl.event WHERE execution_id = $1 AND event_type = 'execution.cancelled'`,
      [id],
    )
  ).rows;

describe('the client', () => {
  it('lists, draws and describes, and answers null for what does not exist', async () => {
    const root = await waiting('etl/load', 60_000);
    const child = await waiting('etl/part', 30_000, root);
    const old = await waiting('etl/old', 3 * HOUR);
    const ids = async (filter: Parameters<NoetlClient['list']>[0]) =>
      (await client.list(filter)).executions.map(({ executionId }) => executionId);
    expect(await ids({ path: 'etl/*', status: 'running' })).toEqual([child, root]);
    expect(await ids({ path: 'etl/*', status: 'stale' })).toEqual([old]);
    expect(await ids({ path: 'etl/*', limit: 1 })).toEqual([child]);
    expect(await ids({ parent: root })).toEqual([child]);
    expect(await ids({ filter: 'path:etl/* -path:*part age<1h' })).toEqual([root]);
    expect(await ids({ filter: 'why:never-claimed path:etl/*' })).toEqual([old]);
    expect(await ids({ path: 'etl/*', since: Date.now() - HOUR })).toEqual([child, root]);

    const tree = await client.tree(`0${root}`);
    expect([...(tree?.nodes.values() ?? [])].map(({ executionId, depth }) => [executionId, depth])).toEqual([
      [root, 0],
      [child, 1],
    ]);
    expect(await client.describe(child)).toMatchObject({
      status: 'RUNNING',
      step: 'a',
      parent: { executionId: root, path: 'etl/load' },
    });
    expect(await client.describe(old, { staleAfterMs: 4 * HOUR })).toMatchObject({
      status: 'RUNNING',
      diagnosis: null,
    });
    expect([await client.tree('1'), await client.describe('1')]).toEqual([null, null]);
  });

  it('plans with descendants, cancels under its name, and follows until all have stopped', async () => {
    const root = await waiting('tree/root', 60_000);
    const child = await waiting('tree/child', 30_000, root);
    const plan = await client.planCancel([root, root, '1'], { cascade: true });
    expect(plan).toMatchObject({ requested: [root, '1'], unknown: ['1'], cascade: true });
    expect(plan.targets.map(({ executionId }) => executionId)).toEqual([root, child]);
    expect(await cancelsOf(root)).toEqual([]);

    const seen: number[] = [];
    const report = await client.cancel(plan, { reason: ' loop ', onProgress: ({ done }) => seen.push(done) });
    expect(cancelResults(report)).toMatchObject([
      { executionId: root, kind: 'cancelled', cancelled: [root, child] },
      { executionId: '1', kind: 'unknown' },
    ]);
    expect(seen).toEqual([2]);
    const rows = [...(await cancelsOf(root)), ...(await cancelsOf(child))];
    expect(rows).toEqual(
      Array(2).fill({
        who: 'ada@console',
        reason: 'loop',
        source: expect.stringMatching(/^noetl-console\/\d/),
        batch: report.request.batchId,
      }),
    );
    const followed = await client.follow(report, { timeoutMs: 30_000 });
    expect(followed).toMatchObject({ allSettled: true });
    expect(followed.states.map(({ phase }) => phase)).toEqual(['stopped', 'stopped']);
    expect(await client.cancel([root])).toMatchObject({ outcomes: [], plan: { ended: [{ as: 'CANCELLED' }] } });
  });

  it('cancels ids without their descendants unless told otherwise', async () => {
    const root = await waiting('alone/root', 60_000);
    const child = await waiting('alone/child', 30_000, root);
    const report = await client.cancel([root]);
    expect(report.outcomes.map(({ executionId, kind }) => [executionId, kind])).toEqual([[root, 'cancelled']]);
    expect(report.request).toMatchObject({ cascade: false, reason: null });
    expect((await client.cancel([root], { cascade: true })).outcomes).toMatchObject([
      { kind: 'cancelled', executionId: child },
    ]);
  });

  it('finds a command that is driven again and again', async () => {
    const id = await waiting('loop/run', 60_000);
    await writeEvents(
      db.pool,
      Array.from({ length: 6 }, (_, index) => ({
        execution_id: id,
        path: 'loop/run',
        event_type: 'command.claimed',
        node_name: 'a',
        created_at: Date.now() - 10_000 + index,
        worker_id: 'elsewhere',
        meta: { command_id: 'again' },
      })),
    );
    const wanted = (execution: { executionId: string }) => execution.executionId === id;
    expect(await client.runaway({ wanted })).toMatchObject({
      examined: 1,
      found: [{ execution: { executionId: id }, runaway: { code: 're-driven' } }],
    });
    expect((await client.runaway({ wanted, thresholds: { minAttempts: 7 } })).found).toEqual([]);
  });
});

describe('a cleanup', () => {
  it('shows what it would do, does it at once or by its plan, and only to the wanted playbooks', async () => {
    const [first, second, other] = await Promise.all([
      waiting('night/a', 3 * HOUR),
      waiting('night/b', 2 * HOUR),
      waiting('day/c', 2 * HOUR),
    ]);
    expect(await client.conditions()).toMatchObject({ conditions: [], workers: { alive: 1 } });
    const { stale } = await client.stale();
    expect(stale.find(({ execution }) => execution.executionId === other)?.diagnosis).toMatchObject({
      code: 'never-claimed',
      safe: true,
    });
    expect((await client.stale({ olderThanMs: 10 * HOUR })).stale).toEqual([]);

    const plan = await client.planCleanup({ filter: 'path:night/*', limit: 1 });
    expect(plan.targets.map(({ execution }) => execution.executionId)).toEqual([first]);
    expect(plan.skipped).toMatchObject([{ executionId: second, why: 'over-limit' }]);
    expect(await cancelsOf(first)).toEqual([]);
    const report = await client.cleanup(plan);
    expect(report.cancelled).toEqual([{ executionId: first, code: 'never-claimed' }]);
    expect(await cancelsOf(first)).toMatchObject([{ reason: 'Cleanup stale execution', who: 'ada@console' }]);
    const rest = await client.cleanup({ filter: 'path:night/*' }, { reason: 'the rest', ratePerSecond: 100 });
    expect(rest.cancelled.map(({ executionId }) => executionId)).toEqual([second]);
    expect(await cancelsOf(second)).toMatchObject([{ reason: 'the rest' }]);
    expect(await cancelsOf(other)).toEqual([]);
  });

  it('is refused for a short threshold, and while no worker is alive unless that is overridden', async () => {
    const id = await waiting('outage/a', 2 * HOUR);
    await expect(client.planCleanup({ olderThanMs: 59_999 })).rejects.toThrow(CleanupRefused);
    await db.pool.query("UPDATE noetl.runtime SET heartbeat = now() - interval '1 hour'");
    try {
      expect(await client.planCleanup({ filter: 'path:outage/*' })).toMatchObject({
        refusedBy: [{ code: 'no-workers' }],
      });
      const refused = await client
        .cleanup({ filter: 'path:outage/*', include: ['never-claimed'] })
        .catch((error) => error);
      expect(refused).toBeInstanceOf(CleanupBlocked);
      expect(refused.conditions).toMatchObject([{ code: 'no-workers' }]);
      expect(await cancelsOf(id)).toEqual([]);
      const overridden = { filter: 'path:outage/*', include: ['never-claimed'], despite: ['no-workers'] } as const;
      expect((await client.cleanup(overridden)).cancelled).toMatchObject([{ executionId: id }]);
    } finally {
      await db.pool.query('UPDATE noetl.runtime SET heartbeat = now()');
    }
  });
});

describe('opening a client', () => {
  it('takes settings in place of a URL, another schema, and reads only where it is so asked', async () => {
    const id = await waiting('read/only', 60_000);
    const reader = openClient({ settings: settingsOf(db.url), readOnly: true });
    const elsewhere = openClient({ databaseUrl: db.url, schema: 'other' });
    try {
      expect(await reader.describe(id)).toMatchObject({ status: 'RUNNING' });
      await expect(reader.cancel([id])).rejects.toMatchObject({ name: 'StoreError', kind: 'writes-disabled' });
      expect(await cancelsOf(id)).toEqual([]);
      expect(elsewhere.connection).toMatchObject({ schema: 'other' });
      await expect(elsewhere.list()).rejects.toMatchObject({ kind: 'no-schema' });
    } finally {
      await Promise.all([reader.close(), elsewhere.close()]);
      await reader.close();
    }
  });

  it('cancels through a server, with its token', async () => {
    const server = await startNoetlServer({ kind: 'python', pool: db.pool, token: 's3cret' });
    const id = await pythonRun(db);
    const through = openClient({
      databaseUrl: db.url,
      server: { url: server.url, token: async () => 's3cret' },
    });
    try {
      const report = await through.cancel([id], { reason: 'by the server' });
      expect(report.outcomes).toMatchObject([{ kind: 'cancelled', via: 'api' }]);
      expect(server.calls()).toEqual([`POST /api/executions/${id}/cancel`]);
    } finally {
      await through.close();
      await server.close();
    }
  });

  it.each<[string, ClientOptions, RegExp]>([
    ['no database', {}, /one of databaseUrl, settings and shards: none is set/],
    [
      'two databases',
      { databaseUrl: 'postgres://a/b', settings: settingsOf('postgres://u:p@h:1/d') },
      /not databaseUrl and settings/,
    ],
    ['a URL of something else', { databaseUrl: 'mysql://h/d' }, /^databaseUrl is not a PostgreSQL URL/],
    ['an empty schema', { databaseUrl: 'postgres://h/d', schema: '' }, /^schema is not the name/],
    ['no URL of a server', { databaseUrl: 'postgres://h/d', server: 'noetl:8082' }, /^server /],
    ['a token that is none', { databaseUrl: 'postgres://h/d', server: { url: 'http://h', token: '' } }, /is empty/],
  ])('refuses %s', (_, options, message) => {
    expect(() => openClient(options)).toThrow(ConfigurationError);
    expect(() => openClient(options)).toThrow(message);
  });

  it('reports a database that is not there, without the password', async () => {
    const lost = openClient({ databaseUrl: 'postgres://u:hunter22@127.0.0.1:1/noetl' });
    const error = await lost.list().catch((caught: unknown) => caught as StoreError);
    await lost.close();
    expect(error).toBeInstanceOf(StoreError);
    expect(error).toMatchObject({ kind: 'unreachable', retryable: true });
    expect(JSON.stringify([String(error), lost.connection])).not.toContain('hunter22');
  });
});

describe('arguments that cannot be used', () => {
  // A program in JavaScript has no types that would keep these out.
  const as = <T>(value: unknown) => value as T;
  it.each<[string, () => Promise<unknown>]>([
    ['an id that is a number', () => client.cancel([as<string>(12)])],
    ['an id in place of a list', () => client.cancel(as<string[]>('543857931469455628'))],
    ['an id that is none', () => client.tree('-1')],
    ['an id beyond 64 bits', () => client.describe('9223372036854775808')],
    ['a reason of two lines', () => client.cancel(['1'], { reason: 'a\nb' })],
    ['no limit', () => client.list({ limit: 0 })],
    ['a filter with a mistake', () => client.list({ filter: 'age>soon' })],
    ['the same for a cleanup', () => client.planCleanup({ filter: 'status:' })],
    ['an unknown status', () => client.list({ status: as('aborted') })],
    ['a threshold that is not a number', () => client.stale({ olderThanMs: Number.NaN })],
    ['an endless wait', () => client.cancel([]).then((report) => client.follow(report, { timeoutMs: Infinity }))],
    ['a rate of 0, which would be none', () => client.cleanup({}, { ratePerSecond: 0 })],
    ['an unknown code', () => client.planCleanup({ include: [as('stuck')] })],
    ['an unknown condition', () => client.planCleanup({ despite: [as('all')] })],
  ])('are refused before anything is read: %s', async (_, call) => {
    const error = await call().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(UsageError);
  });

  it('an aborted signal ends every read, and a cancel before it has written anything', async () => {
    const id = await waiting('stop/now', 60_000);
    const plan = await client.planCancel([id]);
    const signal = AbortSignal.abort();
    const reads = [
      client.list({ signal }),
      client.list({ status: 'running', signal }),
      client.stale({ signal }),
      client.runaway({ signal }),
      client.tree(id, { signal }),
      client.describe(id, { signal }),
      client.planCancel([id], { signal }),
      client.planCleanup({ signal }),
      client.conditions({ signal }),
    ].map((read) => read.catch((error: unknown) => error));
    for (const error of await Promise.all(reads)) expect(error).toMatchObject({ name: 'StoreError', kind: 'aborted' });
    const report = await client.cancel(plan, { signal });
    expect(report).toMatchObject({ interrupted: true, outcomes: [{ executionId: id, kind: 'not-attempted' }] });
    expect(await cancelsOf(id)).toEqual([]);
  });

  it('a name that must not be written is refused at once', () => {
    expect(() => openClient({ databaseUrl: db.url, as: 'a\u0007b' })).toThrow(/^as must be a name/);
  });
});

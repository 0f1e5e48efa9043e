import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createApi } from '../../../source/http/api.js';
import { createServices } from '../../../source/service/use-cases.js';
import { writeEvents } from '../../helpers/database.js';
import { createShards, type ShardedInstallation } from '../../helpers/shards.js';
import { runInProcess } from '../helpers/in-process.js';
import { type BuiltProgram, buildProgram, runProgram } from '../helpers/program.js';

const MINUTE = 60_000;
const AWAY = 2;
let program: BuiltProgram;
let installation: ShardedInstallation;
/** A tree with one execution on each shard, its root on shard 0, and an execution beside it on the shard that goes away. */
let [root, child, away, other, alone]: string[] = [];

beforeAll(async () => {
  [program, installation] = await Promise.all([buildProgram(), createShards()]);
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
  child = await execution(1, root);
  away = await execution(AWAY, root);
  other = await execution(3, child);
  alone = await execution(AWAY, null);
  await installation.whole.pool.query(
    `INSERT INTO noetl.runtime (runtime_id, name, kind, status, heartbeat, created_at)
      VALUES (1, 'worker', 'worker_pool', 'ready', now() + interval '1 min', now() - interval '1 day')`,
  );
}, 60_000);
beforeEach(async () => {
  installation.proxies[AWAY]!.restore();
  await installation.spread();
}, 60_000);
afterAll(async () => {
  await installation?.close();
  await program?.remove();
});

const run = (argv: readonly string[], env: Record<string, string> = {}) =>
  runInProcess(argv, { env: { ...installation.environment, ...env } });
const lines = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('the program over four shards', () => {
  it('lists, queries, and cancels a tree that is on all of them', async () => {
    const listed = await run(['list', '--json']);
    expect(listed.code).toBe(0);
    expect(lines(listed.stdout).map(({ path }) => path)).toEqual(Array(5).fill('etl/load'));
    const counted = await run(['query', 'SELECT count(*) AS n FROM event', '--json']);
    expect(lines(counted.stdout)).toEqual(['2', '2', '4', '2'].map((n, shard) => ({ shard: String(shard), n })));
    const cancelled = await run(['cancel', root!, '--cascade', '--json']);
    expect(cancelled.code).toBe(0);
    expect(new Set(lines(cancelled.stdout)[0].cancelled_executions)).toEqual(new Set([root, child, away, other]));
  }, 60_000);

  it('doctor checks each, and finds a list in another order', async () => {
    const fine = await run(['doctor', '--json']);
    expect([fine.code, fine.stderr]).toEqual([0, expect.stringContaining('connection from NOETL_SHARDS: 4 shards')]);
    const connections = lines(fine.stdout).filter(({ name }) => name === 'connection');
    expect(connections.map(({ shard }) => shard)).toEqual(['shard 0', 'shard 1', 'shard 2', 'shard 3', 'cluster']);
    expect(lines(fine.stdout).find(({ name }) => name === 'routing')).toMatchObject({ level: 'ok' });
    const swapped = installation.environment.NOETL_SHARDS.split(',').reverse().join(',');
    const wrong = await run(['doctor'], { NOETL_SHARDS: swapped });
    expect(wrong.code).toBe(1);
    expect(wrong.stdout).toMatch(
      /✗ routing +5 of 5 executions are on another shard than their ids say: \d+ is on shard \d/,
    );
  }, 60_000);

  it('names the position of an error in the list', async () => {
    const { code, stdout, stderr } = await run(['list'], { NOETL_SHARDS: 'host=a;database=d,hots=b' });
    expect([code, stdout, stderr.trim()]).toEqual([
      2,
      '',
      'noetl-console: NOETL_SHARDS, shard 1, character 19: unknown key hots; did you mean host?',
    ]);
  });
});

describe('the program while one shard is away', () => {
  const GAP =
    /noetl-console: shard 2 \(127\.0\.0\.1:\d+\/test_\w+\) has not answered since 20\S+Z: cannot reach PostgreSQL/;
  beforeEach(() => installation.proxies[AWAY]!.cut());

  it('stale answers with the others, states the gap on standard error and in JSON, and exits 5', async () => {
    const { code, stdout, stderr } = await runProgram(program, ['stale', '--json'], { env: installation.environment });
    expect(code).toBe(5);
    expect(stderr).toMatch(/^! shard-down: shard 2 /m);
    expect(stderr).toMatch(GAP);
    const found = lines(stdout);
    expect(found.slice(0, -1).map((one) => one.execution_id)).toHaveLength(3);
    expect(found.slice(0, -1).every((one) => one.safe === false)).toBe(true);
    expect(found.at(-1)).toEqual({
      gap: { shard: 2, title: expect.any(String), since: expect.any(String), problem: expect.any(String) },
    });
  }, 60_000);

  it('a cancel does the rest: 5 where some was done, 1 where nothing was', async () => {
    const some = await run(['cancel', root!, alone!, '--cascade', '--json']);
    expect(some.code).toBe(5);
    const [done, not, gap] = lines(some.stdout);
    expect(new Set(done.cancelled_executions)).toEqual(new Set([root, child, other]));
    expect(done.sweep_problem).toMatch(/^shard 2 /);
    expect(not).toMatchObject({ status: 'error', execution_id: alone, code: 'failed' });
    expect(not.message).toMatch(/could not be cancelled: shard 2 .* has not answered since/);
    expect(gap).toHaveProperty('gap');
    const none = await run(['cancel', alone!]);
    expect([none.code, none.stdout]).toEqual([1, '']);
    expect(none.stderr).toMatch(/could not be cancelled: shard 2 /);
    expect(none.stderr).not.toMatch(/not found/);
  }, 60_000);

  it('an execution there is unread and not unknown', async () => {
    const [status, events, tree, cleanup, both] = await Promise.all([
      run(['status', alone!]),
      run(['events', alone!]),
      run(['tree', root!]),
      run(['cleanup']),
      run(['status', root!, alone!]),
    ]);
    expect([status.code, events.code, tree.code, cleanup.code, both.code]).toEqual([1, 1, 5, 7, 5]);
    expect(status.stderr).toMatch(/shard 2 .*cannot reach/);
    expect(events.stderr).toMatch(/shard 2 .*cannot reach/);
    expect(tree.stderr).toMatch(GAP);
    expect(cleanup.stderr).toMatch(/--despite shard-down/);
    expect(both.stderr).toMatch(new RegExp(`Execution ${alone} could not be read: shard 2 `));
  }, 60_000);

  it('the API serves the rest, and says so in its health, its headers and its metrics', async () => {
    const store = installation.open();
    const app = await createApi({ services: createServices(store), token: null, version: '0', logger: false });
    try {
      const listed = await app.inject('/api/executions?limit=10&status=running');
      const stale = await app.inject('/api/executions?limit=10&status=stale');
      expect([listed.statusCode, stale.json()]).toEqual([200, expect.objectContaining({ length: 3 })]);
      expect(stale.headers).toMatchObject({ 'x-noetl-missing-shards': '2', 'x-noetl-conditions': 'shard-down' });
      const health = await app.inject('/api/health');
      expect([health.statusCode, health.json()]).toMatchObject([
        200,
        { status: 'degraded', gaps: [{ shard: '2', kind: 'unreachable' }] },
      ]);
      expect(health.body).not.toContain('127.0.0.1');
      const metrics = (await app.inject('/metrics')).body;
      expect(metrics).toMatch(/^noetl_shard_up\{shard="2"\} 0$/m);
      expect(metrics).toMatch(/^noetl_shard_up\{shard="1"\} 1$/m);
      expect(metrics).toMatch(/^noetl_engine_condition\{condition="shard-down"\} 1$/m);
      expect((await app.inject(`/api/executions/${alone}`)).statusCode).toBe(503);
      expect((await app.inject(`/api/executions/${alone}/cancellation-check`)).statusCode).toBe(503);
      expect((await app.inject(`/api/executions/${root}/cancellation-check`)).statusCode).toBe(200);
      const cancel = await app.inject({ method: 'POST', url: `/api/executions/${alone}/cancel`, payload: {} });
      expect(cancel.statusCode).toBe(503);
    } finally {
      await app.close();
      await store.close();
    }
  }, 60_000);
});

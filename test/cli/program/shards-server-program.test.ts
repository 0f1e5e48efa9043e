import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { writeEvents } from '../../helpers/database.js';
import { createShards, type ShardedInstallation } from '../../helpers/shards.js';
import { settingsOf } from '../../helpers/store.js';
import { runInProcess } from '../helpers/in-process.js';
import { buildProgram, runProgram } from '../helpers/program.js';

const MINUTE = 60_000;
const AWAY = 1;
let installation: ShardedInstallation;
let serve: { readonly url: string; stop(): Promise<number | null> };

const execution = async (shard: number, parent: string | null = null): Promise<string> => {
  const created_at = Date.now() - 20 * MINUTE;
  const id = installation.idOn(shard, created_at, 'database');
  const rest = { execution_id: id, created_at, path: 'etl/load' };
  await writeEvents(installation.homeOf(id).pool, [
    { ...rest, event_type: 'playbook.initialized', parent_execution_id: parent },
    { ...rest, event_type: 'command.issued', node_name: 'load', meta: { command_id: `${id}:load` } },
  ]);
  return id;
};

const cancelsOf = async (id: string): Promise<string[]> =>
  (
    await installation
      .homeOf(id)
      .pool.query(
        "SELECT event_type FROM noetl.event WHERE execution_id = $1 AND node_name = 'cancel' ORDER BY event_id",
        [id],
      )
  ).rows.map(({ event_type }) => event_type);

beforeAll(async () => {
  const [program, shards] = await Promise.all([buildProgram(), createShards(2)]);
  installation = shards;
  let stop: () => void = () => {};
  let found: (url: string) => void = () => {};
  const url = new Promise<string>((resolve) => {
    found = resolve;
  });
  const ended = runProgram(program, ['serve', '--port', '0'], {
    env: installation.environment,
    onStart: (child) => {
      stop = () => child.kill('SIGTERM');
      const read = (text: string) => {
        const at = /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0];
        if (at) found(at);
      };
      child.stdout?.on('data', read);
      child.stderr?.on('data', read);
    },
  });
  serve = {
    url: await Promise.race([
      url,
      ended.then(({ stderr }): never => {
        throw new Error(`serve ended: ${stderr}`);
      }),
    ]),
    async stop() {
      stop();
      const { code } = await ended;
      await program.remove();
      return code;
    },
  };
}, 60_000);
afterEach(() => installation.proxies[AWAY]!.restore());
afterAll(async () => {
  await serve?.stop();
  await installation?.close();
});

const viaApi = (...argv: string[]) =>
  runInProcess([...argv, '--server', serve.url, '--via', 'api'], { env: installation.environment });
const ask = async (path: string) => {
  const answer = await fetch(`${serve.url}${path}`);
  return { status: answer.status, headers: answer.headers, body: await answer.json() };
};
const json = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('serve over two shards, and a cancel through it', () => {
  it('lists and draws what lies on both, and a cascade cancels it all where it lies', async () => {
    const root = await execution(0);
    const child = await execution(1, root);
    const listed = (await ask('/api/executions?limit=50')).body as { execution_id: string }[];
    expect(listed.map(({ execution_id }) => execution_id)).toEqual(expect.arrayContaining([root, child]));
    expect(JSON.stringify((await ask(`/api/executions/${root}/tree`)).body)).toContain(child);
    const { code, stdout, stderr } = await viaApi('cancel', root, '--cascade', '--json', '--reason', 'over both');
    expect([code, stderr]).toEqual([0, `Written through the NoETL server at ${serve.url}.\n`]);
    expect(json(stdout)).toMatchObject([{ via: 'api', cancelled_executions: [root, child] }]);
    expect(await cancelsOf(root)).not.toEqual([]);
    expect(await cancelsOf(child)).not.toEqual([]);
    expect((await ask(`/api/executions/${child}/cancellation-check`)).body).toMatchObject({ cancelled: true });
  }, 60_000);

  it('with a shard away cancels what lies elsewhere, names the gap, exits 5, and writes nothing there', async () => {
    const root = await execution(0);
    const child = await execution(0, root);
    const far = await execution(1, root);
    installation.proxies[AWAY]!.cut();
    const some = await viaApi('cancel', root, far, '--cascade', '--json');
    expect(some.code).toBe(5);
    const [done, not, gap] = json(some.stdout);
    expect(done).toMatchObject({ via: 'api', cancelled_executions: [root, child] });
    expect(done.sweep_problem).toMatch(/^shard 1 /);
    expect(not).toMatchObject({ status: 'error', execution_id: far });
    expect(not.message).toMatch(/shard 1 /);
    expect(gap).toMatchObject({ gap: { shard: 1 } });
    const none = await viaApi('cancel', far);
    expect([none.code, none.stdout]).toEqual([1, '']);
    expect(none.stderr).toMatch(/could not be cancelled: shard 1 /);
    installation.proxies[AWAY]!.restore();
    expect(await cancelsOf(far)).toEqual([]);
    expect(await cancelsOf(child)).not.toEqual([]);
  }, 60_000);

  it('where the shard goes away behind the server alone: its answer is a failure of that id, never "not found"', async () => {
    const near = await execution(0);
    const far = await execution(1);
    // The command reads past the proxy, the server through it.
    const dsn = ({ url }: { url: string }) => {
      const { host, port, user, password, database } = settingsOf(url);
      return `host=${host};port=${port};user=${user};password=${password};database=${database}`;
    };
    const direct = { ...installation.environment, NOETL_SHARDS: installation.shards.map(dsn).join(',') };
    installation.proxies[AWAY]!.cut();
    const { code, stdout, stderr } = await runInProcess(['cancel', near, far, '--server', serve.url, '--via', 'api'], {
      env: direct,
    });
    expect(code).toBe(5);
    expect(stdout).toContain(`Execution: ${near}\n`);
    expect(stderr).toMatch(
      new RegExp(`Execution ${far} could not be cancelled: .* cannot serve it now \\(503: shard 1 \\(`),
    );
    expect(stderr).not.toContain('not found');
    installation.proxies[AWAY]!.restore();
    expect(await cancelsOf(far)).toEqual([]);
  }, 60_000);
});

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase, writeEvents } from '../../helpers/database.js';
import { type DoubleOptions, type NoetlServerDouble, startNoetlServer } from '../../helpers/noetl-server.js';
import { rustRun, typesOf } from '../../noetl-server/stage.js';
import { type InProcessOptions, runInProcess } from '../helpers/in-process.js';
import { buildProgram, runProgram } from '../helpers/program.js';

const PAIR = ['playbook_cancelled', 'execution.cancelled'];

let db: TestDatabase;
let home: string;
const servers: NoetlServerDouble[] = [];

beforeAll(async () => {
  db = await createTestDatabase();
  home = await mkdtemp(join(tmpdir(), 'noetl-server-'));
});
afterAll(async () => {
  await Promise.all([db.close(), rm(home, { recursive: true })]);
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

const start = async (options: Partial<DoubleOptions> = {}) => {
  const server = await startNoetlServer({ kind: 'rust', pool: db.pool, ...options });
  servers.push(server);
  return server;
};
const run = (argv: string[], options: InProcessOptions = {}) =>
  runInProcess(argv, {
    ...options,
    env: { DATABASE_URL: db.url, HOME: home, XDG_CONFIG_HOME: join(home, '.config'), ...options.env },
  });
const lines = (text: string) => text.trim().split('\n');
const context = async (text: string) => {
  await mkdir(join(home, '.noetl'), { recursive: true });
  await writeFile(join(home, '.noetl', 'config.yaml'), text);
};

describe('cancel through a server', () => {
  it('prints the block to the letter, and says on stderr which way it went', async () => {
    const server = await start();
    const id = await rustRun(db);
    const { code, stdout, stderr } = await run(['cancel', id, '--server', server.url]);
    expect([code, stderr]).toEqual([0, `Written through the NoETL server at ${server.url}.\n`]);
    expect(stdout).toContain(`Execution: ${id}\nStatus:    CANCELLED\nCancelled: 1 execution(s)\n`);
    expect(await typesOf(db, id)).toEqual(PAIR);
    const again = await run(['cancel', id, '--server', server.url]);
    expect(again).toEqual({ code: 4, stdout: '', stderr: `Execution ${id} is already CANCELLED\n` });
  });

  it('says the way in --json and in the report', async () => {
    const server = await start();
    const [first, second] = [await rustRun(db), await rustRun(db)];
    const file = join(home, 'report.json');
    const through = await run(['cancel', first, '--server', server.url, '--json', '--report', file]);
    expect(JSON.parse(through.stdout)).toMatchObject({ status: 'cancelled', execution_id: first, via: 'api' });
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({
      via: 'api',
      executions: [{ execution_id: first, via: 'api' }],
    });
    const direct = await run(['cancel', second, '--server', server.url, '--via', 'table', '--json']);
    expect(JSON.parse(direct.stdout)).toMatchObject({ status: 'cancelled', via: 'table' });
    expect(await typesOf(db, second)).toEqual(['playbook.cancelled', 'execution.cancelled']);
  });

  it('cleanup goes the same way and spares what it spares', async () => {
    const server = await start();
    const id = await rustRun(db);
    await db.pool.query(
      `INSERT INTO noetl.runtime (runtime_id, name, kind, status, heartbeat, created_at)
       VALUES (1, 'worker-1', 'worker_pool', 'ready', now(), now() - interval '1 day')`,
    );
    const { code, stdout } = await run(['cleanup', '--older-than', '5m', '--server', server.url, '--json']);
    const line = lines(stdout)
      .map((text) => JSON.parse(text))
      .find((each) => each.execution_id === id);
    expect([code, line]).toEqual([0, expect.objectContaining({ status: 'cancelled', via: 'api' })]);
    expect(await typesOf(db, id)).toEqual(PAIR);
  });

  it('a dry run asks the server nothing', async () => {
    const server = await start();
    const { code } = await run(['cancel', await rustRun(db), '--server', server.url, '--dry-run']);
    expect([code, server.received]).toEqual([0, []]);
  });

  it('is refused in a read-only session, and sends nothing', async () => {
    const server = await start();
    const { code, stdout } = await run(['cancel', await rustRun(db), '--server', server.url, '--read-only']);
    expect([code, stdout, server.received]).toEqual([2, '', []]);
  });
});

describe('which way, which server, which token', () => {
  it('takes the profile’s server and the token that its command prints', async () => {
    const server = await start({ token: 'from-the-command' });
    await mkdir(join(home, '.config', 'noetl-console'), { recursive: true });
    await writeFile(
      join(home, '.config', 'noetl-console', 'config.yaml'),
      `profiles:\n  prod: {url: "${db.url}", server: "${server.url}", token_command: "echo from-the-command"}\n`,
      { mode: 0o600 },
    );
    const id = await rustRun(db);
    const { code, stderr } = await run(['cancel', id, '--profile', 'prod'], { env: { DATABASE_URL: '' } });
    expect([code, stderr]).toEqual([0, expect.stringContaining('Written through')]);
    expect(server.received.at(-1)?.authorization).toBe('Bearer from-the-command');
    await rm(join(home, '.config'), { recursive: true });
  });

  it('takes the noetl CLI’s context with --via api only, and its token for its own server only', async () => {
    const [theirs, other] = [await start({ token: 'session' }), await start({ token: 'session' })];
    await context(
      `current_context: prod\ncontexts:\n  prod: {server_url: "${theirs.url}/", gateway_session_token: session, runtime: auto}\n`,
    );
    const id = await rustRun(db);
    const auto = await run(['cancel', id, '--json']);
    expect(JSON.parse(auto.stdout)).toMatchObject({ via: 'table' });
    const asked = await run(['cancel', await rustRun(db), '--via', 'api', '--json']);
    expect([asked.code, JSON.parse(asked.stdout).via]).toEqual([0, 'api']);
    const elsewhere = await run(['cancel', await rustRun(db), '--server', other.url]);
    expect([elsewhere.code, elsewhere.stdout]).toEqual([1, '']);
    expect(elsewhere.stderr).toMatch(/asks for a token \(401\)/);
    expect(other.received.every((call) => call.authorization === null)).toBe(true);
    const variable = await run(['cancel', await rustRun(db), '--server', other.url], {
      env: { NOETL_SESSION_TOKEN: 'session' },
    });
    expect(variable.code).toBe(0);
    await rm(join(home, '.noetl'), { recursive: true });
  });

  it.each<[string, string[], Record<string, string>, RegExp]>([
    ['no server for --via api', ['--via', 'api'], {}, /needs its URL: --server URL, server in the profile/],
    [
      'a URL without a scheme',
      ['--server', 'localhost:8082'],
      {},
      /^noetl-console: the server's URL from --server .*http:\/\//,
    ],
    [
      'a token in the URL',
      ['--server', 'http://s3cret@noetl:8082'],
      {},
      /a token goes into the profile's token_command or NOETL_SESSION_TOKEN/,
    ],
    [
      'a token with its scheme',
      ['--server', 'http://127.0.0.1:9'],
      { NOETL_SESSION_TOKEN: 'Bearer s3cret' },
      /the token from NOETL_SESSION_TOKEN begins with "Bearer"/,
    ],
    [
      'a URL where the token belongs',
      ['--server', 'http://127.0.0.1:9'],
      { NOETL_SESSION_TOKEN: 'http://noetl:8082' },
      /is a URL, not a token/,
    ],
    ['an unknown way', ['--via', 'http'], {}, /--via .*auto, api,? (or )?table/],
  ])('%s: one line and exit 2, and nothing is done', async (_name, argv, env, line) => {
    const id = await rustRun(db);
    const { code, stdout, stderr } = await run(['cancel', id, ...argv], { env });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(line);
    expect(stderr).not.toContain('s3cret');
    expect(await typesOf(db, id)).toEqual([]);
  });
});

describe('doctor', () => {
  it('says that the server answers, its version, whether they agree, and which way is right', async () => {
    const server = await start();
    await rustRun(db);
    const { code, stdout } = await run(['doctor', '--server', server.url]);
    expect(code).toBe(0);
    expect(stdout).toContain(`NoETL's Rust server 3.83.1 answers at ${server.url}`);
    expect(stdout).toMatch(/the server and the table agree: execution \d+ runs/);
    expect(stdout).toContain('cancels go through the server (from --server)');
    expect(server.received.every((call) => call.method === 'GET')).toBe(true);
  });

  it('a server that cannot be reached is a problem: exit 1', async () => {
    const { code, stdout } = await run(['doctor', '--server', 'http://127.0.0.1:9', '--json']);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /"server","level":"problem","finding":"cannot reach the NoETL server at http:\/\/127\.0\.0\.1:9/,
    );
  });
});

describe('faults and exit codes', () => {
  it('a certificate that is not trusted, a page of HTML: exit 1 in one line', async () => {
    const secure = await start({ tls: true });
    const page = await start({ fault: () => ({ status: 200, body: '<html>', type: 'text/html' }) });
    const id = await rustRun(db);
    for (const [url, said] of [
      [secure.url, /certificate of .* is not trusted .*NODE_EXTRA_CA_CERTS/],
      [page.url, /answers HTML/],
    ] as const) {
      const { code, stdout, stderr } = await run(['cancel', id, '--server', url]);
      expect([code, stdout, lines(stderr).length]).toEqual([1, '', 1]);
      expect(stderr).toMatch(said);
    }
    expect(await typesOf(db, id)).toEqual([]);
    // Node reads that variable once, when a process starts.
    const program = await buildProgram();
    const trusted = await runProgram(program, ['cancel', id, '--server', secure.url], {
      env: {
        DATABASE_URL: db.url,
        HOME: home,
        NODE_EXTRA_CA_CERTS: join(import.meta.dirname, '../../helpers/certificates/self-signed.cert.pem'),
      },
    });
    await program.remove();
    expect(trusted.code).toBe(0);
  });

  it('half done: exit 1 and how to finish it; the same command finishes it; partly done: exit 5', async () => {
    let isDead = true;
    const server = await start({
      fault: (call) => (isDead && call.path === '/api/events' ? { status: 400, body: '{"error":"no"}' } : null),
    });
    const id = await rustRun(db);
    const half = await run(['cancel', id, '--server', server.url]);
    expect([half.code, half.stdout]).toEqual([1, '']);
    expect(half.stderr).toMatch(/only half done: .* the same cancel again finishes it/);
    isDead = false;
    expect((await run(['cancel', id, '--server', server.url])).code).toBe(0);
    expect(await typesOf(db, id)).toEqual(PAIR);

    const [good, bad] = [await rustRun(db), await rustRun(db)];
    const picky = await start({
      fault: (call) => (call.path.includes(bad) ? { status: 500, body: '{"error":"x"}' } : null),
    });
    const partly = await run(['cancel', good, bad, '--server', picky.url]);
    expect(partly.code).toBe(5);
    expect(partly.stderr).toMatch(`Execution ${bad} could not be cancelled: the NoETL server refuses it (500): x`);
  });

  it('follows what went through the server until it has stopped', async () => {
    const server = await start();
    const id = await rustRun(db);
    await writeEvents(db.pool, [{ execution_id: id, event_type: 'step.enter', status: 'ENTERED', layout: 'rust' }]);
    const { code, stderr } = await run(['cancel', id, '--server', server.url, '--wait=30s']);
    expect([code, stderr]).toEqual([0, expect.stringMatching(/^1 stopped$/m)]);
  });
});

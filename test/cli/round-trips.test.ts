import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../source/cli/args/command-line.js';
import { GLOBAL_FLAGS, ROOT_FLAGS } from '../../source/cli/args/flag-specs.js';
import { COMMANDS } from '../../source/cli/commands/index.js';
import { openSession, type Session } from '../../source/cli/open-services.js';
import { processTerminal } from '../../source/cli/output/terminal.js';
import { createTestDatabase, nextIdAt, type TestDatabase, writeEvents } from '../helpers/database.js';
import { RoundTripProxy } from '../helpers/round-trip-proxy.js';
import { execution, minutesAgo } from './helpers/executions.js';

/** Startup, SASL's first message, SASL's last: what any program pays before its first statement. */
const CONNECTING = 3;

let db: TestDatabase;
let proxy: RoundTripProxy;
beforeAll(async () => {
  db = await createTestDatabase();
  proxy = await RoundTripProxy.before(db.url);
});
afterAll(async () => {
  await proxy.close();
  await db.close();
});

/** Runs a command in this process; answers what it waited for after connecting, and what it printed. */
const run = (...argv: readonly string[]) => runOn(false, argv);

/** @param isWatched standard error is a terminal: somebody sees the progress */
async function runOn(isWatched: boolean, argv: readonly string[]) {
  const output = new PassThrough().setEncoding('utf8');
  const stderr = isWatched ? Object.assign(output, { isTTY: true, columns: 120 }) : output;
  const env = { DATABASE_URL: proxy.url, XDG_CONFIG_HOME: '/nonexistent' };
  const terminal = processTerminal(
    { stdin: new PassThrough(), stdout: output, stderr, env } as unknown as NodeJS.Process,
    true,
  );
  const { command, flags, input } = parseCommandLine(argv, {
    commands: COMMANDS,
    rootFlags: ROOT_FLAGS,
    globalFlags: GLOBAL_FLAGS,
  });
  if (!command) throw new Error(`no command: ${argv.join(' ')}`);
  const { signal } = new AbortController();
  const sessions: Session[] = [];
  proxy.reset();
  const open = async () => {
    const session = await openSession({ flags, env, terminal, signal });
    sessions.push(session);
    return session;
  };
  const context = { flags, input, terminal, env, signal, open, releaseSignals: () => {} };
  const code = await (await command.load()).run(context);
  const { roundTrips, connections } = proxy;
  for (const session of sessions) await session.close();
  return { code, roundTrips: roundTrips - CONNECTING, connections, said: String(output.read() ?? '') };
}

describe('a command on a database that is far away waits so often after connecting', () => {
  let [ended, stale] = ['', ''];
  beforeAll(async () => {
    ended = await execution(db, { ago: 30, end: 'playbook.completed' });
    // More than are diagnosed without counting their rows first.
    for (let n = 0; n < 12; n++) stale = await execution(db, { ago: 60 + n });
  });

  // A running execution is new each time: `cancel` ends it.
  it.each<[most: number, what: string, argv: () => Promise<readonly string[]> | readonly string[]]>([
    [2, 'cancel: the plan, the write', async () => ['cancel', await execution(db, { ago: 1 })]],
    [1, 'events', () => ['events', ended]],
    [2, 'query: the check, the statement', () => ['query', 'SELECT execution_id FROM noetl.event LIMIT 1']],
    [2, 'cancelled: the rows, their command events', () => ['cancelled']],
    [
      2,
      'status of one that runs: itself and the runs of its playbook, what they did',
      async () => ['status', await execution(db, { ago: 1 })],
    ],
    [2, 'status of one that has ended', () => ['status', ended]],
    [2, 'status of one that is stale: the same, what it waits for', () => ['status', stale]],
    [2, 'list of those that completed', () => ['list', '--status', 'completed']],
    [1, 'list of those that run', () => ['list', '--status', 'running']],
    [2, 'list of those that are stale', () => ['list', '--status', 'stale']],
    [3, 'list with why those among them that are stale are', () => ['list']],
    [2, 'stale: what has not ended, their facts', () => ['stale']],
  ])('%i: %s', async (most, _what, argv) => {
    const { roundTrips, connections, code, said } = await run(...(await argv()));
    expect({ code, connections, said }).toMatchObject({ code: 0, connections: 1, said: expect.stringMatching(/\S/) });
    expect(roundTrips).toBe(most);
  });

  it('stale where its progress is shown: one more, for the pieces that it is read in', async () => {
    const { roundTrips, connections, said } = await runOn(true, ['stale']);
    expect([roundTrips, connections]).toEqual([3, 1]);
    expect(said).toMatch(/Reading what has not ended, newest first: 1\/\d+, \d+ so far/);
    expect(said).toMatch(/Reading what has not ended, newest first: (\d+)\/\1, \d+ so far/);
    expect(said).toMatch(/worker-lost|live-claim/);
  });

  // And one each, in the plan and when looking again, for children that only their own first rows lead to.
  it.each([2, 5])('a cascade: one more for each of %i levels, and one to look again', async (levels) => {
    const root = await execution(db, { ago: 1 });
    let parent = root;
    for (let level = 1; level < levels; level++) parent = await execution(db, { ago: 1, parent });
    const { roundTrips, connections, code, said } = await run('cancel', root, '--cascade');
    expect({ code, connections, said }).toMatchObject({
      code: 0,
      connections: 1,
      said: expect.stringContaining(`${levels} execution(s)`),
    });
    expect(roundTrips).toBe(2 + levels + 1 + 2);
  });

  // Last, since what it adds stays.
  it('stale with parents that have ended or have no rows and a command that waits: one more, for the claims of late', async () => {
    const parent = await execution(db, { ago: 50, end: 'playbook.completed' });
    const orphan = await execution(db, { ago: 49, parent });
    await execution(db, { ago: 48, parent: '4711' });
    await execution(db, { ago: 5, parent, end: 'playbook.completed' });
    const waiting = { execution_id: nextIdAt(minutesAgo(40)), created_at: minutesAgo(40) };
    await writeEvents(db.pool, [
      { ...waiting, event_type: 'playbook.initialized', node_name: 'etl/load_orders' },
      { ...waiting, event_type: 'command.issued', node_name: 'load_orders', meta: { command_id: 'c1' } },
    ]);
    const { roundTrips, connections, said } = await run('stale', '--json');
    expect([roundTrips, connections]).toEqual([3, 1]);
    for (const id of [orphan, waiting.execution_id]) expect(said).toContain(id);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, nextIdAt, type TestDatabase, writeEvents } from '../../helpers/database.js';
import { execution, minutesAgo } from '../helpers/executions.js';
import { runInProcess } from '../helpers/in-process.js';

let db: TestDatabase;
const ids = { recovered: '', stuck: '' };

beforeAll(async () => {
  db = await createTestDatabase();
  ids.stuck = await execution(db, { ago: 300, path: 'etl/stuck' });
  ids.recovered = nextIdAt(minutesAgo(400));
  const rest = { execution_id: ids.recovered, path: 'etl/recovers' };
  const command = { ...rest, node_name: 'load', meta: { command_id: 'c' }, worker_id: 'w' };
  await writeEvents(db.pool, [
    { ...rest, event_type: 'playbook.initialized', node_name: 'etl/recovers', created_at: minutesAgo(400) },
    { ...command, event_type: 'command.issued', worker_id: null, created_at: minutesAgo(400) },
    { ...command, event_type: 'command.claimed', created_at: minutesAgo(400) },
    // 25 minutes and 30 seconds later the reaper has handed it on.
    { ...command, event_type: 'command.claimed', worker_id: 'v', created_at: minutesAgo(374.5) },
    { ...command, event_type: 'command.completed', worker_id: 'v', created_at: minutesAgo(374) },
    { ...rest, event_type: 'playbook.completed', node_name: 'playbook', created_at: minutesAgo(373) },
  ]);
});
afterAll(() => db.close());

const cleanup = (argv: readonly string[], env: Record<string, string> = {}) =>
  runInProcess(['cleanup', ...argv], { env: { DATABASE_URL: db.url, ...env } });
const ends = async () => (await db.pool.query(`SELECT FROM noetl.event WHERE event_type LIKE '%cancelled'`)).rowCount;

describe('cleanup --rehearse', () => {
  it('says what would have been cancelled, what of it went on, and what would have spared it; writes nothing', async () => {
    const { code, stdout } = await cleanup(['--rehearse', '30d']);
    expect(code).toBe(0);
    expect(stdout).toContain(
      'Rehearsal: nothing was written. The last 30d, 10 events: 2 silences longer than 10m in 2 executions.',
    );
    expect(stdout).toMatch(/The first event of the last 30d is 6h 40m old .*: no more than that was rehearsed\./);
    expect(stdout).toMatch(/Worker liveness unknown .*\nWould have cancelled nothing\./);
    expect(stdout).toMatch(/worker-lost +2 +1 +0\n/);
    expect(stdout).toMatch(new RegExp(`worker-lost +${ids.recovered} .* 25m +command.claimed +etl/recovers`));
    expect(stdout).toContain('--older-than 25m30s would have spared all of them.');
    expect(await ends()).toBe(0);
  });

  it('prints one object a line, the summary last, and works read-only', async () => {
    const { code, stdout } = await cleanup(['--rehearse', '1d', '--json'], { NOETL_CONSOLE_READ_ONLY: '1' });
    expect(code).toBe(0);
    const bodies = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(bodies.map(({ execution_id: id, later }) => [id, later])).toEqual([
      [ids.recovered, 'went_on'],
      [ids.stuck, 'nothing'],
      [undefined, undefined],
    ]);
    expect(bodies[0]).toMatchObject({ assuming: 'workers_lost', code: 'worker-lost', went_on_with: 'command.claimed' });
    expect(bodies[2]).toMatchObject({
      status: 'rehearsal',
      liveness_unknown: { would_have_cancelled: 0, spared_from_seconds: null },
      workers_lost: { would_have_cancelled: 2, went_on_later: 1, spared_from_seconds: 1530 },
    });
  });

  it('keeps to --path, and a name that matches nothing is no error', async () => {
    const one = await cleanup(['--rehearse', '1d', '--path', 'etl/stuck*']);
    expect(one.stdout).toContain('None of these went on later.');
    const none = await cleanup(['--rehearse', '1d', '--path', 'no/such']);
    expect(none.code).toBe(0);
    expect(none.stdout).toContain('0 silences');
  });

  it.each([
    [['--rehearse', '30d', '--older-than', '0s'], /--older-than: a threshold of 0s would cancel healthy work/],
    [['--rehearse', '30d', '--older-than', '365d'], /--older-than 365d is not shorter than the 30d of --rehearse/],
    [['--rehearse', '0s'], /--rehearse needs 1m or more/],
    [['--rehearse', 'month'], /--rehearse "month" is not a duration/],
    [['--rehearse', '30d', '--wait'], /--wait has no meaning with --rehearse/],
    [['--rehearse', '30d', '--include', 'orphan'], /does not know "orphan"/],
  ])('%j is one line of error', async (argv, problem) => {
    const { code, stdout, stderr } = await cleanup(argv);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(problem);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});

describe('cleanup --path', () => {
  it('plans only what it names', async () => {
    const none = await cleanup(['--dry-run', '--path', 'no/such']);
    expect(none.stdout).toContain('Would cancel 0 execution');
    const some = await cleanup(['--dry-run', '--path', 'etl/stuck', '--include', 'live-claim']);
    expect(some.stdout).toContain(ids.stuck);
  });
});

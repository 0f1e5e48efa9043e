import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type EventRow, nextIdAt, type TestDatabase, writeEvents } from '../../helpers/database.js';
import { minutesAgo } from '../helpers/executions.js';
import { runInProcess } from '../helpers/in-process.js';

let db: TestDatabase;
const ids = { loop: '', bare: '' };

/** A run that issues `poll` so often, the last time now or, where it has an end, just before that. */
async function run(path: string, polls: number, ago: number, end?: string): Promise<string> {
  const execution_id = nextIdAt(minutesAgo(ago), 'rust');
  const at = (share: number) => minutesAgo(ago) + share * (end ? 40_000 : ago * 60_000 - 2000);
  const rows: EventRow[] = [
    { execution_id, path, event_type: 'playbook_started', node_name: path, created_at: at(0) },
    ...Array.from({ length: polls }, (_, index) => ({
      execution_id,
      path,
      event_type: 'command.issued',
      node_name: 'poll',
      meta: { command_id: `${execution_id}:poll:${index}` },
      created_at: at((index + 1) / polls),
    })),
    ...(end ? [{ execution_id, path, event_type: end, node_name: 'playbook', created_at: at(1) }] : []),
  ];
  await writeEvents(db.pool, rows);
  return execution_id;
}

beforeAll(async () => {
  db = await createTestDatabase({ timezone: 'America/New_York' });
  for (let past = 0; past < 12; past += 1) await run('etl/poll', 3 + past, 100 + past, 'playbook.completed');
  // A runaway that was cancelled is not what is usual.
  await run('etl/poll', 900, 90, 'execution.cancelled');
  await run('etl/poll', 12, 5);
  ids.loop = await run('etl/poll', 1204, 40);
  ids.bare = await run('adhoc/new', 60, 20);
});
afterAll(() => db.close());

const runaway = (...argv: string[]) => runInProcess(['runaway', ...argv], { env: { DATABASE_URL: db.url } });
const jsonOf = async (...argv: string[]) => {
  const { code, stdout } = await runaway('--json', ...argv);
  const lines = stdout.split('\n').filter((line) => line !== '');
  return { code, bodies: lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
};

describe('runaway', () => {
  it('prints a table with the evidence', async () => {
    const { code, stdout } = await runaway();
    expect(code).toBe(0);
    expect(stdout).toContain(ids.loop);
    expect(stdout).toContain('repeating');
    expect(stdout).toMatch(/`poll` issued 1,204 times in (39|40)m; at most 14 in its last 12 runs/);
    expect(stdout).toMatch(/`poll` issued 60 times in (18|19|20)m; no baseline/);
  });

  it('prints one object a line, with the fields of lists, code, evidence and rate', async () => {
    const { code, bodies } = await jsonOf();
    expect(code).toBe(0);
    expect(bodies.map((body) => body.execution_id)).toEqual([ids.loop, ids.bare]);
    expect(bodies[0]).toMatchObject({
      path: 'etl/poll',
      status: 'RUNNING',
      code: 'repeating',
      evidence: { node: 'poll', observed: 1204, at_least: false, usual: 14, baseline_runs: 12, also: ['overrunning'] },
      rate: { of: 'events' },
    });
    expect((bodies[0]!.rate as { per_minute: number }).per_minute).toBeCloseTo(30, -1);
  });

  it('takes a path, a limit and thresholds', async () => {
    expect((await jsonOf('--path', 'adhoc/*')).bodies.map((body) => body.execution_id)).toEqual([ids.bare]);
    expect((await jsonOf('--limit', '1')).bodies).toHaveLength(1);
    expect((await jsonOf('--min-repeats', '5000', '--min-run', '365d')).bodies).toEqual([]);
    expect((await jsonOf('--min-repeats', '0', '--factor', '0')).bodies).toHaveLength(3);
    const nothing = await runaway('--path', 'no/such');
    expect([nothing.code, nothing.stdout]).toEqual([0, '']);
    expect(nothing.stderr).toContain('No runaway executions');
  });

  it('names a wrong value', async () => {
    for (const [flag, value] of [
      ['--factor', 'many'],
      ['--min-run', 'soon'],
      ['--limit', '0'],
    ] as const) {
      const { code, stderr } = await runaway(flag, value);
      expect(code).toBe(2);
      expect(stderr).toContain(flag);
    }
  });

  it('with --watch prints what it finds, once, until it is ended', async () => {
    const { code, stdout } = await runInProcess(['runaway', '--watch', '--json'], {
      env: { DATABASE_URL: db.url },
      onStdout: (text, child) => {
        if (text.split('\n').length > 2) child.kill('SIGINT');
      },
    });
    expect(code).toBe(130);
    expect(stdout.trim().split('\n')).toHaveLength(2);
  });
});

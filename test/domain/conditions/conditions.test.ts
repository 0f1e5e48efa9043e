import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../source/demo/engine/random.js';
import { CONDITION_CODES, type EngineFacts, judgeEngine } from '../../../source/domain/conditions/conditions.js';
import type { RuntimeRow } from '../../../source/domain/staleness/stale-facts.js';

const NOW = Date.UTC(2026, 10, 24, 14, 41);
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** A row whose beat and registration lie so far in the past. */
const row = (
  name: string,
  beat: number | null,
  registered: number | null,
  over: Partial<RuntimeRow> = {},
): RuntimeRow => ({
  name,
  kind: 'worker_pool',
  status: 'ready',
  heartbeatAt: beat === null ? null : NOW - beat,
  createdAt: registered === null ? null : NOW - registered,
  ...over,
});
const server = (name: string, beat: number | null, over: Partial<RuntimeRow> = {}) =>
  row(name, beat, HOUR, { kind: 'server_api', ...over });
const command = (ago: number | null, inLog: boolean, executionId = '1') => ({
  executionId,
  at: ago === null ? null : NOW - ago,
  inLog,
});
const waiting = (unclaimed: number, held = 0, atLeast = false) => ({
  unclaimed,
  held,
  executions: 1,
  oldestAt: NOW - HOUR,
  atLeast,
});
const QUIET: EngineFacts = {
  runtime: [row('w1', 5 * SECOND, HOUR)],
  waiting: null,
  commands: { kind: 'rows', rows: [command(5 * MINUTE, true)] },
  withoutWorkersAt: null,
};
const judge = (over: Partial<EngineFacts>) => judgeEngine({ ...QUIET, ...over }, NOW);
const codes = (over: Partial<EngineFacts>) => judge(over).conditions.map(({ code }) => code);
const rows = (...list: ReturnType<typeof command>[]) => ({ kind: 'rows' as const, rows: list });

describe('the conditions', () => {
  it('none holds where workers beat and the log is current', () => {
    expect(judge({})).toEqual({ asOf: NOW, conditions: [], unknown: [], workers: { alive: 1, registered: 1 } });
  });

  it.each<[string, Partial<EngineFacts>, readonly string[]]>([
    [
      'commands wait and the only pool is silent',
      { runtime: [row('w', 2 * MINUTE, HOUR)], waiting: waiting(3) },
      ['no-workers'],
    ],
    [
      'commands wait and the only pool is offline',
      { runtime: [row('w', 5 * SECOND, HOUR, { status: 'OFFLINE' })], waiting: waiting(1) },
      ['no-workers'],
    ],
    [
      'commands are held by workers that are gone',
      { runtime: [row('w', HOUR, HOUR)], waiting: waiting(0, 2) },
      ['no-workers'],
    ],
    ['no worker, and nothing waits', { runtime: [row('w', HOUR, HOUR)], waiting: waiting(0) }, []],
    ['one of two pools lives', { runtime: [row('a', HOUR, HOUR), row('b', SECOND, HOUR)], waiting: null }, []],
    ['a beat 90 s old', { runtime: [row('w', 90 * SECOND, HOUR)], waiting: waiting(1) }, ['no-workers']],
    ['a beat just younger than 90 s', { runtime: [row('w', 90 * SECOND - 1, HOUR)] }, []],
    ['only servers are registered', { runtime: [server('s', SECOND)], waiting: waiting(1) }, ['no-workers']],
    ['a worker without a heartbeat', { runtime: [row('w', null, HOUR)], waiting: waiting(1) }, ['no-workers']],
    [
      'a beat of the future, as after a wrong clock',
      { runtime: [row('w', -HOUR, HOUR)], waiting: waiting(1) },
      ['no-workers'],
    ],
    ['a beat a little ahead of the clock', { runtime: [row('w', -30 * SECOND, HOUR)] }, []],
    ['a pool 10 minutes old', { runtime: [row('w', SECOND, 10 * MINUTE)] }, []],
    ['a pool just younger than 10 minutes', { runtime: [row('w', SECOND, 10 * MINUTE - 1)] }, ['workers-returned']],
    ['a young pool beside an old one that lives', { runtime: [row('a', SECOND, HOUR), row('b', SECOND, MINUTE)] }, []],
    [
      'a young pool beside an old one that is gone',
      { runtime: [row('a', HOUR, HOUR), row('b', SECOND, MINUTE)] },
      ['workers-returned'],
    ],
    ['a pool registered in the future', { runtime: [row('w', SECOND, -HOUR)] }, ['workers-returned']],
    [
      'an old row that came back while this process looked on',
      { withoutWorkersAt: NOW - 3 * MINUTE },
      ['workers-returned'],
    ],
    ['an old row that came back 10 minutes ago', { withoutWorkersAt: NOW - 10 * MINUTE }, []],
    [
      'the newest command is 2 minutes old and not in the log',
      { commands: rows(command(2 * MINUTE, false), command(HOUR, true)) },
      ['log-behind'],
    ],
    ['it is younger', { commands: rows(command(2 * MINUTE - 1, false), command(HOUR, true)) }, []],
    ['a row was lost and newer ones are there', { commands: rows(command(HOUR, false), command(MINUTE, true)) }, []],
    ['no row is in the log', { commands: rows(command(SECOND, false), command(3 * MINUTE, false)) }, ['log-behind']],
    ['rows of the future alone', { commands: rows(command(-HOUR, false)) }, []],
    [
      'a row of the future hides no lag',
      { commands: rows(command(-HOUR, true), command(5 * MINUTE, false)) },
      ['log-behind'],
    ],
    ['a server beats', { runtime: [row('w', SECOND, HOUR), server('s', 119 * SECOND), server('t', HOUR)] }, []],
    [
      'no server has beaten for 2 minutes',
      { runtime: [row('w', SECOND, HOUR), server('s', 2 * MINUTE)] },
      ['engine-down'],
    ],
    [
      'only a lease beats',
      { runtime: [row('w', SECOND, HOUR), server('s', HOUR), server('s:command_reaper', 50 * SECOND)] },
      [],
    ],
    [
      'a lease that was given back',
      { runtime: [row('w', SECOND, HOUR), server('s:auto_resume', SECOND, { status: 'offline' })] },
      ['engine-down'],
    ],
    ['a server of the future', { runtime: [row('w', SECOND, HOUR), server('s', -HOUR)] }, ['engine-down']],
    ['a server without a heartbeat', { runtime: [row('w', SECOND, HOUR), server('s', null)] }, ['engine-down']],
    [
      'everything at once',
      { runtime: [row('w', HOUR, HOUR), server('s', HOUR)], waiting: waiting(1), commands: rows(command(HOUR, false)) },
      ['no-workers', 'log-behind', 'engine-down'],
    ],
  ])('%s', (_, over, expected) => expect(codes(over)).toEqual(expected));

  it('says what is unknown, and calls it no condition', () => {
    const { conditions, unknown, workers } = judge({ runtime: null, commands: { kind: 'unknown', why: 'no table' } });
    expect([conditions, workers]).toEqual([[], null]);
    expect(new Set(unknown.map(({ code }) => code))).toEqual(
      new Set(CONDITION_CODES.filter((code) => code !== 'shard-down')),
    );
    expect(unknown[0]?.why).toContain('worker liveness unknown');
    expect(judge({ commands: rows() }).unknown).toMatchObject([{ code: 'log-behind' }]);
    expect(judge({ commands: rows(command(null, false)) }).unknown[0]?.why).toMatch(/when its rows were written/);
    expect(judge({ runtime: [row('w', SECOND, null)] }).unknown[0]?.code).toBe('workers-returned');
  });
});

describe('the evidence', () => {
  const only = (over: Partial<EngineFacts>) => {
    const { conditions } = judge(over);
    expect(conditions).toHaveLength(1);
    return conditions[0]!;
  };

  it('of no-workers counts what waits and names who beat last, and when', () => {
    const gone = row('worker-09c95343', 4 * MINUTE, HOUR, { status: 'offline' });
    const found = only({ runtime: [gone, row('worker-old', HOUR, HOUR)], waiting: waiting(2, 1) });
    expect(found.sentence).toBe(
      '3 commands wait (2 unclaimed, 1 held by workers that are gone) and none of 2 worker pools is alive; worker-09c95343 (offline) beat last, 4m ago',
    );
    expect(found).toMatchObject({
      since: NOW - 4 * MINUTE,
      until: null,
      count: 3,
      names: ['worker-09c95343', 'worker-old'],
    });
    expect(only({ runtime: [gone], waiting: waiting(9, 0, true) }).sentence).toMatch(/^at least 9 commands wait/);
    expect(only({ runtime: [row('w', -HOUR, HOUR)], waiting: waiting(1) }).sentence).toContain(
      'heartbeat of the future',
    );
    expect(only({ runtime: [row('w', null, HOUR)], waiting: waiting(1) }).sentence).toContain('1 without a heartbeat');
    expect(only({ runtime: [server('s', SECOND)], waiting: waiting(1) }).sentence).toContain('lists no worker pool');
  });

  it('of workers-returned counts down', () => {
    const found = only({ runtime: [row('w1', SECOND, 3 * MINUTE), row('w2', SECOND, MINUTE)] });
    expect(found.sentence).toMatch(/^w1 registered 3m ago as the first of 2: .*, 7m left$/);
    expect(found).toMatchObject({ since: NOW - 3 * MINUTE, until: NOW + 7 * MINUTE, count: 2 });
    expect(only({ withoutWorkersAt: NOW - 2 * MINUTE }).sentence).toMatch(/^w1 came back, 2m ago no worker was alive/);
    expect(only({ runtime: [row('w', SECOND, -HOUR)] }).sentence).toContain('in the future');
  });

  it('of log-behind names the executions and since when', () => {
    const list = rows(command(MINUTE, false, '7'), command(5 * MINUTE, false, '8'), command(9 * MINUTE, true));
    expect(only({ commands: list })).toMatchObject({ since: NOW - 5 * MINUTE, count: 2, names: ['7', '8'] });
  });

  it('of engine-down says what to do about rows of servers that were retired', () => {
    const found = only({ runtime: [row('w', SECOND, HOUR), server('srv1', 5 * MINUTE)] });
    expect(found.sentence).toBe('the only server row in noetl.runtime has not beaten for 2m; srv1 beat last, 5m ago');
    expect(found.remedy).toMatch(/retired, delete them/);
  });
});

/** The outage that was recorded on 2026-11-24 with the Python stack 4.26, as noetl.runtime and the log were at each moment. */
describe('the recorded outage of the only worker', () => {
  const time = (text: string) => Date.parse(`2026-11-24T${text}Z`);
  const at = (moment: string, workers: readonly RuntimeRow[], commandsThatWait: ReturnType<typeof waiting> | null) =>
    judgeEngine(
      {
        runtime: [
          lease('srv1:auto_resume', '14:35:08.395', 'offline'),
          lease('srv1:command_reaper', new Date(time(moment) - 51_000).toISOString().slice(11, 23)),
          lease('srv1@vm:468', new Date(time(moment) - 9_000).toISOString().slice(11, 23)),
          ...workers,
        ],
        waiting: commandsThatWait,
        commands: { kind: 'unknown', why: 'not recorded' },
        withoutWorkersAt: null,
      },
      time(moment),
    ).conditions.map(({ code }) => code);
  const recorded =
    (kind: string) =>
    (name: string, heartbeat: string, status: string, created: string): RuntimeRow => ({
      name,
      kind,
      status,
      heartbeatAt: time(heartbeat),
      createdAt: time(created),
    });
  const pool = recorded('worker_pool');
  const lease = (name: string, heartbeat: string, status = 'ready') =>
    recorded('server_api')(name, heartbeat, status, '14:35:08');
  const killed = pool('worker-09c95343', '14:37:24.476', 'offline', '14:35:24');
  const back = (heartbeat: string) => pool('worker-03cf2df6', heartbeat, 'ready', '14:46:24');

  it.each<[string, readonly RuntimeRow[], ReturnType<typeof waiting> | null, readonly string[]]>([
    // Before the sweeper saw it: the beat alone tells.
    ['14:38:54.500', [{ ...killed, status: 'ready' }], waiting(1, 2), ['no-workers']],
    ['14:41:00', [killed], waiting(1, 2), ['no-workers']],
    ['14:46:23', [killed], waiting(1, 2), ['no-workers']],
    ['14:46:30', [killed, back('14:46:24')], null, ['workers-returned']],
    // The last of the three was done at 14:47:28.
    ['14:56:20', [killed, back('14:56:10')], null, ['workers-returned']],
    ['14:56:24', [killed, back('14:56:10')], null, []],
  ])('at %s', (moment, workers, commandsThatWait, expected) =>
    expect(at(moment, workers, commandsThatWait)).toEqual(expected),
  );
});

describe('whatever the facts', () => {
  const random = seededRandom(20261124);
  const ago = () => random.pick([null, -HOUR, -MINUTE, 0, SECOND, MINUTE, 89 * SECOND, 2 * MINUTE, 10 * MINUTE, HOUR]);
  const some = <T>(make: () => T): T[] => Array.from({ length: Math.floor(random.between(0, 5)) }, make);
  const facts = (): EngineFacts => ({
    runtime: random.chance(0.2)
      ? null
      : some(() =>
          row(random.pick(['a', 'b', 'c']), ago(), ago(), {
            kind: random.pick([null, 'worker_pool', 'server_api', 'broker', 'what']),
            status: random.pick([null, '', 'ready', 'offline', 'OFFLINE']),
          }),
        ),
    waiting: random.chance(0.5) ? null : waiting(random.pick([0, 1, 7]), random.pick([0, 2])),
    commands: random.chance(0.2)
      ? { kind: 'unknown', why: 'because' }
      : rows(...some(() => command(ago(), random.chance(0.5)))),
    withoutWorkersAt: random.chance(0.8) ? null : NOW - random.between(0, HOUR),
  });

  it('decides each condition once: it holds, does not, or is unknown, with words and no contradiction', () => {
    for (let round = 0; round < 5000; round++) {
      const given = facts();
      const { conditions, unknown, workers } = judgeEngine(given, NOW);
      const held = conditions.map(({ code }) => code);
      expect(held).toEqual(CONDITION_CODES.filter((code) => held.includes(code)));
      expect(unknown.some(({ code }) => held.includes(code))).toBe(false);
      expect(held.includes('no-workers') && held.includes('workers-returned')).toBe(false);
      for (const condition of conditions) {
        expect(condition.sentence).not.toMatch(/NaN|Infinity|undefined|null|Invalid/);
        expect(condition.count).toBeGreaterThan(0);
        expect(Number.isFinite(condition.since ?? 0)).toBe(true);
        expect(condition.until === null || condition.until > NOW).toBe(true);
      }
      if (given.runtime === null) expect([held.filter((code) => code !== 'log-behind'), workers]).toEqual([[], null]);
      else if (workers?.alive === 0 && (given.waiting?.unclaimed ?? 0) > 0) expect(held).toContain('no-workers');
    }
  });

  it('a condition that holds goes on holding while nothing but time passes, but for the one that counts down', () => {
    for (let round = 0; round < 2000; round++) {
      const given = facts();
      const later = judgeEngine(given, NOW + 2 * HOUR + 1).conditions.map(({ code }) => code);
      for (const { code } of judgeEngine(given, NOW).conditions) {
        // A row of the future becomes one of the past, and may then show that the log is current.
        const future = given.commands.kind === 'rows' && given.commands.rows.some(({ at }) => (at ?? 0) > NOW);
        if (code === 'workers-returned') expect(later).not.toContain(code);
        else if (code !== 'log-behind' || !future) expect(later).toContain(code);
      }
    }
  });
});

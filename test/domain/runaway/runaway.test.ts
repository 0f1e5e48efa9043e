import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../source/demo/engine/random.js';
import { judgeRunaway, type RunningFacts } from '../../../source/domain/runaway/decide.js';
import {
  type Baseline,
  DEFAULT_RUNAWAY_THRESHOLDS,
  evidenceLine,
  percentile,
  RUNAWAY_CODES,
  type RunawayThresholds,
  rateWords,
  runTimeWords,
  type StepIssues,
} from '../../../source/domain/runaway/facts.js';

const NOW = Date.UTC(2026, 7, 1, 12);
const MINUTE = 60_000;
const DAY = 86_400_000;
const YEAR = 365 * DAY;

const issues = (node: string | null, issued: number, change: Partial<StepIssues> = {}): StepIssues => ({
  node,
  issued,
  firstAt: NOW - 40 * MINUTE,
  announced: null,
  iteration: null,
  isAnnouncementUnreadable: false,
  ...change,
});

const facts = (change: Partial<RunningFacts> = {}): RunningFacts => ({
  executionId: '543857931469455628',
  startedAt: NOW - 5 * MINUTE,
  steps: [],
  areStepsCapped: false,
  repeated: [],
  children: { count: 0, firstAt: null, isCapped: false },
  ...change,
});

const baseline = (change: Partial<Baseline> = {}): Baseline => ({
  runs: 50,
  issues: new Map([['poll', 12]]),
  areIssuesCapped: false,
  children: 4,
  areChildrenCapped: false,
  medianMs: 40_000,
  p95Ms: 90_000,
  ...change,
});

const judge = (
  running: Partial<RunningFacts>,
  usual: Baseline | null = baseline(),
  how: Partial<RunawayThresholds> = {},
) => judgeRunaway(facts(running), usual, NOW, { ...DEFAULT_RUNAWAY_THRESHOLDS, ...how });
const told = (...given: Parameters<typeof judge>) => {
  const found = judge(...given);
  return found && `${found.code}: ${found.evidence.sentence}`;
};
const children = (count: number, isCapped = false) => ({
  children: { count, firstAt: NOW - 10 * MINUTE, isCapped },
});
const command = (change: object) => ({
  repeated: [
    {
      key: '1:load:1',
      node: 'load',
      claimed: 5,
      started: 4,
      issued: 1,
      firstAt: NOW - 30 * MINUTE,
      lastAt: NOW - MINUTE,
      lastWorkerId: 'worker-3',
      ...change,
    },
  ],
});

describe('a step that repeats', () => {
  it('is compared with the most of any of its last runs', () => {
    expect(told({ steps: [issues('poll', 1204)] })).toBe(
      'repeating: `poll` issued 1,204 times in 40m; at most 12 in its last 50 runs',
    );
    expect(judge({ steps: [issues('poll', 1204)] })?.evidence).toMatchObject({
      observed: 1204,
      usual: 12,
      node: 'poll',
    });
  });

  it.each([
    [
      'three times as often is not more than three times',
      issues('poll', 60),
      baseline({ issues: new Map([['poll', 20]]) }),
      null,
    ],
    ['one more is', issues('poll', 61), baseline({ issues: new Map([['poll', 20]]) }), 'repeating'],
    ['below the floor it is not, however unusual', issues('poll', 49), baseline({ issues: new Map() }), null],
    ['a step that no run had', issues('new', 50), baseline(), 'repeating'],
    ['without a baseline the floor alone', issues('poll', 50), null, 'repeating'],
    [
      'nine runs are no baseline',
      issues('poll', 50),
      baseline({ runs: 9, issues: new Map([['poll', 900]]) }),
      'repeating',
    ],
    ['ten are', issues('poll', 50), baseline({ runs: 10, issues: new Map([['poll', 900]]) }), null],
    [
      'a baseline that could not be counted to its end',
      issues('poll', 5000),
      baseline({ areIssuesCapped: true }),
      null,
    ],
    ['a loop within its announced total', issues('each', 5000, { announced: 5000, iteration: 4999 }), baseline(), null],
    ['the same without a baseline', issues('each', 5000, { announced: 5000 }), null, null],
    [
      'a loop that is entered again and again',
      issues('each', 5000, { announced: 10, iteration: 9 }),
      baseline(),
      'repeating',
    ],
    [
      'nested loops whose runs always issued that many',
      issues('each', 900, { announced: 10 }),
      baseline({ issues: new Map([['each', 900]]) }),
      null,
    ],
    ['a loop that passes its own total', issues('each', 100, { announced: 90, iteration: 99 }), null, 'repeating'],
    ['a step without a name', issues(null, 51), baseline(), 'repeating'],
  ] as const)('%s', (_what, step, usual, code) => {
    expect(judge({ steps: [step] }, usual)?.code ?? null).toBe(code);
  });

  it('says so where there is no baseline, the total is passed by, or it cannot be read', () => {
    expect(told({ steps: [issues('poll', 50)] }, null)).toBe('repeating: `poll` issued 50 times in 40m; no baseline');
    expect(told({ steps: [issues('each', 4022, { announced: 10, iteration: 4021 })] })).toBe(
      'repeating: `each` issued 4,022 times in 40m; its loop announced 10 and issued iteration 4,021; at most 0 in its last 50 runs',
    );
    expect(told({ steps: [issues('each', 99, { isAnnouncementUnreadable: true })] }, null)).toContain(
      'it announced a total that is not a number',
    );
    expect(told({ steps: [issues('poll', 20_000)], areStepsCapped: true })).toContain('issued at least 20,000 times');
  });
});

describe('a command that is re-driven', () => {
  it('was claimed or started five times', () => {
    expect(told(command({}))).toBe(
      're-driven: one command of `load` was claimed 5 times in 29m; last by worker-3 1m ago',
    );
    expect(told(command({ claimed: 1, started: 7 }))).toContain('was started 7 times');
    expect(judge(command({ claimed: 4 }))).toBeNull();
  });

  it('is not a loop that reuses its key', () => {
    expect(judge(command({ claimed: 40, issued: 40 }))).toBeNull();
    // 41 claims of ten commands: one of them was claimed at least five times.
    expect(judge(command({ claimed: 41, issued: 10 }))?.evidence.observed).toBe(5);
  });
});

describe('an execution that spawns', () => {
  it('is compared with the most of any of its last runs', () => {
    const found = judge(children(1200));
    expect(found).toMatchObject({ code: 'spawning', rate: { perMinute: 120, of: 'children' } });
    expect(evidenceLine(found!)).toBe(
      'it started 1,200 children in 10m; at most 4 in its last 50 runs; 120 children a minute',
    );
    expect(judge(children(49))).toBeNull();
    expect(judge(children(60), baseline({ children: 20 }))).toBeNull();
    expect(judge(children(5000), baseline({ areChildrenCapped: true }))).toBeNull();
    expect(told(children(50), null)).toContain('no baseline');
    expect(told(children(20_000, true))).toContain('at least 20,000 children');
  });

  it('is not a loop with a child for each announced iteration', () => {
    const loop = { steps: [issues('each', 800, { announced: 1000, iteration: 799 })] };
    expect(judge({ ...loop, ...children(800) })).toBeNull();
    expect(judge({ ...loop, ...children(801) })?.code).toBe('spawning');
  });
});

describe('an execution that overruns', () => {
  it('runs longer than five times the 95th percentile', () => {
    expect(told({ startedAt: NOW - 12 * MINUTE })).toBe(
      'overrunning: it has been running for 12m; usually 40s, 95% within 1m in its last 50 runs',
    );
    expect(judge({ startedAt: NOW - 9 * MINUTE })).toBeNull();
    expect(judge({ startedAt: NOW - 60 * MINUTE }, baseline({ p95Ms: 12 * MINUTE }))).toBeNull();
    expect(judge({ startedAt: null })).toBeNull();
  });

  it('without a baseline only after a day', () => {
    expect(judge({ startedAt: NOW - DAY + 1 }, null)).toBeNull();
    expect(told({ startedAt: NOW - DAY }, null)).toBe('overrunning: it has been running for 1d; no baseline');
  });
});

describe('thresholds', () => {
  it('of zero judge every one that did anything, and a step never issued is none', () => {
    const zero = { minAttempts: 0, minRepeats: 0, factor: 0, runFactor: 0, minRunMs: 0, minRunAloneMs: 0 };
    expect(judge({ steps: [issues('poll', 1)] }, baseline(), zero)).toMatchObject({
      code: 'repeating',
      also: ['overrunning'],
    });
    expect(judge({ startedAt: NOW }, baseline(), zero)).toBeNull();
    expect(judge(command({ claimed: 1, started: 0 }), baseline(), zero)?.code).toBe('re-driven');
  });

  it('of a year judge none', () => {
    expect(judge({ startedAt: NOW - YEAR + 1 }, baseline(), { minRunMs: YEAR, minRunAloneMs: YEAR })).toBeNull();
  });

  it('the first code counts, the others are named', () => {
    const all = { ...command({}), steps: [issues('poll', 99)], ...children(99), startedAt: NOW - DAY };
    expect(judge(all)).toMatchObject({ code: 're-driven', also: ['repeating', 'spawning', 'overrunning'] });
  });
});

describe('a property of any facts', () => {
  // Seeded: the same facts at every run.
  const random = seededRandom(20_260_801);
  const whole = (most: number): number => random.whole(0, most);

  it('more of it never makes a runaway healthy, a higher threshold never adds one, and words never hold NaN', () => {
    for (let round = 0; round < 2000; round += 1) {
      const step = issues(
        ['poll', 'each', null][whole(2)] ?? null,
        whole(400),
        whole(1) ? { announced: whole(200) || null, iteration: whole(400) } : {},
      );
      const running = {
        steps: [step],
        startedAt: whole(5) ? NOW - whole(3 * DAY) : null,
        ...children(whole(300)),
        ...command({ claimed: whole(12), started: whole(12), issued: 1 + whole(6) }),
      };
      const usual = whole(3)
        ? baseline({ runs: whole(50), issues: new Map([['poll', whole(100)]]), children: whole(60), p95Ms: whole(DAY) })
        : null;
      const found = judge(running, usual);
      const codes = found ? [found.code, ...found.also] : [];
      expect(codes).toEqual(RUNAWAY_CODES.filter((code) => codes.includes(code)));
      if (found) expect(evidenceLine(found)).not.toMatch(/NaN|Infinity|undefined/);
      const more = judge({ ...running, steps: [{ ...step, issued: step.issued * 2 }] }, usual);
      if (codes.includes('repeating')) expect([more?.code, ...(more?.also ?? [])]).toContain('repeating');
      const strict = judge(running, usual, {
        minRepeats: 200,
        factor: 9,
        minAttempts: 9,
        minRunMs: DAY,
        runFactor: 50,
      });
      for (const code of strict ? [strict.code, ...strict.also] : []) expect(codes).toContain(code);
    }
  });
});

describe('words', () => {
  it('give rates and usual run times', () => {
    expect(rateWords({ perMinute: 1204.4, of: 'events' })).toBe('1,204 events a minute');
    expect(rateWords({ perMinute: 0.25, of: 'children' })).toBe('0.3 children a minute');
    expect(rateWords({ perMinute: 0.01, of: 'events' })).toBe('under 0.1 events a minute');
    expect(runTimeWords(12 * MINUTE, baseline())).toBe('12m, usually 40s');
    expect(runTimeWords(12 * MINUTE, baseline({ runs: 3 }))).toBe('12m');
    expect(runTimeWords(12 * MINUTE, null)).toBe('12m');
  });

  it('take a percentile by nearest rank', () => {
    const durations = Array.from({ length: 20 }, (_, index) => index + 1);
    expect([percentile(durations, 0.5), percentile(durations, 0.95), percentile([7], 0.95)]).toEqual([10, 19, 7]);
  });
});

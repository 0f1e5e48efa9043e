import { describe, expect, it } from 'vitest';
import type { Runaway } from '../../../source/domain/runaway/facts.js';
import { openConsole, type TestConsole } from '../helpers/console.js';
import { MINUTE, NOW, row, staleRow } from '../helpers/executions.js';

const LOOP = '543857931469455601';
const HEALTHY = '543857931469455602';
const STALE = '543857931469455603';

const runaway = (executionId: string): Runaway => ({
  executionId,
  code: 'repeating',
  evidence: {
    sentence: '`poll` issued 1,204 times in 40m; at most 12 in its last 50 runs',
    node: 'poll',
    commandId: null,
    workerId: null,
    observed: 1204,
    isAtLeast: false,
    usual: 12,
    baselineRuns: 50,
  },
  also: ['overrunning'],
  rate: { perMinute: 1204 / 40, of: 'events' },
});

function open(size: { columns: number; rows: number }, more: object = {}): TestConsole {
  return openConsole([row(LOOP, { startedAt: NOW - 40 * MINUTE }), row(HEALTHY), staleRow(STALE, 'worker-lost')], {
    size,
    prepare: (fake) => {
      for (const id of [LOOP, STALE]) fake.runaways.set(id, runaway(id));
    },
    ...more,
  });
}

const SIZES = [
  { columns: 80, rows: 24 },
  { columns: 120, rows: 40 },
];

describe.each(SIZES)('the Runaway view at $columns × $rows', (size) => {
  it('lists what runs away with code and evidence, the whole of it in the panel', async () => {
    const here = open(size);
    here.press('3');
    await here.waitFor(/repeating: `poll` issued/);
    const lines = here.lines.filter((line) => line.includes('repeating:'));
    expect(lines[0]).toContain(LOOP);
    expect(here.frame).not.toContain(HEALTHY);
    expect(here.frame).not.toContain(STALE);
    expect(here.frame).toContain('[3 Runaway');
    expect(here.frame.replace(/\s+/g, ' ')).toContain('issued 1,204 times in 40m; at most 12 in its last 50 runs');
    expect(here.frame).toContain('30 events a minute');
    expect(here.frame).toContain('running for 40m');
    expect(here.frame).toContain('also overrunning');
    expect(Math.max(...here.lines.map((line) => line.length))).toBeLessThanOrEqual(size.columns);
  });

  it('cancels from there, as what runs away and emits events', async () => {
    const here = open(size);
    here.press('3');
    await here.waitFor(/repeating: `poll` issued/);
    here.press('c');
    await here.waitFor(/Cancels 1 execution/);
    expect(here.fake.plans.at(-1)?.ids).toEqual([LOOP]);
    expect(here.frame).toMatch(/1 is running away, last event \d+s ago: repeating/);
  });
});

describe('the Active view', () => {
  it('names the code in the why column of a running row, and filters by it', async () => {
    const here = open({ columns: 120, rows: 40 });
    await here.waitFor('! repeating');
    expect(here.lines.find((line) => line.includes('! repeating'))).toContain(LOOP);
    here.press('/');
    here.type('why:repeating');
    here.press('enter');
    await here.waitFor(() => !here.frame.includes(HEALTHY));
    expect(here.frame).toContain(LOOP);
  });

  it('shows a stale row by its diagnosis, whatever was read of it while it ran', async () => {
    const here = open({ columns: 120, rows: 40 });
    await here.waitFor('! repeating');
    expect(here.lines.find((line) => line.includes(STALE))).toContain('worker-lost');
  });
});

describe('when nothing runs away, or it cannot be read', () => {
  it('says so', async () => {
    const here = open({ columns: 80, rows: 24 }, { prepare: () => {} });
    here.press('3');
    await here.waitFor('Nothing is running away');
    expect(here.frame).toContain('[3 Runaway 0]');
  });

  it('says why not, and shows no count', async () => {
    const here = open(
      { columns: 80, rows: 24 },
      { prepare: (fake: TestConsole['fake']) => Object.assign(fake, { storeFailure: new Error('permission denied') }) },
    );
    here.press('3');
    await here.waitFor('This view could not be read');
    expect(here.frame).toContain('permission denied');
    expect(here.frame).not.toContain('Runaway 0');
  });
});

describe('before the first rows', () => {
  it('no count is shown, and nothing is asked', async () => {
    const here = open(
      { columns: 120, rows: 40 },
      { prepare: (fake: TestConsole['fake']) => fake.feed.health({ kind: 'loading' }, { readAt: 0 }) },
    );
    expect(here.frame).not.toContain('Runaway 0');
    expect(here.fake.reads).not.toContain('runaway');
    here.fake.runaways.set(LOOP, runaway(LOOP));
    here.feed.health({ kind: 'live' }, { readAt: Date.now() });
    await here.waitFor('! repeating');
  });
});

describe('text from the log', () => {
  it('moves no cursor', async () => {
    const bad = runaway(LOOP);
    const here = open(
      { columns: 120, rows: 40 },
      {
        prepare: (fake: TestConsole['fake']) => {
          fake.runaways.set(LOOP, {
            ...bad,
            evidence: { ...bad.evidence, sentence: '`\u001b[2Jpoll` issued 99 times' },
          });
        },
      },
    );
    here.press('3');
    await here.waitFor(/repeating: .*poll/);
    expect(here.frame).not.toContain('\u001b[2J');
  });
});

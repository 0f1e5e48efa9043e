import { afterEach, expect, it } from 'vitest';
import type { Runaway } from '../../../source/domain/runaway/facts.js';
import type { ExecutionDescription } from '../../../source/service/describe.js';
import { displayWidth } from '../../../source/text/width.js';
import { TestConsole } from '../helpers/console.js';
import { execution, MINUTE, NOW, row } from '../helpers/executions.js';

const NO_CHILDREN = { all: 0, live: 0, running: 0, stale: 0, completed: 0, failed: 0, cancelled: 0, isCapped: false };
const ERROR = { type: 'call.error', node: 'fetch', at: NOW - 5 * MINUTE, text: 'connection \u001b[31mrefused' };
const CANCEL = {
  executionId: '2',
  path: null,
  at: NOW - 3 * MINUTE,
  eventId: '9',
  reason: 'Detected infinite loop',
  cancelledBy: 'bob@ops',
  cascade: null,
  parentCancelId: null,
  batchId: null,
  source: null,
};

const known = (executionId: string, change: Partial<ExecutionDescription>): ExecutionDescription => ({
  execution: execution(executionId),
  asOf: NOW,
  status: 'RUNNING',
  since: null,
  runMs: null,
  usual: null,
  parent: null,
  children: NO_CHILDREN,
  step: null,
  command: null,
  worker: null,
  firstError: null,
  diagnosis: null,
  runaway: null,
  cancellation: null,
  ...change,
});

let ui: TestConsole | null = null;
afterEach(async () => {
  await ui?.close();
  ui = null;
});

it('says the first error, and who cancelled it and why, of the execution under the cursor', async () => {
  const ended = { status: 'CANCELLED', ends: ['CANCELLED'], endedAt: NOW - 3 * MINUTE } as const;
  ui = new TestConsole([row('1', { startedAt: NOW - MINUTE }), row('2', { ...ended, startedAt: NOW - 9 * MINUTE })], {
    view: 'all',
    prepare: (fake) => {
      fake.descriptions.set('1', known('1', { firstError: ERROR }));
      fake.descriptions.set('2', known('2', { cancellation: { record: CANCEL, stop: null } }));
    },
  });
  await ui.waitFor('first error: fetch: connection ␛[31mrefused, 5m ago');
  expect(ui.frame).not.toContain('cancelled by');
  ui.press('j');
  await ui.waitFor('cancelled by bob@ops, 3m ago: Detected infinite loop');
  expect(ui.frame).not.toContain('first error');
  for (const line of ui.lines) expect(displayWidth(line)).toBeLessThanOrEqual(120);
});

const RUNS_FOR_40M = 'it has been running for 40m; usually 12s, 95% within 20s';
const RUNAWAY: Runaway = {
  executionId: '1',
  code: 'repeating',
  evidence: {
    ...{ sentence: '`poll` issued 99 times in 40m; at most 12 in its last 50 runs', node: 'poll', observed: 99 },
    ...{ commandId: null, workerId: null, isAtLeast: false, usual: 12, baselineRuns: 50 },
  },
  also: [],
  rate: null,
};

it.each<[string, Runaway, string, number]>([
  ['with what is usual', RUNAWAY, 'running for 40m, usually 12s', 1],
  ['in the evidence alone where that is what it is about', overrunning(), RUNS_FOR_40M, 0],
])('says the run time of a runaway once, %s', async (_name, runaway, words, besides) => {
  ui = new TestConsole([row('1', { startedAt: NOW - 40 * MINUTE })], {
    view: 'active',
    prepare: (fake) => {
      fake.usual = { runs: 50, medianMs: 12_000, p95Ms: 20_000 };
      fake.runaways.set('1', runaway);
      fake.descriptions.set('1', known('1', { firstError: ERROR }));
    },
  });
  await ui.waitFor('! ');
  // Read late, with the usual run time.
  await ui.waitFor('first error: fetch');
  const panel = ui.lines.slice(ui.lines.findIndex((line) => line.startsWith('── 1 '))).join(' ');
  expect(panel).toContain(words);
  expect(panel.replace(RUNS_FOR_40M, '').match(/run time|running for/g) ?? []).toHaveLength(besides);
});

function overrunning(): Runaway {
  return { ...RUNAWAY, code: 'overrunning', evidence: { ...RUNAWAY.evidence, sentence: RUNS_FOR_40M } };
}

it('reads nothing for rows that the cursor only passes', async () => {
  const rows = Array.from({ length: 9 }, (_, at) => row(`${at + 1}`, { startedAt: NOW - at * MINUTE }));
  ui = new TestConsole(rows, { prepare: (fake) => fake.descriptions.set('9', known('9', { firstError: ERROR })) });
  await ui.waitFor('1/9');
  ui.press('j', 'j', 'j', 'j', 'G');
  await ui.waitFor('first error: fetch');
  expect(ui.fake.reads.filter((read) => read === 'executionDetails').length).toBeLessThanOrEqual(2);
});

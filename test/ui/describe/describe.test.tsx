import { stripVTControlCharacters } from 'node:util';
import { afterEach, expect, describe as group, it } from 'vitest';
import type { ExecutionDescription } from '../../../source/service/describe.js';
import { displayWidth } from '../../../source/text/width.js';
import { TERMINAL_SIZES, TestConsole } from '../helpers/console.js';
import { diagnosis, MINUTE, NOW, row, execution as sample, staleRow } from '../helpers/executions.js';
import { inTimeZone } from '../helpers/time-zone.js';

const ID = '635000000000000001';
const PARENT = '635000000000000002';
const NO_CHILDREN = { all: 0, live: 0, running: 0, stale: 0, completed: 0, failed: 0, cancelled: 0, isCapped: false };
const HOSTILE = 'boom\u001b]0;owned\u0007 \u202ereversed';

function description(executionId: string, change: Partial<ExecutionDescription> = {}): ExecutionDescription {
  const execution = change.execution ?? sample(executionId, { silentMs: 60 * MINUTE });
  return {
    execution,
    asOf: NOW,
    status: 'RUNNING',
    since: execution.startedAt,
    runMs: 30 * MINUTE,
    usual: null,
    parent: null,
    children: NO_CHILDREN,
    step: 'load',
    command: null,
    worker: null,
    firstError: null,
    diagnosis: null,
    runaway: null,
    cancellation: null,
    ...change,
  };
}

const stuck = (): ExecutionDescription =>
  description(ID, {
    execution: sample(ID, { silentMs: 60 * MINUTE, parentExecutionId: PARENT, startedAt: NOW - 90 * MINUTE }),
    status: 'STALE',
    since: NOW - 60 * MINUTE,
    usual: { runs: 45, medianMs: 40_000, p95Ms: 90_000 },
    parent: { executionId: PARENT, path: 'etl/parent', status: 'STALE' },
    children: { ...NO_CHILDREN, all: 12, live: 3, running: 1, stale: 2, completed: 8, failed: 1 },
    command: {
      commandKey: 'c',
      node: 'load',
      stage: 'started',
      workerId: 'worker-7',
      at: NOW,
      attempts: 2,
      outstanding: 1,
    },
    worker: { name: 'worker-7', heartbeatAt: NOW - 50 * MINUTE, status: 'offline', liveness: 'lost' },
    firstError: { type: 'call.error', node: 'fetch', at: NOW - 65 * MINUTE, text: HOSTILE },
    diagnosis: diagnosis('worker-lost', {
      sentence:
        'worker-7 holds `load` since 1h and its last heartbeat is 50m old, the lease of the reaper has ended too',
    }),
  });

let ui: TestConsole | null = null;
afterEach(async () => {
  await ui?.close();
  ui = null;
});

function open(one: ExecutionDescription | null, columns = 120, rows = 40, more: readonly ExecutionDescription[] = []) {
  ui = new TestConsole([staleRow(ID, 'worker-lost', { silentMs: 60 * MINUTE })], {
    size: { columns, rows },
    prepare: (fake) => {
      for (const each of one ? [one, ...more] : more) fake.descriptions.set(each.execution.executionId, each);
    },
  });
  ui.press('d');
  return ui;
}

group.each(TERMINAL_SIZES)('at %i×%i', (columns, rows) => {
  it('shows every fact, none wider than the terminal, and what is hostile as visible text', async () => {
    const screen = open(stuck(), columns, rows);
    await screen.waitFor('Execution 635000000000000001');
    await screen.waitFor(/Status +◌ STALE, silent for 1h \(since 2026-08-01/);
    const seen = new Map<string, string>();
    const facts = () => {
      expect(screen.lines).toHaveLength(rows);
      for (const line of screen.lines) expect(displayWidth(line)).toBeLessThanOrEqual(columns);
      let label = '';
      for (const line of screen.lines.slice(2, -2).map(stripVTControlCharacters)) {
        label = line.slice(2, 15).trim() || label;
        seen.set(label, `${seen.get(label) ?? ''} ${line.slice(15).trim()}`.trim());
      }
    };
    facts();
    screen.press('G');
    await screen.waitFor(/First error +fetch: boom/);
    facts();
    expect(seen.get('Why')).toContain('worker-lost: worker-7 holds `load`');
    expect(seen.get('Cleanup')).toContain('safe');
    expect(seen.get('Run time')).toContain('1h 30m, usually 40s');
    expect(seen.get('Parent')).toContain(`${PARENT} etl/parent (STALE)`);
    expect(seen.get('Children')).toContain('3 live of 12: 1 running, 2 stale, 8 completed, 1 failed');
    expect(seen.get('Worker')).toContain('worker-7, gone, last heartbeat 50m ago');
    expect(seen.get('Attempts')).toContain('2 times');
    expect(seen.get('Last event')).toContain('command.started load by worker-1');
    expect(seen.get('First error')).toContain('boom␛]0;owned␇ \\u{202E}reversed');
    expect(screen.frame).not.toContain('\u001b]0;');
    expect(screen.frame).not.toContain('\u202e');
  });
});

it('shows what is not known as –, never as 0 or none', async () => {
  const screen = open(
    description(ID, { execution: sample(ID, { startedAt: null }), since: null, runMs: null, step: null }),
  );
  await screen.waitFor(/Run time +–/);
  for (const label of ['Started', 'Step', 'Worker', 'Attempts'])
    expect(screen.frame).toMatch(new RegExp(`${label} +–`));
});

it('says who cancelled it, why, and whether it has stopped', async () => {
  const record = {
    executionId: ID,
    path: null,
    at: NOW - MINUTE,
    eventId: '1',
    reason: 'Detected infinite loop',
    cancelledBy: 'ann@ops',
    cascade: true,
    parentCancelId: null,
    batchId: 'b-1',
    source: 'noetl-console/1',
  };
  const screen = open(
    description(ID, {
      execution: sample(ID, { status: 'CANCELLED', ends: ['CANCELLED'], endedAt: NOW - MINUTE }),
      status: 'CANCELLED',
      since: NOW - MINUTE,
      cancellation: {
        record,
        stop: { executionId: ID, phase: 'stopped', draining: 0, violation: null, issuedAfter: 1 },
      },
    }),
  );
  await screen.waitFor(/Cancelled +by ann@ops, 1m ago \(.+\), cascade/);
  expect(screen.frame).toMatch(/Reason +Detected infinite loop/);
  expect(screen.frame).toMatch(/Work +stopped; 1 issued afterwards, refused/);
  expect(screen.frame).toMatch(/Batch +b-1 by noetl-console\/1/);
});

group('keys', () => {
  const cursorTo = async (screen: TestConsole, label: string) => {
    screen.press('g');
    for (let line = 0; line < 40; line++) {
      if (new RegExp(`▸. *${label}`).test(screen.frame)) return;
      screen.press('j');
      await screen.waitFor(() => true);
    }
    throw new Error(`the cursor does not reach ${label}:\n${screen.frame}`);
  };

  it('Enter on the parent describes it, and Esc comes back', async () => {
    const screen = open(stuck(), 120, 40, [description(PARENT, { step: 'parents_step' })]);
    await screen.waitFor(/Parent +635000000000000002/);
    await cursorTo(screen, 'Parent');
    screen.press('enter');
    await screen.waitFor('parents_step');
    expect(screen.lines[1]).toContain(`Execution ${PARENT}`);
    screen.press('escape');
    await screen.waitFor(/Execution 635000000000000001/);
    screen.press('escape');
    await screen.waitFor('[1 Active');
  });

  it('Enter on the children and t open the tree, e and Enter on the last event the timeline', async () => {
    const screen = open(stuck());
    await screen.waitFor(/Children +3 live/);
    await cursorTo(screen, 'Children');
    screen.press('enter');
    await screen.waitFor(`Tree of ${ID}`);
    screen.press('escape');
    await screen.waitFor(/▸. *Children/);
    screen.press('t');
    await screen.waitFor(`Tree of ${ID}`);
    screen.press('escape', 'e');
    await screen.waitFor(`Events of ${ID}`);
    screen.press('escape');
    await cursorTo(screen, 'Last event');
    screen.press('enter');
    await screen.waitFor(`Events of ${ID}`);
  });

  it('c opens the dialog on it, y copies its id', async () => {
    const screen = open(stuck());
    await screen.waitFor(/Status +◌ STALE/);
    screen.press('y');
    await screen.waitFor(`copied ${ID}`);
    expect(screen.copied).toEqual([ID]);
    screen.press('c');
    await screen.waitFor(/Cancels/);
    screen.press('escape');
    await screen.waitFor(/Status +◌ STALE/);
  });

  it('d opens it from the tree and the timeline', async () => {
    const screen = open(stuck());
    await screen.waitFor(/Status +◌ STALE/);
    screen.press('t');
    await screen.waitFor(`Tree of ${ID}`);
    screen.press('d');
    await screen.waitFor(/Status +◌ STALE/);
    screen.press('e');
    await screen.waitFor(`Events of ${ID}`);
    screen.press('d');
    await screen.waitFor(/Status +◌ STALE/);
  });

  it('a read-only console does not cancel from here', async () => {
    ui = new TestConsole([row(ID)], { readOnly: true, prepare: (fake) => fake.descriptions.set(ID, description(ID)) });
    ui.press('d');
    await ui.waitFor(/Status +● RUNNING/);
    ui.press('c');
    await ui.waitFor('this console is read-only');
  });
});

group('while it is open', () => {
  it('takes what is new, the cursor on its fact', async () => {
    const screen = open(stuck());
    await screen.waitFor(/Attempts +2 times/);
    screen.press('G');
    const cursor = () => stripVTControlCharacters(screen.lines.find((line) => line.includes('▸')) ?? '').slice(2, 15);
    await screen.waitFor(() => cursor().trim() === 'First error');
    screen.fake.descriptions.set(ID, { ...stuck(), diagnosis: null, runaway: null, status: 'RUNNING', step: 'later' });
    screen.press('r');
    await screen.waitFor(/Step +later/);
    expect(screen.frame).not.toContain('Cleanup');
    expect(cursor().trim()).toBe('First error');
  });

  it('keeps what it knows when a read fails, and says so', async () => {
    const screen = open(stuck());
    await screen.waitFor(/Status +◌ STALE/);
    screen.fake.storeFailure = new Error('the database went away');
    screen.press('r');
    await screen.waitFor('not read: the database went away');
    expect(screen.frame).toMatch(/Status +◌ STALE/);
  });

  it('says that no rows exist', async () => {
    const screen = open(null);
    await screen.waitFor('No rows of this execution exist');
  });
});

group('the clock', () => {
  const heard = NOW - 50 * MINUTE;
  /** A failure's own words and a heartbeat of that minute: only the second is a moment of ours. */
  const told = (): ExecutionDescription => ({
    ...stuck(),
    firstError: { type: 'call.error', node: 'fetch', at: NOW - 65 * MINUTE, text: 'failed 2026-08-01 11:10:00Z' },
    diagnosis: diagnosis('worker-lost', {
      sentence: 'worker-7 claimed `load` 1h ago and has not been heard of since 11:10 UTC',
      namedAt: heard,
    }),
  });

  it('is said once, and every moment is by it, in evidence too; what the log quotes stays', async () => {
    inTimeZone('Asia/Kolkata');
    const screen = open(told());
    await screen.waitFor(/silent for 1h \(since 2026-08-01 11:00:00\)/);
    expect(screen.frame).toMatch(/has not been heard of since 11:10$/m);
    expect(screen.frame.match(/UTC/g)).toHaveLength(2); // the title, and the footer's key
    screen.press('z');
    await screen.waitFor(/silent for 1h \(since 2026-08-01 16:30:00\)/);
    expect(screen.frame).toContain('times UTC+05:30');
    expect(screen.frame).toMatch(/Started +.* ago \(2026-08-01 16:00:00\)/);
    expect(screen.frame).toMatch(/has not been heard of since 16:40$/m);
    expect(screen.frame).toContain('failed 2026-08-01 11:10:00Z');
  });

  it('is named at a moment when it was ahead by another time', async () => {
    inTimeZone('Europe/Berlin');
    const screen = open({ ...told(), since: Date.UTC(2026, 0, 31, 12) });
    screen.press('z');
    await screen.waitFor('times UTC+02:00');
    expect(screen.frame).toContain('(since 2026-01-31 13:00:00 UTC+01:00)');
  });
});

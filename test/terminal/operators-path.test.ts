import { afterAll, beforeAll, expect, it } from 'vitest';
import { cancelRows, minutesAgo } from '../cli/helpers/executions.js';
import { nextIdAt, writeEvents } from '../helpers/database.js';
import { createStage, expectRestored, type Stage } from './console-stage.js';
import type { PtyTerminal } from './harness.js';

const RUNAWAY = nextIdAt(minutesAgo(12));
const STUCK = nextIdAt(minutesAgo(180));
let stage: Stage;

beforeAll(async () => {
  stage = await createStage();
  await stage.db.pool.query(
    `INSERT INTO noetl.runtime (runtime_id, name, kind, status, heartbeat, created_at)
      VALUES (1, 'worker-7', 'worker_pool', 'ready', now(), now() - interval '1 day')`,
  );
  await writeIncident();
});
afterAll(async () => {
  await stage.program.closeAll();
  await stage.close();
});

/** One command that is handed out again and again, and an execution whose last command failed and that never ended. */
async function writeIncident(): Promise<void> {
  const loop = { execution_id: RUNAWAY, path: 'ops/poll_orders', worker_id: 'worker-7' };
  const poll = { ...loop, node_name: 'poll', meta: { command_id: `${RUNAWAY}:poll` } };
  const stuck = { execution_id: STUCK, path: 'etl/load_orders' };
  const load = { ...stuck, node_name: 'load', meta: { command_id: `${STUCK}:load` } };
  await writeEvents(stage.db.pool, [
    { ...loop, event_type: 'playbook.initialized', node_name: 'ops/poll_orders', created_at: minutesAgo(12) },
    { ...poll, event_type: 'command.issued', worker_id: null, created_at: minutesAgo(12) },
    ...Array.from({ length: 7 }, (_, at) => ({
      ...poll,
      event_type: 'command.claimed',
      created_at: minutesAgo(7 - at) - 20_000,
    })),
    { ...stuck, event_type: 'playbook.initialized', node_name: 'etl/load_orders', created_at: minutesAgo(180) },
    { ...load, event_type: 'command.issued', created_at: minutesAgo(180) },
    { ...load, event_type: 'command.claimed', worker_id: 'worker-3', created_at: minutesAgo(179) },
    {
      ...load,
      event_type: 'command.failed',
      status: 'FAILED',
      worker_id: 'worker-3',
      error: 'disk full on /data',
      created_at: minutesAgo(178),
    },
  ]);
}

/** An operator who knows no key: presses only what stands on the screen with its meaning. */
async function pressShown(terminal: PtyTerminal, shown: string, key: string): Promise<void> {
  await terminal.waitFor(shown);
  terminal.press(key);
}

/** Esc, and the screen before; what is typed at once after an Esc is a key with Alt to a terminal. */
async function goBack(terminal: PtyTerminal, before: string): Promise<void> {
  await pressShown(terminal, 'Esc back', 'escape');
  await terminal.waitFor(before);
}

/** Reason, number where it is asked for, and the button, as the dialog says. */
async function cancelAsAsked(terminal: PtyTerminal, reason: string): Promise<void> {
  await pressShown(terminal, 'c cancel', 'c');
  await terminal.waitFor('Cancels 1 execution');
  await terminal.waitFor('▸ Reason');
  terminal.press(reason);
  await pressShown(terminal, 'Enter next', 'enter');
  await terminal.waitFor(/▸ (Number|\[ Cancel)/);
  const count = /▸ Number +type (\d+) to confirm/.exec(terminal.text())?.[1];
  if (count !== undefined) {
    terminal.press(count);
    await pressShown(terminal, 'Enter next', 'enter');
  }
  await pressShown(terminal, 'Enter cancels', 'enter');
}

it('leads an operator who knows no key from what is wrong to the report, by the keys that are shown', async () => {
  const terminal = await stage.program.open({ columns: 80, rows: 24, args: ['--as', 'ann@ops'] });
  // Something runs away, and something is stuck.
  await terminal.waitFor(/3 Runaway 1/);
  await terminal.waitFor(/2 Stale 1/);

  await pressShown(terminal, '3 Runaway', '3');
  await terminal.waitFor(new RegExp(`▸ .*${RUNAWAY}.*re-driven`));
  await terminal.waitFor(/was claimed 7 times/);
  await pressShown(terminal, 'd describe', 'd');
  await terminal.waitFor(/worker-7/);
  await goBack(terminal, 'Space mark');
  await cancelAsAsked(terminal, 'Polls without end');
  await terminal.waitFor('draining');
  await writeEvents(stage.db.pool, [
    {
      execution_id: RUNAWAY,
      event_type: 'command.completed',
      node_name: 'poll',
      worker_id: 'worker-7',
      meta: { command_id: `${RUNAWAY}:poll` },
    },
  ]);
  await terminal.waitFor(/^ stopped *$/m);
  await goBack(terminal, 'Space mark');

  await pressShown(terminal, '2 Stale', '2');
  await terminal.waitFor(new RegExp(`▸ .*${STUCK}.*failed-step`));
  await pressShown(terminal, 'd describe', 'd');
  await terminal.waitFor(/disk full on \/data/);
  await terminal.waitFor(/worker-3/);
  await goBack(terminal, 'Space mark');
  await cancelAsAsked(terminal, 'The disk was full');
  await terminal.waitFor(/^ stopped *$/m);

  await pressShown(terminal, 'o report', 'o');
  await terminal.waitFor(/Report of batch/);
  expect(terminal.text()).toContain('**Who:** `ann@ops`');
  expect(terminal.text()).toContain('**Why:** The disk was full');
  await goBack(terminal, 'o report');
  await goBack(terminal, 'Space mark');

  await pressShown(terminal, '4 Cancelled', '4');
  for (const id of [RUNAWAY, STUCK]) await terminal.waitFor(id);
  await terminal.waitFor((screen) => screen.match(/■ stopped/g)?.length === 2);
  expect(await cancelRows(stage.db)).toBe(2);
  await pressShown(terminal, '? help', '?');
  await pressShown(terminal, 'q quit', 'q');
  expect((await terminal.waitForExit()).exitCode).toBe(0);
  expectRestored(terminal);
});

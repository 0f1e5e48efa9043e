import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn, setTimeout } from 'node:timers/promises';
import stringWidth from 'string-width';
import type { Random } from '../../source/demo/engine/random.js';
import type { StaleCode } from '../../source/domain/staleness/staleness-types.js';
import type { ExecutionSummary } from '../../source/service/live-feed/feed-state.js';
import { KEYMAP } from '../../source/ui/shell/keymap.js';
import { type ActionId, KEY_SCOPES, type KeyScope } from '../../source/ui/shell/keymap-types.js';
import { TestConsole } from '../../test/ui/helpers/console.js';
import { MINUTE, NOW, row, staleRow } from '../../test/ui/helpers/executions.js';
import { hostileBatches } from '../hostile-batches.js';
import { hostileText, rawIn } from '../hostile-text.js';
import type { Tally } from '../tally.js';
import type { TortureContext, TorturePart } from '../types.js';

const SIZES = [
  { columns: 60, rows: 20 },
  { columns: 80, rows: 24 },
  { columns: 120, rows: 39 },
  { columns: 240, rows: 60 },
] as const;
/** They leave the console, or are a matter of the process. */
const LEFT_OUT = new Set(['quit', 'ctrl-c', 'ctrl-z']);
const ROWS = 40;
/** What leads to each screen; random keys alone seldom come to those behind another. */
const WAYS_IN: readonly (readonly ActionId[])[] = [
  [],
  ['describe'],
  ['describe', 'tree'],
  ['describe', 'tree', 'gantt'],
  ['timeline'],
  ['timeline', 'gantt'],
  ['cancel'],
  ['causes'],
  ['batches'],
  ['batches', 'report'],
  ['batches', 'open'],
  ['help'],
];

/** Every screen, drawn with rows that try to take over the terminal. */
export const screens: TorturePart = {
  name: 'screens',
  what: 'every screen drawn with rows full of control sequences, bidi, zero-width and wide text, led by random keys: nothing raw, no line too wide',
  run: async (context, tally) => {
    const reached = new Set<string>();
    for (let walk = 0; walk < context.times(40, 12); walk++) {
      const size = SIZES[(walk + Math.floor(walk / WAYS_IN.length)) % SIZES.length] ?? SIZES[0];
      await wander(context, size, WAYS_IN[walk % WAYS_IN.length] ?? [], { reached, tally });
      tally.did('walks');
    }
    const missed = KEY_SCOPES.filter((place) => place !== 'filter' && !reached.has(place));
    tally.expect(missed.length === 0, 'broken', () => `no walk came to ${missed.join(', ')}`);
    tally.did('screens reached', reached.size);
  },
};

async function wander(
  context: TortureContext,
  size: (typeof SIZES)[number],
  wayIn: readonly ActionId[],
  { reached, tally }: { reached: Set<string>; tally: Tally },
): Promise<void> {
  const { random } = context;
  const reportDirectory = mkdtempSync(join(tmpdir(), 'noetl-torture-report-'));
  const ui = new TestConsole(hostileRows(random), { size, reportDirectory, prepare: (fake) => fill(random, fake) });
  try {
    for (const action of wayIn) await goBy(ui, action);
    let looked = 0;
    for (let press = 0; press < context.times(250, 20); press++) {
      const place = ui.model.top.kind;
      reached.add(place);
      pressOne(random, ui, place);
      tally.did('keys');
      await nextTurn();
      if (random.next() < 0.1) await setTimeout(15);
      for (const run of ui.fake.runs) if (random.next() < 0.2) ui.fake.finish(run);
      for (; looked < ui.frames.length; looked++) inspect(ui.frames[looked] ?? '', size.columns, place, tally);
    }
    tally.did('frames', looked);
  } finally {
    await ui.close();
    rmSync(reportDirectory, { recursive: true, force: true });
  }
}

/** Presses the action's key until it has led to another screen: what a screen shows may have to be read first. */
async function goBy(ui: TestConsole, action: ActionId): Promise<void> {
  const from = ui.model.top.kind;
  const binding = KEYMAP.find(({ id, where }) => id === action && where.includes(from));
  if (!binding) throw new Error(`${from} has no key for ${action}`);
  for (let tries = 0; ui.model.top.kind === from; tries++) {
    if (tries > 100) throw new Error(`${action} leads nowhere from ${from}`);
    ui.press(binding.keys[0] ?? '');
    await setTimeout(20);
  }
}

function pressOne(random: Random, ui: TestConsole, place: string): void {
  const chance = random.next();
  if (chance < 0.03) ui.press('escape');
  else if (place === 'cancel' && chance < 0.15) ui.confirm();
  else if (chance < 0.2) ui.paste(hostileText(random));
  else if (chance < 0.22) ui.type('path:a why:b');
  else {
    const bound = KEYMAP.filter(({ id, where }) => !LEFT_OUT.has(id) && where.includes(place as KeyScope));
    ui.press(random.pick(random.pick(bound.length > 0 ? bound : KEYMAP).keys));
  }
}

function inspect(frame: string, columns: number, place: string, tally: Tally): void {
  const raw = rawIn(frame);
  tally.expect(raw === null, 'broken', () => `${place}: ${JSON.stringify(raw)} got through`);
  for (const line of frame.split('\n')) {
    const width = stringWidth(line);
    tally.expect(width <= columns, 'broken', () => `${place}: ${width} of ${columns} columns: ${JSON.stringify(line)}`);
  }
}

const CODES: readonly StaleCode[] = ['orphaned', 'worker-lost', 'never-claimed', 'live-claim', 'imported', 'unknown'];

function hostileRows(random: Random): ExecutionSummary[] {
  return Array.from({ length: ROWS }, (_, index) => {
    const id = String(1_000 + index);
    const change = {
      path: hostileText(random),
      currentStep: hostileText(random),
      workerId: hostileText(random),
      startedAt: NOW - random.whole(0, 100) * MINUTE,
      parentExecutionId: index > 5 ? String(1_000 + random.whole(0, index)) : null,
    };
    return random.next() < 0.4 ? staleRow(id, random.pick(CODES), change) : row(id, change);
  });
}

function fill(random: Random, fake: TestConsole['fake']): void {
  const text = () => hostileText(random);
  for (let index = 1; index < ROWS; index++) {
    fake.links.push({ parent: String(1_000 + random.whole(0, index - 1)), child: String(1_000 + index) });
  }
  for (let id = 1; id <= 120; id++) {
    fake.events.push({
      eventId: String(id),
      type: random.pick(['command.started', 'command.failed', text()]),
      node: text(),
      status: text(),
      workerId: text(),
      at: NOW - id,
      nodeType: text(),
      durationMs: random.pick([null, 12, 1e12]),
      commandId: text(),
      iteration: random.pick([null, 3]),
      error: random.pick([null, text()]),
      payload: null,
    });
  }
  fake.cancellations = Array.from({ length: 10 }, (_, index) => ({
    executionId: String(1_000 + index),
    path: text(),
    at: NOW - index,
    eventId: String(index),
    reason: text(),
    cancelledBy: text(),
    cascade: null,
    parentCancelId: null,
    batchId: text(),
    source: text(),
  }));
  fake.batchLog = hostileBatches(random, fake);
  Object.assign(fake.connection, { host: text(), database: text(), user: text(), schema: text() });
}

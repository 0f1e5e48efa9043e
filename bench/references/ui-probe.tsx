/**
 * A screen in a process of its own, driven over its IPC channel: the console with so many executions loaded, or an
 * empty Ink screen through the same terminal. Argument: a number of executions, or `empty`.
 */
import { Box, Text } from 'ink';
import { useState } from 'react';
import { runConsole } from '../../source/ui/console/console.js';
import { mountFullScreen } from '../../source/ui/terminal/mount-full-screen.js';
import { useInputEvents } from '../../source/ui/terminal/terminal-context.js';
import { FakeFeed } from '../../test/ui/helpers/fake-feed.js';
import { FakeServices } from '../../test/ui/helpers/fake-services.js';
import { probeRow, probeRows } from './probe-rows.js';
import { ProbeTerminal } from './probe-terminal.js';

export type ProbeCommand =
  | { readonly kind: 'press'; readonly count: number }
  | { readonly kind: 'memory' }
  | { readonly kind: 'hours'; readonly ticks: number };
export type ProbeAnswer = {
  readonly frames?: number[];
  readonly bytes?: number[];
  readonly heap?: number;
  readonly rss?: number;
};

const TICK_MS = 1000;
const CHANGES_A_TICK = 20;
/** Longer than a frame at Ink's 60 a second, so that its throttle does not add to what is measured. */
const BETWEEN_KEYS_MS = 20;

const terminal = new ProbeTerminal();
const what = process.argv[2] ?? 'empty';
const count = what === 'empty' ? 0 : Number(what);

// Time that the probe can let pass: the console's clock ticks by an interval, and reads Date.now.
const realNow = Date.now;
let ahead = 0;
Date.now = () => realNow() + ahead;
const tickers = new Set<() => void>();
const realInterval = globalThis.setInterval;
globalThis.setInterval = ((handler: () => void, ms?: number) => {
  if (ms === TICK_MS) tickers.add(handler);
  return realInterval(handler, ms);
}) as typeof setInterval;

const feed = new FakeFeed(probeRows(count, Date.now()), Date.now());
if (what === 'empty') {
  mountFullScreen(<Empty />, { stdin: terminal.stdin, stdout: terminal.stdout, env: {} });
} else {
  void runConsole({
    services: new FakeServices(feed).services,
    describe: { describe: async () => new Map() },
    feed,
    cancelledBy: 'bench@bench',
    source: 'noetl-console/bench',
    stdin: terminal.stdin,
    stdout: terminal.stdout,
    env: {},
  });
}

/**
 * As large as the console and with nothing on it: what changes is one digit, as little as a frame can show. Every key
 * writes a frame (21 bytes). With Ink 8 it takes a third of what it took with 6.8, since blank cells are joined faster.
 */
function Empty() {
  const [presses, setPresses] = useState(0);
  useInputEvents(() => setPresses((before) => before + 1));
  return (
    <Box width={terminal.columns} height={terminal.rows}>
      <Text>{presses % 10}</Text>
    </Box>
  );
}

let isDown = true;
let row = 0;

/** One key and the frame that it makes; at the end of the list the direction turns. */
async function press(): Promise<{ ms: number; bytes: number }> {
  const before = terminal.bytes;
  const frame = terminal.nextFrame();
  const start = performance.now();
  terminal.send(isDown ? 'j' : 'k');
  await frame;
  const ms = performance.now() - start;
  row += isDown ? 1 : -1;
  if (row >= 30 || row <= 0) isDown = !isDown;
  await terminal.idle(BETWEEN_KEYS_MS);
  return { ms, bytes: terminal.bytes - before };
}

function memory(): ProbeAnswer {
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  return { heap: heapUsed, rss };
}

/** Lets seconds pass in which some executions emit, with a frame for each. */
async function pass(ticks: number): Promise<void> {
  for (let tick = 0; tick < ticks; tick++) {
    ahead += TICK_MS;
    const now = Date.now();
    feed.put(
      ...Array.from({ length: CHANGES_A_TICK }, (_, change) => probeRow((tick * 31 + change * 7) % count, now, 0)),
    );
    feed.health({ kind: 'live' }, { asOf: now, readAt: now });
    for (const ticker of tickers) ticker();
    await new Promise((resolve) => setTimeout(resolve, 17));
  }
}

async function answer(command: ProbeCommand): Promise<ProbeAnswer> {
  if (command.kind === 'memory') return memory();
  if (command.kind === 'hours') {
    await pass(command.ticks);
    await terminal.idle(100);
    return memory();
  }
  const readings: { ms: number; bytes: number }[] = [];
  for (let key = 0; key < command.count; key++) readings.push(await press());
  return { frames: readings.map(({ ms }) => ms), bytes: readings.map(({ bytes }) => bytes) };
}

process.on('message', (command: ProbeCommand) => {
  answer(command).then(
    (result) => process.send?.(result),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
await terminal.idle(300);
process.send?.({});

import { platform } from 'node:os';
import { type IPty, spawn } from '@lydell/node-pty';
import { cleanEnvironment, PROGRAM } from '../harness/process.js';
import { cpuMs, residentMb } from '../harness/process-facts.js';
import { figureRow, spread } from '../harness/rows.js';
import { type Sample, sample } from '../harness/statistics.js';
import { LIVE } from '../harness/terminal-texts.js';
import type { BenchContext, BenchRow } from '../harness/types.js';
import { addNotEnded, begin, startStream } from '../references/event-stream.js';

const PER_SECOND = 1000;
const BETWEEN_KEYS_MS = 100;
/** A playbook of each: no letter of another stands in its cells, so that the whole name is written when its row comes. */
const MARKERS = [...'qxzjvkybgh'].map((letter) => letter.repeat(8));
/** Until every not ended execution is read and what follows from that has been done. */
const SETTLE_MS = 15_000;

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** The built console on a real database with many executions at work, without and with a stream of new events. */
export async function run(context: BenchContext): Promise<BenchRow[]> {
  if (platform() !== 'linux') return [];
  const executions = context.mode === 'quick' ? 10_000 : 100_000;
  const seconds = context.mode === 'quick' ? 10 : 30;
  const database = await context.emptyDatabase();
  context.log(`adding ${executions.toLocaleString('en')} executions`);
  await addNotEnded(database, executions);
  const terminal = spawn(process.execPath, [PROGRAM], {
    name: 'xterm-256color',
    cols: 120,
    rows: 39,
    env: cleanEnvironment({ DATABASE_URL: database.url, COLORTERM: 'truecolor' }) as Record<string, string>,
  });
  const screen = new Watched(terminal);
  try {
    await screen.until(LIVE);
    await pause(SETTLE_MS);
    const quiet = await observed(screen, seconds);
    const stream = await startStream(database, executions, PER_SECOND);
    const late: number[] = [];
    const busy = observed(screen, seconds);
    const markers = MARKERS.slice(0, Math.floor(seconds / 3));
    for (const [index, path] of markers.entries()) {
      // The console reads at a fixed pace and the last one has just come with a read: each at another time between two.
      await pause(1000 + (1000 * index) / markers.length);
      await begin(database, index + 1, path);
      const written = performance.now();
      await screen.until(path);
      late.push((performance.now() - written) / 1000);
    }
    const rate = await busy.then(async (facts) => ({ facts, perSecond: await stream.stop() }));
    return rows(`${executions.toLocaleString('en')} not ended, 120×39`, quiet, rate.facts, rate.perSecond, late);
  } finally {
    const exited = new Promise((resolve) => terminal.onExit(resolve));
    terminal.kill('SIGTERM');
    await exited;
  }
}

/** What a terminal gets: how much, and when a text comes. */
class Watched {
  bytes = 0;
  readonly #listeners = new Set<(data: string) => void>();

  constructor(readonly terminal: IPty) {
    terminal.onData((data) => {
      this.bytes += Buffer.byteLength(data);
      for (const listener of [...this.#listeners]) listener(data);
    });
  }

  /** Resolves with the next text that the terminal gets and that, with what came since the call, holds another. */
  until(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      let got = '';
      const end = (done: () => void) => {
        clearTimeout(deadline);
        this.#listeners.delete(listen);
        done();
      };
      const deadline = setTimeout(() => end(() => reject(new Error(`no "${text}"`))), 60_000);
      const listen = (data: string) => {
        got = (got + data).slice(-100_000);
        if (got.includes(text)) end(resolve);
      };
      this.#listeners.add(listen);
    });
  }
}

interface Observed {
  readonly keys: Sample;
  /** Share of one core, percent. */
  readonly cpu: number;
  readonly bytesPerSecond: number;
  readonly grownMb: number;
  readonly residentMb: number;
}

/** Presses keys for so long, and looks at the process meanwhile. */
async function observed(screen: Watched, seconds: number): Promise<Observed> {
  const { pid } = screen.terminal;
  const [cpu, bytes, resident, begun] = [cpuMs(pid), screen.bytes, residentMb(pid), performance.now()];
  const keys: number[] = [];
  for (let key = 0; performance.now() - begun < seconds * 1000; key++) {
    const start = performance.now();
    const frame = screen.until('');
    screen.terminal.write(key % 2 === 0 ? 'j' : 'k');
    await frame;
    keys.push(performance.now() - start);
    await pause(BETWEEN_KEYS_MS);
  }
  const took = performance.now() - begun;
  return {
    keys: sample(keys),
    cpu: ((cpuMs(pid) - cpu) / took) * 100,
    bytesPerSecond: ((screen.bytes - bytes) / took) * 1000,
    grownMb: residentMb(pid) - resident,
    residentMb: residentMb(pid),
  };
}

function rows(at: string, quiet: Observed, busy: Observed, perSecond: number, late: readonly number[]): BenchRow[] {
  const sizes = `${at}, ${Math.round(perSecond).toLocaleString('en')} new events a second`;
  const worst = (keys: Sample) => Math.max(...keys.values).toFixed(0);
  const quietly = (value: string) => `without new events: ${value}`;
  const printed = (what: string, unit: string, of: (facts: Observed) => number, note?: string) =>
    figureRow({
      what,
      sizes,
      unit,
      value: of(busy),
      reference: quietly(`${of(quiet).toFixed(1)} ${unit}`),
      ...(note ? { note } : {}),
    });
  return [
    figureRow({
      what: 'key to output while events come',
      sizes,
      unit: '× without new events',
      value: busy.keys.median / quiet.keys.median,
      shown: spread(busy.keys, 'ms'),
      reference: quietly(spread(quiet.keys, 'ms')),
      note: `through a pseudo-terminal, the process and PostgreSQL on the same cores; at most ${worst(busy.keys)} ms, without new events ${worst(quiet.keys)}`,
    }),
    figureRow({
      what: 'a new execution on screen after its commit, the latest',
      sizes,
      unit: 's',
      value: Math.max(...late),
      shown: `at most ${Math.max(...late).toFixed(2)} s, median ${sample(late).median.toFixed(2)}`,
      target: { atMost: 2 },
    }),
    printed('processor time', '% of one core', (facts) => facts.cpu, 'ten keys a second are pressed meanwhile'),
    printed('written to the terminal', 'bytes a second', (facts) => facts.bytesPerSecond),
    printed('resident memory gained', 'MB', (facts) => facts.grownMb, `${busy.residentMb.toFixed(0)} MB at the end`),
  ];
}

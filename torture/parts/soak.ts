import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { startDemo } from '../../source/demo/demo.js';
import { KEYMAP } from '../../source/ui/shell/keymap.js';
import { eventually } from '../../test/helpers/eventually.js';
import { consoleProgram } from '../../test/terminal/console-program.js';
import type { PtyTerminal } from '../../test/terminal/harness.js';
import { auditCancels } from '../audit.js';
import { liveIn } from '../executions.js';
import { hostileIn, hostileText } from '../hostile-text.js';
import type { Tally } from '../tally.js';
import type { TortureContext, TorturePart } from '../types.js';

const PRESS_EVERY_MS = 60;
/** V8 takes what it is given until it has to collect: what is flat is the heap after that, not every sample. */
const MAY_GROW_MB = 40;
/** Keys that leave the console or stop it, and the one that writes report files. */
const LEFT_OUT = new Set(['quit', 'report', 'pause']);
/** An operator who presses anything, on an engine at work, for a long time. */
export const soak: TorturePart = {
  name: 'soak',
  what: 'random keys in a console on a live demo: no hostile text obeyed, memory flat, and at the end it shows what the database holds',
  run: async (context, tally) => {
    const demo = await startDemo({ seed: context.seed });
    const pool = new pg.Pool({ connectionString: demo.databaseUrl, max: 2 });
    pool.on('error', () => {});
    const program = await consoleProgram(demo.databaseUrl);
    try {
      const terminal = await program.open({ columns: 120, rows: 40 });
      const memory = await operate(context, terminal, context.times(180_000, 3_000), tally);
      judgeMemory(memory, context, tally);
      const hostile = hostileIn(terminal.output());
      tally.expect(hostile === null, 'broken', () => `${JSON.stringify(hostile)} went to the terminal`);
      await compareState(terminal, pool, tally);
      await leave(terminal, tally);
      await auditCancels(pool, [], tally);
      const { rows } = await pool.query<{ n: number }>(
        `SELECT count(*)::int AS n FROM noetl.event WHERE event_type = 'execution.cancelled'
          AND meta->>'source' LIKE 'noetl-console/%'`,
      );
      tally.did('executions cancelled by chance', rows[0]?.n ?? 0);
    } finally {
      await program.closeAll();
      await program.remove();
      await pool.end();
      await demo.stop();
    }
  },
};

/** Presses keys for so long; answers the program's memory in MB over time. */
async function operate({ random }: TortureContext, terminal: PtyTerminal, ms: number, tally: Tally): Promise<number[]> {
  const memory: number[] = [];
  const keys = KEYMAP.filter(({ id }) => !LEFT_OUT.has(id)).flatMap((binding) => binding.keys);
  const usable = keys.filter((key) => key !== 'ctrl-c' && key !== 'ctrl-z' && key !== 'q');
  const end = Date.now() + ms;
  for (let pressed = 0; Date.now() < end; pressed++) {
    const chance = random.next();
    if (chance < 0.02) terminal.send(`\u001b[200~${hostileText(random)}\u001b[201~`);
    else if (chance < 0.04) terminal.resize(random.pick([60, 80, 120, 200]), random.pick([20, 24, 40]));
    else if (chance < 0.1) terminal.press('escape');
    else terminal.press(random.pick(usable));
    tally.did('keys');
    if (pressed % 20 === 0) memory.push(residentMb(terminal.pid));
    await delay(PRESS_EVERY_MS);
  }
  tally.did('seconds', Math.round(ms / 1000));
  return memory;
}

const residentMb = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

/** The last quarter against the second: the first fills caches. A short run only shows that it can be measured. */
function judgeMemory(memory: readonly number[], context: TortureContext, tally: Tally): void {
  const quarter = Math.floor(memory.length / 4);
  const least = (from: number) => Math.min(...memory.slice(from, from + Math.max(1, quarter)));
  const [early, late] = [least(quarter), least(3 * quarter)];
  context.log(`memory ${early.toFixed(0)} MB in the second quarter, ${late.toFixed(0)} MB in the last`);
  tally.expect(late - early < MAY_GROW_MB, 'broken', () => `memory grew from ${early} to ${late} MB`);
}

/** The console's number of executions at work is the database's, while the engine goes on. */
async function compareState(terminal: PtyTerminal, pool: pg.Pool, tally: Tally): Promise<void> {
  terminal.resize(160, 40);
  // A prompt takes letters: leave it first. The views' keys work on every other screen.
  for (let back = 0; back < 3; back++) {
    terminal.press('escape');
    // Most of them change nothing: there is no answer to wait for, and two at once would be Alt-Escape.
    await delay(PRESS_EVERY_MS);
  }
  terminal.press('1', 'r');
  const shown = () => Number(/1 Active (\d[\d,]*)/.exec(terminal.text())?.[1]?.replaceAll(',', '') ?? Number.NaN);
  const equal = async () => {
    // On a busy machine the last Escape and the key behind it may have come as one: Alt and that key.
    if (Number.isNaN(shown())) {
      terminal.press('escape');
      await delay(500);
      terminal.press('1');
      await delay(500);
    }
    const [before, seen, now] = [shown(), (await liveIn(pool)).length, shown()];
    return { before, seen, now };
  };
  const same = ({ before, seen, now }: Awaited<ReturnType<typeof equal>>) => before === seen || now === seen;
  const state = await eventually(equal, same, 30_000).catch(equal);
  tally.expect(
    same(state),
    'misreported',
    () => `the console shows ${state.now} at work, the database has ${state.seen}:\n${terminal.text()}`,
  );
}

async function leave(terminal: PtyTerminal, tally: Tally): Promise<void> {
  terminal.press('q');
  await delay(300);
  // A batch that is still being followed makes it ask once more.
  if (terminal.modes().has(1049)) terminal.press('q');
  const exit = await terminal.waitForExit().catch(() => null);
  tally.expect(exit?.exitCode === 0, 'broken', () => `q: ${JSON.stringify(exit)}; ${terminal.text()}`);
}

import { constants } from 'node:os';
import { FATAL_SIGNALS } from '../../source/domain/fatal-signals.js';
import { createTestDatabase } from '../../test/helpers/database.js';
import { eventually } from '../../test/helpers/eventually.js';
import { type ConsoleProgram, consoleProgram } from '../../test/terminal/console-program.js';
import { buildFixture } from '../../test/terminal/fixtures/build-fixture.js';
import { openTerminal, type PtyTerminal } from '../../test/terminal/harness.js';
import { cancelsIn } from '../audit.js';
import { runningExecutions } from '../executions.js';
import type { Tally } from '../tally.js';
import type { TortureContext, TorturePart } from '../types.js';

/** Where the console is when it is ended; each is one step from the list. */
const MOMENTS: Readonly<Record<string, (terminal: PtyTerminal) => Promise<void>>> = {
  'the list': async () => {},
  'the help': (terminal) => after(terminal, '?'),
  'the tree': (terminal) => after(terminal, 'enter'),
  'the timeline': (terminal) => after(terminal, 'e'),
  'the filter': (terminal) => after(terminal, '/', 'pa'),
  'the cancel dialog': (terminal) => after(terminal, 'c', 'half a rea'),
};

interface WayOut {
  readonly name: string;
  readonly go: (terminal: PtyTerminal) => void;
  /** The exit code, or the signal that it dies of. */
  readonly ends: { readonly exitCode: number } | { readonly signal: number };
}

const signalled = (name: NodeJS.Signals, exitCode: number): WayOut => ({
  name,
  go: (terminal) => terminal.signal(name),
  ends: { exitCode },
});
const WAYS: readonly WayOut[] = [
  signalled('SIGTERM', 143),
  signalled('SIGHUP', 129),
  signalled('SIGINT', 130),
  signalled('SIGQUIT', 131),
  { name: 'Ctrl-C', go: (terminal) => terminal.press('ctrl-c'), ends: { exitCode: 130 } },
  ...FATAL_SIGNALS.filter((name) => name in constants.signals).map((name) => ({
    name,
    go: (terminal: PtyTerminal) => terminal.signal(name),
    ends: { signal: constants.signals[name] },
  })),
];

async function after(terminal: PtyTerminal, ...keys: string[]): Promise<void> {
  terminal.press(...keys);
  await terminal.waitForIdle();
}

/** Every way to end the program, wherever it is. */
export const waysOut: TorturePart = {
  name: 'ways-out',
  what: 'every way to end the console in a terminal, from every screen: signals, Ctrl-C, quit, a closed window, crashes, Ctrl-Z and fg',
  run: async (context, tally) => {
    const db = await createTestDatabase();
    const ids = await runningExecutions(db.pool, 6, (index, above) => (index === 0 ? null : (above[0] ?? null)));
    const program = await consoleProgram(db.url);
    try {
      const all = Object.keys(MOMENTS).flatMap((moment) => WAYS.map((way) => ({ moment, way })));
      const tried = context.quick ? all.filter((_, index) => index % 31 === context.seed % 31) : all;
      for (const { moment, way } of tried) await leave(program, moment, way, tally);
      for (let round = 0; round < context.times(3, 1); round++) {
        await quit(program, tally);
        await closeWindow(program, tally);
        await suspend(program, tally);
      }
      await crash(tally, context);
      const cancels = await cancelsIn(db.pool);
      tally.expect(
        ids.every((id) => !cancels.has(id)),
        'broken',
        () => 'something was cancelled',
      );
    } finally {
      await program.closeAll();
      await program.remove();
      await db.close();
    }
  },
};

async function leave(program: ConsoleProgram, moment: string, way: WayOut, tally: Tally): Promise<void> {
  const what = `${way.name} in ${moment}`;
  const terminal = await program.open({ columns: 100, rows: 30 });
  await MOMENTS[moment]?.(terminal);
  way.go(terminal);
  const exit = await terminal.waitForExit();
  const right = 'exitCode' in way.ends ? exit.exitCode === way.ends.exitCode : exit.signal === way.ends.signal;
  tally.expect(right, 'broken', () => `${what}: ${JSON.stringify(exit)}`);
  expectRestored(what, terminal, tally);
  tally.did('signals and Ctrl-C');
  await program.closeAll();
}

/** The modes are as before, the alternate buffer was left once, and nothing of a screen is left behind. */
function expectRestored(what: string, terminal: PtyTerminal, tally: Tally): void {
  const modes = [...terminal.modes()].sort((a, b) => a - b).join();
  tally.expect(modes === '7,25', 'broken', () => `${what}: the terminal's modes are ${modes}`);
  const left = terminal.output().split('\u001b[?1049l').length - 1;
  tally.expect(left === 1, 'broken', () => `${what}: the alternate screen was left ${left} times`);
  const rest = terminal.ordinaryLines().join('\n');
  tally.expect(!rest.includes('● live'), 'broken', () => `${what}: the screen is still there: ${rest}`);
}

async function quit(program: ConsoleProgram, tally: Tally): Promise<void> {
  const terminal = await program.open({ columns: 100, rows: 30 });
  terminal.press('q');
  const exit = await terminal.waitForExit();
  tally.expect(exit.exitCode === 0, 'broken', () => `q: ${JSON.stringify(exit)}`);
  expectRestored('q', terminal, tally);
  tally.did('quits');
}

async function closeWindow(program: ConsoleProgram, tally: Tally): Promise<void> {
  const terminal = await program.open({ columns: 100, rows: 30 });
  terminal.hangUp();
  const gone = await eventually(() => !isRunning(terminal.pid), Boolean, 20_000).catch(() => false);
  tally.expect(gone, 'broken', () => 'the program outlives its window');
  tally.did('closed windows');
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Ctrl-Z gives the terminal back to the shell as it was; fg takes it again. */
async function suspend(program: ConsoleProgram, tally: Tally): Promise<void> {
  const shell = program.shell();
  await shell.waitFor('shell>');
  shell.send(`${program.commandLine}\r`);
  await shell.waitFor('● live');
  shell.press('ctrl-z');
  await shell.waitFor(/Stopped/);
  tally.expect(!shell.modes().has(1049) && shell.modes().has(25), 'broken', () => 'Ctrl-Z leaves the screen on');
  shell.send('stty -a | grep -o "[-]*icanon"; echo done\r');
  await shell.waitFor(/^icanon$/m);
  shell.send('fg\r');
  await shell.waitFor('● live');
  await shell.waitForIdle();
  shell.press('q');
  const restored = await eventually(() => !shell.modes().has(1049), Boolean, 20_000).catch(() => false);
  tally.expect(restored, 'broken', () => 'the screen is still on after fg and q');
  tally.did('Ctrl-Z and fg');
  await program.closeAll();
}

/** The program has no key that breaks it; the fixture, mounted in the same way, has four. */
async function crash(tally: Tally, context: TortureContext): Promise<void> {
  const fixture = await buildFixture('terminal-probe');
  try {
    for (const key of ['T', 'H', 'E', 'U'].slice(0, context.times(4, 1))) {
      const terminal = openTerminal({ command: process.execPath, args: [fixture.path] });
      await terminal.waitFor('last line of 24');
      terminal.press(key);
      const exit = await terminal.waitForExit();
      tally.expect(exit.exitCode === 1, 'broken', () => `a crash (${key}): ${JSON.stringify(exit)}`);
      expectRestored(`a crash (${key})`, terminal, tally);
      tally.did('crashes');
      await terminal.close();
    }
  } finally {
    await fixture.remove();
  }
}

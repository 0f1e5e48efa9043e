import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { FATAL_SIGNALS } from '../../source/domain/fatal-signals.js';
import { type BuiltProgram, buildProgram } from '../cli/helpers/program.js';
import { createStage, type Stage } from './console-stage.js';
import { buildProbe, expectRestored, type Probe } from './probe.js';

let stage: Stage;
let built: BuiltProgram;
let probe: Probe;

beforeAll(async () => {
  [stage, built, probe] = await Promise.all([createStage(), buildProgram(), buildProbe()]);
});
afterEach(() => Promise.all([stage.program.closeAll(), probe.closeAll()]));
afterAll(async () => {
  await Promise.all([built.remove(), probe.program.remove()]);
  await stage.close();
});

const SIGNALS = FATAL_SIGNALS.filter((name) => name in constants.signals);

describe('a signal that ends a process', () => {
  it.each(SIGNALS)('%s restores the terminal first', async (signal) => {
    const terminal = await probe.open();
    terminal.signal(signal);
    await terminal.waitForExit();
    expect(terminal.text()).toContain(`ended signal ${signal}`);
    expectRestored(terminal);
  });

  // All of them, from every screen of the console: npm run torture -- --only ways-out.
  it.each(['SIGALRM', 'SIGABRT'] as const)(
    '%s restores the terminal, and then the console dies of it',
    async (signal) => {
      const terminal = await stage.program.open({ columns: 100, rows: 30 });
      terminal.signal(signal);
      const exit = await terminal.waitForExit();
      expect(exit.signal).toBe(constants.signals[signal]);
      expect([...terminal.modes()].sort((a, b) => a - b)).toEqual([7, 25]);
      expect(terminal.output().split('\u001b[?1049l')).toHaveLength(2);
    },
  );

  it('SIGUSR1 opens no debugger and prints nothing into the screen', async () => {
    const terminal = await stage.program.open({ columns: 100, rows: 30 });
    for (let sent = 0; sent < 3; sent++) terminal.signal('SIGUSR1');
    await terminal.waitForIdle();
    terminal.press('?');
    await terminal.waitForIdle();
    terminal.press('escape');
    expect(terminal.output()).not.toMatch(/Debugger listening|inspector/);
    terminal.signal('SIGTERM');
    expect((await terminal.waitForExit()).exitCode).toBe(143);
  });
});

describe('a command without a screen', () => {
  /** Starts one that goes on for ever, and sends it a signal once it has printed something. */
  async function run(signal: NodeJS.Signals, then?: NodeJS.Signals) {
    const child = spawn(process.execPath, [built.entry, 'serve', '--port', '0'], {
      env: { PATH: process.env.PATH, DATABASE_URL: stage.db.url },
    });
    let output = '';
    const begun = new Promise<void>((resolve) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (data) => {
          output += data;
          if (/127\.0\.0\.1/.test(output)) resolve();
        });
      }
    });
    await begun;
    const exited = once(child, 'exit');
    child.kill(signal);
    if (then) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      child.kill(then);
    }
    const [code, killedBy] = await exited;
    return { code, killedBy, output };
  }

  it.each(['SIGUSR2', 'SIGALRM', 'SIGXCPU'] as const)('dies of %s', async (signal) => {
    expect(await run(signal)).toMatchObject({ code: null, killedBy: signal });
  });

  it('goes on over SIGUSR1, without a debugger', async () => {
    const { killedBy, output } = await run('SIGUSR1', 'SIGUSR2');
    expect(killedBy).toBe('SIGUSR2');
    expect(output).not.toContain('Debugger listening');
  });
});

import { execFileSync } from 'node:child_process';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { buildProbe, expectRestored, expectWholeScreen, type Probe } from './probe.js';

let probe: Probe;

beforeAll(async () => {
  probe = await buildProbe();
});
afterEach(() => probe.closeAll());
afterAll(() => probe.program.remove());

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('any way out leaves the terminal as it was', () => {
  for (const [signal, code] of [
    ['SIGTERM', 143],
    ['SIGHUP', 129],
    ['SIGINT', 130],
    ['SIGQUIT', 131],
  ] as const) {
    it(`${signal} exits with ${code}`, async () => {
      const terminal = await probe.open();
      terminal.signal(signal);
      expect((await terminal.waitForExit()).exitCode).toBe(code);
      expect(terminal.text()).toContain(`ended signal ${signal}`);
      expectRestored(terminal);
    });
  }

  it('Ctrl-C exits with 130', async () => {
    const terminal = await probe.open();
    terminal.press('ctrl-c');
    expect((await terminal.waitForExit()).exitCode).toBe(130);
    expectRestored(terminal);
  });

  for (const [key, message] of [
    ['T', 'thrown while rendering'],
    ['H', 'thrown in a handler'],
    ['E', 'thrown in a callback'],
    ['U', 'rejected unheard'],
  ] as const) {
    it(`an error ${message}`, async () => {
      const terminal = await probe.open();
      terminal.press(key);
      expect((await terminal.waitForExit()).exitCode).toBe(1);
      expect(terminal.text()).toContain(`ended error ${message}`);
      expectRestored(terminal);
    });
  }

  it('a window that is closed ends the program', async () => {
    const terminal = await probe.open();
    terminal.hangUp();
    await expect.poll(() => isRunning(terminal.pid), { timeout: 20_000 }).toBe(false);
  });

  it('a process.exit by somebody else', async () => {
    const terminal = await probe.open();
    terminal.press('X');
    expect((await terminal.waitForExit()).exitCode).toBe(7);
    expect([...terminal.modes()].sort((a, b) => a - b)).toEqual([7, 25]);
  });
});

describe('job control', () => {
  it('Ctrl-Z gives the terminal to the shell, fg takes it back and repaints', async () => {
    const shell = await probe.openShell();
    shell.press('down');
    await shell.waitFor('events 1');
    shell.press('ctrl-z');
    await shell.waitFor(/Stopped/);
    expect(shell.modes()).not.toContain(1049);
    expect(shell.modes()).toContain(25);
    shell.send('stty -a | grep -o "[-]*icanon"; echo done\r');
    await shell.waitFor(/^icanon$/m);
    shell.send('fg\r');
    await shell.waitFor('last line of 24');
    await shell.waitForIdle();
    expectWholeScreen(shell, 80, 24);
    shell.press('down');
    await shell.waitFor('key down');
    shell.press('q');
    await shell.waitFor('ended quit');
    expect(shell.modes()).not.toContain(1049);
    expect(shell.modes()).toContain(25);
  });

  it('SIGSTOP and SIGCONT, which nobody can see coming, end in the same screen', async () => {
    const shell = await probe.openShell();
    shell.press('down');
    await shell.waitFor('events 1');
    const [pid] = execFileSync('pgrep', ['-P', String(shell.pid)], { encoding: 'utf8' })
      .trim()
      .split('\n')
      .map(Number);
    process.kill(pid!, 'SIGSTOP');
    await shell.waitFor(/Stopped/);
    shell.send('fg\r');
    // What was on the screen before is still there, so only a further event shows that the program is back; a key that
    // comes before it has the terminal again is the shell's.
    for (let tries = 0; tries < 50 && !/events [2-9]/.test(shell.text()); tries++) {
      shell.press('down');
      await shell.waitForIdle();
    }
    await shell.waitFor(/events [2-9]/);
    await shell.waitForIdle();
    expectWholeScreen(shell, 80, 24);
    shell.press('q');
    await shell.waitFor('ended quit  raw=false');
  });

  it('a stop signal from outside does the same', async () => {
    const terminal = await probe.open();
    terminal.press('down');
    await terminal.waitFor('events 1');
    // Without a shell above it the process group ignores the stop, and the program goes on.
    terminal.signal('SIGTSTP');
    await terminal.waitFor(
      (text) => text.includes('last line of 24') && terminal.output().split('?1049h').length === 3,
    );
    terminal.press('down');
    await terminal.waitFor('events 2');
    await terminal.waitForIdle();
    expectWholeScreen(terminal, 80, 24);
  });
});

import { expect } from 'vitest';
import { buildFixture, type Fixture } from './fixtures/build-fixture.js';
import { openTerminal, type PtyOptions, type PtyTerminal } from './harness.js';

/** The probe fixture, to be started in terminals. */
export type Probe = {
  readonly program: Fixture;
  /** Resolves when its whole frame is on the screen. */
  readonly open: (options?: Partial<PtyOptions>) => Promise<PtyTerminal>;
  /** A shell with job control, in whose foreground the probe runs. */
  readonly openShell: () => Promise<PtyTerminal>;
  readonly closeAll: () => Promise<void>;
};

/** Bundles the probe. */
export async function buildProbe(): Promise<Probe> {
  const program = await buildFixture('terminal-probe');
  const opened: PtyTerminal[] = [];
  const start = (options: PtyOptions) => {
    const terminal = openTerminal(options);
    opened.push(terminal);
    return terminal;
  };
  return {
    program,
    open: async (options = {}) => {
      const terminal = start({ command: process.execPath, args: [program.path], ...options });
      await terminal.waitFor(`last line of ${options.rows ?? 24}`);
      return terminal;
    },
    openShell: async () => {
      const shell = start({ command: 'bash', args: ['--norc', '--noprofile', '-i'], env: { PS1: 'shell> ' } });
      await shell.waitFor('shell>');
      shell.send(`${process.execPath} ${program.path}\r`);
      await shell.waitFor('last line of 24');
      return shell;
    },
    closeAll: async () => {
      await Promise.all(opened.splice(0).map((terminal) => terminal.close()));
    },
  };
}

/** What the fixture's screen must look like, from its own description. */
export function expectWholeScreen(terminal: PtyTerminal, columns: number, rows: number): void {
  const screen = terminal.screen();
  expect(screen).toHaveLength(rows);
  expect(screen[0]).toContain(`size ${columns}x${rows}`);
  expect(screen[rows - 1]).toBe(`last line of ${rows}`);
  const cells = terminal.cells();
  for (let row = 2; row < rows - 1; row++) {
    expect(screen[row]).toMatch(new RegExp(`^row +${row - 2} `));
    const line = cells[row]!.map((cell) => cell.text || ' ');
    expect(line.slice(28, 35).join(''), `row ${row}`).toBe('| after');
    expect(line.slice(columns - 3).join(''), `row ${row}`).toBe('end');
  }
}

/** Modes and raw mode are as before, and the alternate buffer was left once. */
export function expectRestored(terminal: PtyTerminal): void {
  expect([...terminal.modes()].sort((a, b) => a - b)).toEqual([7, 25]);
  expect(terminal.text()).toContain('raw=false');
  expect(terminal.output().split('\u001b[?1049l')).toHaveLength(2);
}

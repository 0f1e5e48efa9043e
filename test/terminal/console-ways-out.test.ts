import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cancelRows } from '../cli/helpers/executions.js';
import { eventually } from '../helpers/eventually.js';
import { createStage, expectRestored, goToButton, type Stage } from './console-stage.js';
import type { PtyTerminal } from './harness.js';

let stage: Stage;

beforeAll(async () => {
  stage = await createStage();
});
beforeEach(() => stage.reset());
afterEach(() => stage.program.closeAll());
afterAll(() => stage.close());

const MOMENTS = {
  'in the list': () => stage.openOnRoot(),
  'over a half-typed reason': async () => {
    const terminal = await stage.openDialog();
    terminal.press('half a rea');
    await terminal.waitFor('half a rea');
    return terminal;
  },
  'during the first load': async () => {
    const terminal = stage.program.start({ columns: 100, rows: 30 });
    await eventually(
      () => terminal.modes().has(1049),
      (isOn) => isOn,
    );
    return terminal;
  },
} satisfies Record<string, () => Promise<PtyTerminal>>;

describe('a terminal whose environment says CI', () => {
  it('shows the console all the same', async () => {
    const terminal = await stage.program.open({
      columns: 100,
      rows: 30,
      env: { CI: 'true', CONTINUOUS_INTEGRATION: '1' },
    });
    terminal.press('q');
    expect((await terminal.waitForExit()).exitCode).toBe(0);
    expectRestored(terminal);
  });
});

// Each of them from every screen: npm run torture -- --only ways-out.
describe('a way out', () => {
  it.each([
    ['SIGTERM', 143, 'in the list'],
    ['SIGHUP', 129, 'in the list'],
    ['SIGTERM', 143, 'over a half-typed reason'],
    ['Ctrl-C', 130, 'over a half-typed reason'],
    ['SIGTERM', 143, 'during the first load'],
    ['SIGHUP', 129, 'during the first load'],
    ['Ctrl-C', 130, 'during the first load'],
  ] as const)('%s restores the terminal and exits with %i, %s', async (how, code, moment) => {
    const terminal = await MOMENTS[moment]();
    if (how === 'Ctrl-C') terminal.press('ctrl-c');
    else terminal.signal(how);
    expect((await terminal.waitForExit()).exitCode).toBe(code);
    expectRestored(terminal);
    expect(await cancelRows(stage.db)).toBe(0);
  });
});

it('a signal after a cancel says what was cancelled', async () => {
  const terminal = await stage.openDialog();
  terminal.press('not needed');
  await terminal.waitFor('not needed');
  await goToButton(terminal);
  terminal.press('enter');
  await terminal.waitFor('3 cancelled');
  terminal.signal('SIGTERM');
  expect((await terminal.waitForExit()).exitCode).toBe(143);
  expectRestored(terminal);
  expect(terminal.text()).toContain('Cancelled 3 executions (not needed)');
});

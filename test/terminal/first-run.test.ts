import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createStage, expectRestored, type Stage } from './console-stage.js';

let stage: Stage;

beforeAll(async () => {
  stage = await createStage();
  await stage.reset();
});
afterEach(() => stage.program.closeAll());
afterAll(() => stage.close());

/** The program where nothing says which database. */
const start = () => stage.program.start({ columns: 60, rows: 20, env: { DATABASE_URL: '' } });

describe('the console without a connection', () => {
  it('asks, says how to connect, refuses a wrong URL in one line, and opens the console on a right one', async () => {
    const terminal = start();
    await terminal.waitFor('1, 2 or q:');
    expect(terminal.text()).toContain('No database is configured.');
    expect(terminal.text()).not.toContain('DEMO');
    terminal.press('x', 'enter');
    await terminal.waitFor(/1, 2 or q: x\s+1, 2 or q:/);
    terminal.press('2', 'enter');
    await terminal.waitFor('URL:');
    expect(terminal.text()).toContain('current: prod');
    terminal.press('mysql://nowhere', 'enter');
    await terminal.waitFor(/mysql[\s\S]*URL: *$/);
    terminal.press(stage.db.url, 'enter');
    await terminal.waitFor('● live');
    await terminal.waitFor(stage.sample().root);
    // The console has the keys now: nothing of the question is left on its input.
    terminal.press(':', 'stale', 'enter');
    await terminal.waitFor('longest silent first');
    terminal.press('q');
    expect((await terminal.waitForExit()).exitCode).toBe(0);
    expectRestored(terminal);
  });

  it('leaves with 0 on q at either question and at the end of the input, and with 130 on Ctrl-C', async () => {
    const ways = [
      [['q', 'enter'], 0],
      [['ctrl-d'], 0],
      [['ctrl-c'], 130],
      [['2', 'enter'], 0, ['q', 'enter']],
    ] as const;
    const codes = ways.map(async ([keys, , atUrl]) => {
      const terminal = start();
      await terminal.waitFor('1, 2 or q:');
      terminal.press(...keys);
      if (atUrl) {
        await terminal.waitFor('URL:');
        terminal.press(...atUrl);
      }
      return (await terminal.waitForExit()).exitCode;
    });
    expect(await Promise.all(codes)).toEqual(ways.map(([, code]) => code));
  });
});

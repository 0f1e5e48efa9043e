import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { cancelRows } from '../cli/helpers/executions.js';
import { type NoetlServerDouble, startNoetlServer } from '../helpers/noetl-server.js';
import { createStage, goToButton, type Stage } from './console-stage.js';

let stage: Stage;
let server: NoetlServerDouble;

beforeAll(async () => {
  stage = await createStage();
  await stage.reset();
  server = await startNoetlServer({ kind: 'python', pool: stage.db.pool });
});
afterEach(() => stage.program.closeAll());
afterAll(async () => {
  await server.close();
  await stage.close();
});

it('says in the header that cancels go through the server, and sends them there', async () => {
  const env = { NOETL_CONSOLE_SERVER: server.url };
  const terminal = await stage.program.open({ columns: 120, rows: 40, env });
  await terminal.waitFor('via api');
  await terminal.waitFor(stage.sample().root);
  terminal.press('/', 'reconcile', 'enter');
  await terminal.waitFor('1/1');
  terminal.press('c');
  await terminal.waitFor('[ Cancel 3 executions ]');
  terminal.press('Detected infinite loop');
  await terminal.waitFor('Detected infinite loop');
  await goToButton(terminal);
  expect(server.calls()).toEqual([]);
  terminal.press('enter');
  await terminal.waitFor('3 cancelled');
  expect(await cancelRows(stage.db)).toBe(3);
  const [first] = server.calls();
  expect(first).toBe(`POST /api/executions/${stage.sample().root}/cancel`);
  expect(server.calls()).toHaveLength(3);
});

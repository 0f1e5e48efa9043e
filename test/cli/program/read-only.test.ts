import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApi } from '../../../source/http/api.js';
import { createServices } from '../../../source/service/use-cases.js';
import { openPostgresEventStore } from '../../../source/store/postgres-event-store.js';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.js';
import { settingsOf } from '../../helpers/store.js';
import { cancelRows, execution } from '../helpers/executions.js';
import { runInProcess } from '../helpers/in-process.js';

let db: TestDatabase;
let home: string;
beforeAll(async () => {
  db = await createTestDatabase();
  home = await mkdtemp(join(tmpdir(), 'noetl-console-read-only-'));
});
afterAll(() => Promise.all([db.close(), rm(home, { recursive: true, force: true })]));

const run = (argv: string[], env: Record<string, string> = {}) =>
  runInProcess(argv, { env: { DATABASE_URL: db.url, XDG_CONFIG_HOME: home, ...env } });

describe('a read-only session', () => {
  it.each([
    ['--read-only', '--cancel'],
    ['cancel', '--read-only'],
    ['cancel', '--cascade', '--read-only'],
  ])('refuses the write with exit 2: %s %s', async (...argv) => {
    const id = await execution(db);
    const { code, stdout, stderr } = await run([...argv, id]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^noetl-console: this session is read-only .*: nothing was written\n$/);
    expect(await cancelRows(db, id)).toBe(0);
  });

  it.each(['cancel', '--cancel'])('refuses it before it looks for the execution: %s of an unknown id', async (word) => {
    // Nothing listens there: whatever asked the database would exit 1.
    for (const url of [db.url, db.url.replace(/:\d+\//, ':1/')]) {
      const { code, stdout, stderr } = await run([word, '1', '--read-only'], { DATABASE_URL: url });
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toBe('noetl-console: this session is read-only (--read-only): nothing was written\n');
    }
  });

  it('of a cleanup too, and its dry run still shows the plan', async () => {
    const id = await execution(db, { ago: 90 });
    const plan = await run(['cleanup', '--dry-run', '--json', '--read-only']);
    expect(plan.code).toBe(0);
    const lines = plan.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const { code } = lines.find((line) => line.execution_id === id);
    expect((await run(['cleanup', '--read-only', '--include', code])).code).toBe(2);
    expect(await cancelRows(db, id)).toBe(0);
    expect((await run(['cleanup', '--include', code])).code).toBe(0);
    expect(await cancelRows(db, id)).toBe(1);
  });

  it.each(['1', 'true', 'ON'])('is asked for by the environment: %s', async (word) => {
    const id = await execution(db);
    expect((await run(['cancel', id], { NOETL_CONSOLE_READ_ONLY: word })).code).toBe(2);
    expect(await cancelRows(db, id)).toBe(0);
  });

  it('takes no guess at a word that is neither yes nor no', async () => {
    const { code, stderr } = await run(['list'], { NOETL_CONSOLE_READ_ONLY: 'perhaps' });
    expect([code, stderr]).toEqual([2, 'noetl-console: NOETL_CONSOLE_READ_ONLY must be 1 or 0\n']);
  });

  it.each(['true', 'perhaps'])('is asked for by the config file: %s', async (value) => {
    const id = await execution(db);
    await mkdir(join(home, 'noetl-console'), { recursive: true });
    const file = join(home, 'noetl-console', 'config.yaml');
    await writeFile(file, `read_only: ${value}\n`);
    expect((await run(['cancel', id])).code).toBe(2);
    await rm(file);
    expect((await run(['cancel', id])).code).toBe(0);
  });

  it('reads as ever, and prints a JSON line for each id that it does not cancel', async () => {
    const id = await execution(db);
    expect((await run(['status', id, '--read-only'])).code).toBe(0);
    const { code, stdout } = await run(['cancel', id, '--json', '--read-only']);
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ status: 'error', execution_id: id, code: 'writes-disabled' });
  });
});

describe('a read-only store', () => {
  it('refuses every method that writes, before it asks the database anything', async () => {
    // Nothing listens there: a connection would fail with another kind.
    const store = openPostgresEventStore({ ...settingsOf(db.url), port: 1, readOnly: true });
    const request = { reason: null, cancelledBy: 'me', cascade: false, batchId: 'b', source: 'test' };
    const event = { executionId: '1', commandId: 'c', type: 'command.claimed', workerId: 'w' } as never;
    await expect(store.appendCancellations([], request)).rejects.toMatchObject({ kind: 'writes-disabled' });
    await expect(store.appendCommandEvent(event)).rejects.toMatchObject({ kind: 'writes-disabled' });
    await store.close();
  });

  it("answers workers' checks, and the API says 403 to a cancel", async () => {
    const id = await execution(db);
    const store = openPostgresEventStore({ ...settingsOf(db.url), readOnly: true });
    const services = createServices(store);
    const app = await createApi({ services, token: null, version: 'test', logger: false });
    const headers = { host: '127.0.0.1' };
    const check = await app.inject({ url: `/api/executions/${id}/cancellation-check`, headers });
    expect([check.statusCode, check.json().cancelled]).toEqual([200, false]);
    const cancel = await app.inject({
      method: 'POST',
      url: `/api/executions/${id}/cancel`,
      headers,
      payload: { cascade: false },
    });
    expect([cancel.statusCode, cancel.json().error]).toEqual([403, expect.stringContaining('read-only')]);
    expect(await cancelRows(db, id)).toBe(0);
    await app.close();
    await store.close();
  });
});

import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createCancelService } from '../../../source/service/cancel/cancel.js';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.js';
import { eventually } from '../../helpers/eventually.js';
import { FaultProxy, type FaultRule } from '../../helpers/fault-proxy.js';
import { openStore } from '../../helpers/store.js';
import { cancelRows, execution } from '../helpers/executions.js';
import { type InProcessOptions, runInProcess } from '../helpers/in-process.js';
import { type BuiltProgram, buildProgram, type RunOptions, runProgram } from '../helpers/program.js';

let db: TestDatabase;
let program: BuiltProgram;
let proxy: FaultProxy;
beforeAll(async () => {
  [db, program] = await Promise.all([createTestDatabase(), buildProgram()]);
  proxy = await FaultProxy.before(db.url);
});
afterEach(() => {
  proxy.follow(() => null);
  proxy.restore();
});
afterAll(async () => {
  await proxy?.close();
  await Promise.all([db.close(), program.remove()]);
});

const run = (argv: string[], options: InProcessOptions = {}) =>
  runInProcess(argv, { ...options, env: { DATABASE_URL: proxy.url } });
/** For what only a process shows. */
const spawned = (argv: string[], options: RunOptions = {}) =>
  runProgram(program, argv, { ...options, env: { DATABASE_URL: proxy.url } });

/** The COMMIT of the transaction that writes, the first `times` times. */
function atWriteCommit(fault: ReturnType<FaultRule>, times = 1, then: () => void = () => {}): FaultRule {
  const writing = new Set<number>();
  let left = times;
  return ({ text, connection }) => {
    if (/^BEGIN/.test(text)) writing.delete(connection);
    if (/INSERT INTO/.test(text)) writing.add(connection);
    if (text !== 'COMMIT' || !writing.has(connection) || left === 0) return null;
    left -= 1;
    then();
    return fault;
  };
}

describe('the answer to the first COMMIT is lost', () => {
  it('and the next try finds its own rows: cancelled, once, exit 0', async () => {
    const id = await execution(db);
    proxy.follow(atWriteCommit('lose-answer'));
    const { code, stdout, stderr } = await spawned(['cancel', id, '--json']);
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({ status: 'cancelled', execution_id: id, cancelled_executions: [id] });
    expect(await cancelRows(db, id)).toBe(1);
  });

  it('where the COMMIT never arrived, the next try writes', async () => {
    const id = await execution(db);
    proxy.follow(atWriteCommit('cut-before'));
    expect((await run(['cancel', id])).code).toBe(0);
    expect(await cancelRows(db, id)).toBe(1);
  });

  it('three times over: still one cancel', async () => {
    const id = await execution(db);
    proxy.follow(atWriteCommit('lose-answer', 3));
    expect((await run(['cancel', id])).code).toBe(0);
    expect(await cancelRows(db, id)).toBe(1);
  });

  it('before the first statement of the write, the next try writes', async () => {
    const id = await execution(db);
    let left = 1;
    proxy.follow(({ text }) => (/pg_advisory_xact_lock/.test(text) && left-- > 0 ? 'cut-before' : null));
    expect((await run(['cancel', id])).code).toBe(0);
    expect(await cancelRows(db, id)).toBe(1);
  });

  it('and the database stays away: outcome unknown, with what to run, its own code in JSON', async () => {
    const id = await execution(db);
    // The proxy goes away a moment after the server has committed.
    proxy.follow(atWriteCommit('lose-answer', 1, () => setTimeout(() => proxy.cut('refuse'), 50)));
    const { code, stdout } = await run(['cancel', id, '--json']);
    expect(code).toBe(1);
    const line = JSON.parse(stdout);
    expect(line).toMatchObject({
      status: 'error',
      code: 'outcome-unknown',
      execution_id: id,
      cancelled_executions: [],
    });
    expect(line.message).toMatch(/outcome unknown/);
    expect(line.message).toContain(`noetl-console status ${id}`);
    expect(await cancelRows(db, id)).toBe(1);
  }, 40_000);

  it('a second Ctrl-C says so', async () => {
    const id = await execution(db);
    let committing = false;
    proxy.follow(
      atWriteCommit('swallow', 1, () => {
        committing = true;
      }),
    );
    const { code, stderr } = await spawned(['cancel', id], {
      onStart: (child) => {
        void eventually(() => committing, Boolean).then(() => {
          child.kill('SIGINT');
          setTimeout(() => child.kill('SIGINT'), 300);
        });
      },
    });
    expect(code).toBe(130);
    expect(stderr).toMatch(/during a commit: outcome unknown/);
  });
});

describe('--json prints a line for each id', () => {
  it('when the database cannot be reached', async () => {
    proxy.cut('refuse');
    const { code, stdout, stderr } = await run(['cancel', '11', '12', '11', '--json']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/cannot reach/);
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map((line) => [line.execution_id, line.status, line.code])).toEqual([
      ['11', 'error', 'unreachable'],
      ['12', 'error', 'unreachable'],
    ]);
  });

  it('when the write fails for good', async () => {
    const id = await execution(db);
    proxy.follow(({ text }) => (/INSERT INTO/.test(text) ? 'cut-before' : null));
    const { code, stdout } = await run(['cancel', id, '--json']);
    expect(code).toBe(1);
    // COMMIT left with the INSERT, so a client cannot know that neither arrived.
    expect(JSON.parse(stdout)).toMatchObject({ status: 'error', execution_id: id, code: 'outcome-unknown' });
    expect(await cancelRows(db, id)).toBe(0);
  }, 40_000);
});

it('one batch of several is unknown: the others say that they were not tried', async () => {
  const ids: string[] = [];
  for (let each = 0; each < 3; each++) ids.push(await execution(db));
  const store = openStore(proxy.url);
  const service = createCancelService(store, { mostRetryMs: 200 });
  const request = { reason: null, cancelledBy: 'me', cascade: false, batchId: randomUUID(), source: 'test' };
  const plan = await service.plan(ids, { cascade: false });
  proxy.follow(atWriteCommit('lose-answer', 1, () => setTimeout(() => proxy.cut('refuse'), 50)));
  const report = await service.run(plan, request, { ratePerSecond: 1 });
  await store.close();
  expect(report.outcomes.map((outcome) => outcome.kind)).toEqual(['outcome-unknown', 'failed', 'failed']);
  expect(await cancelRows(db, ids[1])).toBe(0);
});

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase, writeEvents } from '../../helpers/database.js';
import { eventually } from '../../helpers/eventually.js';
import { cancelRows, execution } from '../helpers/executions.js';
import { type InProcessOptions, runInProcess } from '../helpers/in-process.js';
import { type BuiltProgram, buildProgram, type RunOptions, runProgram } from '../helpers/program.js';

const RULE = '='.repeat(60);
const NOWHERE = '999999999999999';

let db: TestDatabase;
let program: BuiltProgram;
beforeAll(async () => {
  [db, program] = await Promise.all([createTestDatabase(), buildProgram()]);
});
afterAll(() => Promise.all([db.close(), program.remove()]));

const run = (argv: string[], options: InProcessOptions = {}) =>
  runInProcess(argv, { ...options, env: { DATABASE_URL: db.url, ...options.env } });
/** For what only a process shows. */
const spawned = (argv: string[], options: RunOptions = {}) =>
  runProgram(program, argv, { ...options, env: { DATABASE_URL: db.url, ...options.env } });
const jsonLines = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('one execution', () => {
  it('prints the block to the letter, and a second time the one line', async () => {
    const id = await execution(db);
    const first = await spawned(['--cancel', id, '--reason', 'Detected infinite loop']);
    expect(first).toEqual({
      code: 0,
      stderr: '',
      stdout: `
${RULE}
Execution: ${id}
Status:    CANCELLED
Cancelled: 1 execution(s)
Message:   Cancelled 1 execution(s)
Reason:    Detected infinite loop
${RULE}

`,
    });
    const second = await run(['cancel', id]);
    expect(second).toEqual({ code: 4, stdout: '', stderr: `Execution ${id} is already CANCELLED\n` });
    expect(await cancelRows(db, id)).toBe(1);
  });

  it('writes who, why and whence', async () => {
    const id = await execution(db);
    await spawned(['cancel', id, '--reason', '  spaces around ', '--as', 'ada@desk']);
    const { rows } = await db.pool.query(
      `SELECT meta, context FROM noetl.event WHERE execution_id = $1 AND event_type = 'execution.cancelled'`,
      [id],
    );
    expect(rows[0].meta).toMatchObject({
      reason: 'spaces around',
      cancelled_by: 'ada@desk',
      cascade: false,
      parent_cancel_id: null,
      source: 'noetl-console/0.0.0-test',
      actionable: true,
    });
    expect(rows[0].meta.batch_id).toMatch(/^[0-9a-f-]{36}$/);
    expect(rows[0].context).toMatchObject({ reason: 'spaces around', cancelled_by: 'ada@desk' });
  });

  it('tells the operator and the host when --as does not', async () => {
    const id = await execution(db);
    await run(['cancel', id]);
    const { rows } = await db.pool.query(
      `SELECT meta->>'cancelled_by' AS by FROM noetl.event WHERE execution_id = $1 AND event_type = 'execution.cancelled'`,
      [id],
    );
    expect(rows[0].by).toMatch(/^.+@.+$/);
  });

  it('is not cancelled when it has completed, whatever came after', async () => {
    const id = await execution(db, { end: 'playbook.completed' });
    await writeEvents(db.pool, [{ execution_id: id, event_type: 'command.completed', status: 'COMPLETED' }]);
    expect(await run(['cancel', id])).toEqual({
      code: 4,
      stdout: '',
      stderr: `Execution ${id} is already COMPLETED\n`,
    });
    expect(await cancelRows(db, id)).toBe(0);
  });

  it('is not found', async () => {
    expect(await run(['cancel', NOWHERE])).toEqual({ code: 3, stdout: '', stderr: `Execution ${NOWHERE} not found\n` });
  });

  it('is found whatever zeros stand before it, and named by its own id', async () => {
    const id = await execution(db);
    const { code, stdout } = await run(['cancel', `000${id}`]);
    expect(code).toBe(0);
    expect(stdout).toContain(`Execution: ${id}\n`);
  });
});

describe('--cascade', () => {
  it('lists what it cancelled, itself first, and leaves what has ended', async () => {
    const root = await execution(db);
    const ended = await execution(db, { parent: root, end: 'playbook.completed' });
    const below = await execution(db, { parent: ended });
    const child = await execution(db, { parent: root });
    const { code, stdout, stderr } = await run(['--cancel', root, '--cascade']);
    expect([code, stderr]).toEqual([0, '']);
    const [head, list] = stdout.split('Cancelled executions:\n');
    expect(head).toBe(`
${RULE}
Execution: ${root}
Status:    CANCELLED
Cancelled: 3 execution(s)
Message:   Cancelled 3 execution(s)

`);
    const lines = list!.split('\n');
    expect(lines[0]).toBe(`  - ${root}`);
    expect(new Set(lines.slice(1, 3))).toEqual(new Set([`  - ${child}`, `  - ${below}`]));
    expect(lines.slice(3)).toEqual([RULE, '', '']);
    expect(await cancelRows(db, ended)).toBe(0);
  });

  it('on a root that has ended cancels its live descendants and says so', async () => {
    const root = await execution(db, { end: 'playbook.failed' });
    const orphan = await execution(db, { parent: root });
    const { code, stdout, stderr } = await run(['cancel', root, '--cascade']);
    expect(code).toBe(0);
    expect(stdout).toContain(`Cancelled: 1 execution(s)`);
    expect(stdout).toContain(`  - ${orphan}\n`);
    expect(stderr).toBe(`Execution ${root} is already FAILED; its live descendants were cancelled\n`);
    expect((await run(['cancel', root, '--cascade'])).code).toBe(4);
  });
});

describe('several', () => {
  it('prints a block each in the order given, an error line each, and exits 5', async () => {
    const [one, two] = [await execution(db), await execution(db)];
    const ended = await execution(db, { end: 'workflow.failed' });
    const { code, stdout, stderr } = await run(['cancel', two, ended, one, NOWHERE, two]);
    expect(code).toBe(5);
    expect(stdout.match(/Execution: \d+/g)).toEqual([`Execution: ${two}`, `Execution: ${one}`]);
    expect(stderr).toBe(`Execution ${ended} is already FAILED\nExecution ${NOWHERE} not found\n`);
  });

  it('exits 3 when some are unknown and none was cancelled', async () => {
    const ended = await execution(db, { end: 'playbook.completed' });
    expect((await run(['cancel', ended, NOWHERE])).code).toBe(3);
  });

  it('--cancel is repeatable', async () => {
    const [one, two] = [await execution(db), await execution(db)];
    const { code, stdout } = await run(['--cancel', one, `--cancel=${two}`]);
    expect(code).toBe(0);
    expect(stdout.match(/CANCELLED/g)).toHaveLength(2);
  });

  it.each([
    ['--cancel', '-'],
    ['cancel', '-'],
  ])('%s %s reads ids from standard input', async (...argv) => {
    const [one, two, three] = [await execution(db), await execution(db), await execution(db)];
    const { code, stdout } = await spawned(argv, { stdin: `${one}\r\n\n  ${two}\t${three} ${one}` });
    expect(code).toBe(0);
    expect(stdout.match(/Execution: \d+/g)).toEqual([one, two, three].map((id) => `Execution: ${id}`));
  });

  it('has nothing to do where standard input names none', async () => {
    const { code, stdout, stderr } = await run(['cancel', '-'], { stdin: ' \n' });
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr).toMatch(/nothing to do/);
  });
});

describe('a usage error in any id', () => {
  it.each(['', '-5', '0x10', "12'", '12345678901234567890'])('writes nothing at all: %j', async (bad) => {
    const id = await execution(db);
    for (const argv of [
      ['cancel', id, bad],
      ['--cancel', id, '--cancel', bad],
    ]) {
      const { code, stdout, stderr } = await run(argv);
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(/^noetl-console: execution id ".*" is /);
    }
    expect(await cancelRows(db, id)).toBe(0);
  });

  it('on standard input too', async () => {
    const id = await execution(db);
    const { code } = await run(['cancel', '-'], { stdin: `${id}\n0x10\n` });
    expect([code, await cancelRows(db, id)]).toEqual([2, 0]);
  });

  it.each([
    [
      'a reason too long',
      ['--reason', 'x'.repeat(1001)],
      /^noetl-console: --reason: .*1 character too long \(limit 1,000\)/,
    ],
    ['a reason with control characters', ['--reason', 'a\u001b[31mb'], /^noetl-console: --reason: .*control/],
    ['a nameless operator', ['--as', ' '], /--as/],
    ['a wait that is none', ['--wait=soon'], /--wait "soon"/],
    ['a report that cannot be', ['--report', '/nowhere/at/all.md'], /--report .*cannot be written/],
  ])('so does %s', async (_, flags, message) => {
    const id = await execution(db);
    const { code, stdout, stderr } = await run(['cancel', id, ...flags]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
    expect(await cancelRows(db, id)).toBe(0);
  });
});

describe('--json', () => {
  it('prints the body, one line an id, errors too, and nothing else', async () => {
    const root = await execution(db);
    const child = await execution(db, { parent: root });
    const ended = await execution(db, { end: 'playbook.completed' });
    const { code, stdout, stderr } = await run([
      'cancel',
      root,
      ended,
      NOWHERE,
      '--cascade',
      '--json',
      '--reason',
      'x',
    ]);
    expect([code, stderr]).toEqual([5, '']);
    const bodies = jsonLines(stdout);
    expect(bodies.map((body) => Object.keys(body).slice(0, 4))).toEqual(
      Array(3).fill(['status', 'execution_id', 'cancelled_executions', 'message']),
    );
    expect(bodies).toMatchObject([
      {
        status: 'cancelled',
        execution_id: root,
        cancelled_executions: [root, child],
        message: 'Cancelled 2 execution(s)',
        reason: 'x',
      },
      {
        status: 'error',
        execution_id: ended,
        cancelled_executions: [],
        message: `Execution ${ended} is already COMPLETED`,
      },
      { status: 'error', execution_id: NOWHERE, cancelled_executions: [], message: `Execution ${NOWHERE} not found` },
    ]);
  });
});

describe('--dry-run', () => {
  it('prints the plan and writes nothing', async () => {
    const root = await execution(db, { path: 'etl/\u001b]0;owned\u0007' });
    const child = await execution(db, { parent: root });
    const { code, stdout } = await run(['cancel', root, '--cascade', '--dry-run']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Dry run: nothing was written. Would cancel 2 executions\./);
    expect(stdout).toContain(`  - ${root}  etl/␛]0;owned␇\n    - ${child}`);
    const json = jsonLines((await run(['cancel', root, '--cascade', '--dry-run', '--json'])).stdout);
    expect(json).toMatchObject([{ status: 'dry_run', cancelled_executions: [], would_cancel: [root, child] }]);
    expect(await cancelRows(db, root)).toBe(0);
    expect((await run(['cancel', NOWHERE, '--dry-run'])).code).toBe(3);
  });
});

it("the seed's shell loop prints what the seed shows", async () => {
  const live = await execution(db);
  const ended = await execution(db, { end: 'playbook.completed' });
  const script = `for id in ${live} ${ended}; do
  echo "Cancelling $id..."
  "${process.execPath}" "${program.entry}" --cancel $id --reason "Cleanup stale execution" 2>/dev/null || echo " (already cancelled or completed)"
done`;
  const { stdout } = await promisify(execFile)('bash', ['-c', script], {
    env: { ...process.env, DATABASE_URL: db.url },
  });
  expect(stdout).toBe(`Cancelling ${live}...

${RULE}
Execution: ${live}
Status:    CANCELLED
Cancelled: 1 execution(s)
Message:   Cancelled 1 execution(s)
Reason:    Cleanup stale execution
${RULE}

Cancelling ${ended}...
 (already cancelled or completed)
`);
});

describe('--wait', () => {
  it('sees that the work has stopped', async () => {
    const id = await execution(db);
    await writeEvents(db.pool, [
      { execution_id: id, event_type: 'command.completed', meta: { command_id: `${id}:load_orders` } },
    ]);
    const { code, stdout, stderr } = await run(['cancel', id, '--wait']);
    expect([code, stderr]).toEqual([0, '1 stopped\n']);
    expect(stdout).toContain('CANCELLED');
  });

  it('exits 6 with the event that proves that a worker goes on', async () => {
    const id = await execution(db);
    let over = false;
    let started = 0;
    const goOn = async () => {
      while (!over) {
        const row = { execution_id: id, node_name: 'load_orders', meta: { command_id: `${id}:late:${++started}` } };
        await writeEvents(db.pool, [
          { ...row, event_type: 'command.issued' },
          { ...row, event_type: 'command.started', worker_id: 'worker-7' },
        ]);
        await delay(200);
      }
    };
    let worker: Promise<void> | null = null;
    const { code, stderr, stdout } = await run(['cancel', id, '--wait=5s'], {
      onStdout: (text) => {
        if (text.includes(RULE)) worker ??= goOn();
      },
    });
    over = true;
    await worker;
    expect(code).toBe(6);
    expect(stdout).toContain('CANCELLED');
    const event = 'command\\.started of load_orders by worker-7';
    expect(stderr).toMatch(new RegExp(`Execution ${id}: still emitting: ${event} at \\d`));
    expect(stderr).toContain('1 still emitting');
  });

  it('exits 0 when the only worker is dead: what it held is abandoned; and reports the batch from the log', async () => {
    const id = await execution(db);
    await writeEvents(db.pool, [
      {
        execution_id: id,
        event_type: 'command.claimed',
        node_name: 'load',
        meta: { command_id: 'c', worker_id: 'w-dead' },
      },
    ]);
    await db.pool.query(
      `INSERT INTO noetl.runtime (runtime_id, name, kind, status, heartbeat) VALUES (77, 'w-dead', 'worker_pool', 'offline', now())`,
    );
    const { code, stdout } = await run(['cancel', id, '--wait', '--json']);
    const [{ stop, batch_id: batch }] = jsonLines(stdout);
    expect(code).toBe(0);
    expect(stop).toMatchObject({ settled: true, phases: { abandoned: 1 } });

    const report = await run(['report', batch, '--json']);
    expect(report.code).toBe(0);
    expect(jsonLines(report.stdout)[0]).toMatchObject({ batch_id: batch, evidence: { settled: true } });
    expect((await run(['report', batch])).stdout).toContain('# Cancellation of 1 execution\n');
    expect(jsonLines((await run(['cancelled', '--batch', batch, '--json'])).stdout)).toMatchObject([
      { execution_id: id, stop: { phase: 'abandoned' } },
    ]);
    for (const words of [
      ['report', 'nothing'],
      ['cancelled', '--batch', 'nothing'],
    ]) {
      expect(await run(words)).toEqual({ code: 3, stdout: '', stderr: 'Batch nothing not found\n' });
    }
    await db.pool.query('DELETE FROM noetl.runtime WHERE runtime_id = 77');
  });
});

describe('--report', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'noetl-report-'));
    return () => rm(folder, { recursive: true });
  });

  it.each(['report.json', 'report.md'])('writes %s', async (name) => {
    const id = await execution(db);
    const { code, stderr } = await run(['cancel', id, '--reason', 'For the record', '--report', join(folder, name)]);
    expect(code).toBe(0);
    expect(stderr).toContain(`Report written to ${join(folder, name)}`);
    const text = await readFile(join(folder, name), 'utf8');
    expect(text).toContain(id);
    expect(text).toContain('For the record');
    expect(text).not.toContain(new URL(db.url).password || '\u0000');
    if (name.endsWith('.json')) expect(JSON.parse(text)).toMatchObject({ reason: 'For the record' });
    else expect(text).toMatch(/^# /);
  });
});

describe('Ctrl-C in the middle of a batch', () => {
  /** As store/cancellations/append.ts locks an execution. */
  const LOCK_CLASS = 0x6e6f6574;

  it('stops before the next transaction and says what was cancelled', async () => {
    const ids: string[] = [];
    for (let index = 0; index < 800; index++) ids.push(`${700_000_000 + index}`);
    await writeEvents(
      db.pool,
      ids.map((id) => ({ execution_id: id, event_type: 'playbook.initialized' })),
    );
    const holder = await db.pool.connect();
    await holder.query('BEGIN');
    // In the second and the third transaction: both wait here until the signal has come.
    for (const at of [300, 600]) {
      await holder.query('SELECT pg_advisory_xact_lock($1, $2)', [LOCK_CLASS, Number(ids[at])]);
    }
    const done = spawned(['cancel', '-', '--json'], {
      stdin: ids.join('\n'),
      onStart: (child) => {
        void eventually(
          () => cancelRows(db),
          (rows) => rows >= 250,
        )
          .then(() =>
            eventually(
              async () =>
                (await db.pool.query(`SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`)).rowCount ??
                0,
              (waiting) => waiting > 1,
            ),
          )
          .then(() => child.kill('SIGINT'))
          .then(() => holder.query('COMMIT'))
          .finally(() => holder.release());
      },
    });
    const { code, stdout, stderr } = await done;
    const cancelled = await db.pool.query<{ id: string }>(
      `SELECT execution_id::text AS id FROM noetl.event WHERE event_type = 'execution.cancelled' AND execution_id BETWEEN 700000000 AND 700000799`,
    );
    const told = jsonLines(stdout).filter((body) => body.status === 'cancelled');
    expect(code).toBe(130);
    expect(told.map((body) => body.execution_id).sort()).toEqual(cancelled.rows.map((row) => row.id).sort());
    expect(told.length).toBe(750);
    expect(stderr).toMatch(
      /interrupted: 750 executions cancelled, 50 not attempted; run the same command again to continue/,
    );
    expect((await run(['cancel', '-'], { stdin: ids.join('\n') })).code).toBe(5);
    const all = await db.pool.query(
      `SELECT 1 FROM noetl.event WHERE event_type = 'execution.cancelled' AND execution_id BETWEEN 700000000 AND 700000799`,
    );
    expect(all.rowCount).toBe(800);
  });
});

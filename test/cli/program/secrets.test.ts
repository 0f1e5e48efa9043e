import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.js';
import { eventually } from '../../helpers/eventually.js';
import { FaultProxy } from '../../helpers/fault-proxy.js';
import { runInProcess } from '../helpers/in-process.js';
import { type BuiltProgram, buildProgram, type RunOptions, runProgram } from '../helpers/program.js';

const SECRET = 'Hunter2-s3cret';
let db: TestDatabase;
let program: BuiltProgram;
beforeAll(async () => {
  [db, program] = await Promise.all([createTestDatabase(), buildProgram()]);
});
afterAll(() => Promise.all([db.close(), program.remove()]));

describe('a secret where it does not belong is printed nowhere', () => {
  const server = () => new URL(db.url);
  const withSecret = (database: string): string => {
    const url = server();
    url.password = SECRET;
    url.pathname = `/${database}`;
    return url.href;
  };
  it.each<[string, () => { argv?: string[]; env?: RunOptions['env'] }]>([
    ['as the host', () => ({ env: { PGHOST: SECRET, PGUSER: 'op', PGPASSWORD: SECRET } })],
    ['in an encoded host', () => ({ argv: ['--database-url', `postgresql://op%3A${SECRET}%40localhost/db`] })],
    ['in PGHOST', () => ({ env: { PGHOST: `op:${SECRET}@localhost`, PGUSER: 'op' } })],
    ['as the database', () => ({ argv: ['--database-url', withSecret(SECRET)] })],
    [
      'in an encoded database',
      () => ({ argv: ['--database-url', db.url.replace(/\/[^/]*$/, `/op%3A${SECRET}%40db`)] }),
    ],
    [
      'in a conninfo string',
      () => ({ argv: ['--database-url', db.url.replace(/\/[^/]*$/, `/host=h%20password=${SECRET}`)] }),
    ],
    ['as the user', () => ({ argv: ['--database-url', `postgresql://op%3A${SECRET}@${server().host}/postgres`] })],
    ['as a parameter', () => ({ argv: ['--database-url', `${db.url}?ssl${SECRET}=1`] })],
    ['as an sslmode', () => ({ argv: ['--database-url', `${db.url}?sslmode=${SECRET}`] })],
  ])('%s', async (_, options) => {
    const { argv = [], env = {} } = options();
    for (const command of [['cancel', '1', '--json', '--debug'], ['doctor']]) {
      const { code, stdout, stderr } = await runInProcess([...command, ...argv], { env });
      expect(code).not.toBe(0);
      expect((stdout + stderr).toLowerCase()).not.toContain(SECRET.toLowerCase());
      expect(stdout + stderr).not.toBe('');
    }
  });
});

describe('the process list', () => {
  it('shows the name of the program, and no password or token, while it runs', async () => {
    // A database that does not answer: the program is there to be looked at.
    const proxy = await FaultProxy.before(db.url);
    proxy.cut('hang');
    const url = proxy.url.replace(/\/\/[^@]*@/, `//op:${SECRET}@`);
    const running = runProgram(program, ['serve', '--port', '0', '--token', SECRET, '--database-url', url], {
      onStart: (child) => {
        void (async () => {
          try {
            const seen = await eventually(
              () => commandLine(child.pid!),
              (line) => line.startsWith('noetl-console'),
              10_000,
            );
            expect(seen).not.toContain(SECRET);
            expect(seen.replace(/[\0 ]+$/, '')).toBe('noetl-console');
            expect(
              execFileSync('ps', ['-ww', '-o', 'args=', '-p', String(child.pid)], { encoding: 'utf8' }),
            ).not.toContain(SECRET);
          } catch (error) {
            problem = error;
          }
          child.kill('SIGTERM');
        })();
      },
    });
    let problem: unknown = null;
    await running;
    await proxy.close();
    expect(problem).toBeNull();
  });
});

function commandLine(pid: number): string {
  const file = `/proc/${pid}/cmdline`;
  if (existsSync(file)) return readFileSync(file, 'utf8');
  return execFileSync('ps', ['-ww', '-o', 'args=', '-p', String(pid)], { encoding: 'utf8' });
}

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.js';
import { cancelRows, execution } from '../helpers/executions.js';
import { type BuiltProgram, buildProgram, runProgram } from '../helpers/program.js';

let db: TestDatabase;
let program: BuiltProgram;
let home: string;
beforeAll(async () => {
  [db, program] = await Promise.all([createTestDatabase(), buildProgram()]);
  home = await mkdtemp(join(tmpdir(), 'noetl-console-require-reason-'));
});
afterAll(() => Promise.all([db.close(), program.remove(), rm(home, { recursive: true, force: true })]));

const run = (argv: string[], env: Record<string, string> = {}) =>
  runProgram(program, argv, { env: { DATABASE_URL: db.url, XDG_CONFIG_HOME: home, ...env } });

describe('a required reason', () => {
  it.each([[['--require-reason', '--cancel']], [['cancel', '--reason', '  ', '--require-reason']]])(
    'is missed with exit 2 and one line, and nothing is written: %j',
    async (argv) => {
      const id = await execution(db);
      const { code, stdout, stderr } = await run([...argv, id]);
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(/^noetl-console: a reason is required \(--require-reason\): say why with --reason\n/);
      expect(stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(2);
      expect(await cancelRows(db, id)).toBe(0);
    },
  );

  it('comes from the profile, for a cleanup as well, and a dry run needs none', async () => {
    const id = await execution(db, { ago: 90 });
    await mkdir(join(home, 'noetl-console'), { recursive: true });
    const file = join(home, 'noetl-console', 'config.yaml');
    await writeFile(file, `current: prod\nprofiles:\n  prod:\n    url: ${db.url}\n    require_reason: true\n`, {
      mode: 0o600,
    });
    const env = { DATABASE_URL: '' };
    const refused = await run(['cleanup'], env);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('require_reason, profile prod')]);
    expect(await cancelRows(db, id)).toBe(0);
    expect((await run(['cancel', id, '--dry-run'], env)).code).toBe(0);
    expect((await run(['cancel', id, '--reason', 'disk full'], env)).code).toBe(0);
    expect(await cancelRows(db, id)).toBeGreaterThan(0);
  });
});

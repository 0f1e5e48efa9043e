import { afterAll, beforeAll, expect, it } from 'vitest';
import { auditCancels, auditEnd } from '../../torture/audit.js';
import { rawIn } from '../../torture/hostile-text.js';
import { Tally } from '../../torture/tally.js';
import { createTestDatabase, nextIdAt, type TestDatabase, writeEvents } from '../helpers/database.js';

let db: TestDatabase;
const [once, twice, never] = [nextIdAt(), nextIdAt(), nextIdAt()];
const cancel = (execution_id: string, batch_id: string) => ({
  execution_id,
  event_type: 'execution.cancelled',
  meta: { batch_id },
});

beforeAll(async () => {
  db = await createTestDatabase();
  await writeEvents(db.pool, [
    { execution_id: never, event_type: 'playbook_started' },
    cancel(once, 'a'),
    cancel(twice, 'a'),
    cancel(twice, 'b'),
  ]);
});
afterAll(() => db?.close());

async function found(claim: { batchId?: string; cancelled?: string[]; unknown?: string[]; ended?: string[] }) {
  const tally = new Tally();
  await auditCancels(db.pool, [{ who: 'it', batchId: 'a', cancelled: [once, twice], ...claim }], tally);
  return tally.damage;
}

it('finds a second cancel of one execution', async () => {
  expect(await found({})).toEqual({ doubled: 1, lost: 0, misreported: 0, broken: 0 });
});

it('finds a cancel that was reported and is not there, or is another batch', async () => {
  expect(await found({ cancelled: [once, twice, never] })).toMatchObject({ lost: 1 });
  expect(await found({ batchId: 'b', cancelled: [once, twice] })).toMatchObject({ lost: 1 });
});

it('finds a cancel that was not reported, unless its outcome was said to be unknown', async () => {
  expect(await found({ cancelled: [once] })).toMatchObject({ misreported: 1 });
  expect(await found({ cancelled: [once], unknown: [twice] })).toMatchObject({ misreported: 0 });
});

it('finds an end that is not there', async () => {
  expect(await found({ ended: [once] })).toMatchObject({ misreported: 0 });
  expect(await found({ ended: [never] })).toMatchObject({ misreported: 1 });
});

it.each([
  ['an undocumented exit code', 9, ''],
  ['a death by a signal', null, ''],
  ['a stack trace', 1, 'Error: x\n    at main (file:///cli.js:1:2)\n'],
])('finds %s', (_, code, stderr) => {
  const tally = new Tally();
  auditEnd('it', { code, stdout: '', stderr }, tally);
  expect(tally.damage.broken).toBe(1);
});

it.each(['\u001b]0;owned\u0007', '\u001b[3777m', 'a\u202eb', 'a\u200bb', 'a\u0007', '\u009b', 'a\rb'])(
  'finds %j in a frame',
  (text) => expect(rawIn(`a frame\n${text}`)).not.toBeNull(),
);

it('takes the colours and line ends of a frame for what they are', () => {
  expect(rawIn('\u001b[1;32mgreen\u001b[0m\n日本 ␛[31m')).toBeNull();
});

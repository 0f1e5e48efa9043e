import { COMMANDS } from '../../source/cli/commands/index.js';
import type { Outcome } from '../../test/cli/helpers/program.js';
import { createTestDatabase, type TestDatabase } from '../../test/helpers/database.js';
import { auditCancels, auditEnd, claimOf } from '../audit.js';
import { STRANGE_HISTORIES, type StrangeHistory } from '../strange-histories.js';
import type { Tally } from '../tally.js';
import type { TortureContext, TorturePart } from '../types.js';

/** A command that runs longer, or prints more, has lost its bounds; each row of the table allows for some more of both. */
const LONGEST_MS = 120_000;
const LONGEST_MS_PER_ROW = 2;
const MOST_BYTES = 50_000_000;
const MOST_BYTES_PER_ROW = 1_000;
/** Above it the commands that differ only in their format are left out: the whole run has to end within half an hour. */
const MANY_ROWS = 100_000;
/** What a terminal would obey, or what hides or reorders text. */
const RAW = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e\u200b]/;
/** Half a gigabyte of heap is what a small operations container has. */
const NODE_OPTIONS = '--max-old-space-size=512';

/** Every command over histories that break what is taken for granted. */
export const histories: TorturePart = {
  name: 'histories',
  what: 'every command over ids 1 and 2^63-1, cycles, depth, fan-out, skew, NULL, mixed words, infinite dates, hostile texts',
  run: async (context, tally) => {
    // The quick form meets them all at once; in full each has a database of its own.
    const groups = context.quick ? [STRANGE_HISTORIES] : STRANGE_HISTORIES.map((history) => [history]);
    for (const group of groups) {
      const db = await createTestDatabase();
      try {
        const start = Date.now();
        await suffer(context, db, group, tally);
        const names = group.map(({ name }) => name).join(', ');
        context.log(`${names}: ${((Date.now() - start) / 1000).toFixed(0)} s`);
      } finally {
        await db.close();
      }
      tally.did('histories', group.length);
    }
  },
};

async function suffer(
  context: TortureContext,
  db: TestDatabase,
  group: readonly StrangeHistory[],
  tally: Tally,
): Promise<void> {
  const ids: string[] = [];
  const roots: string[] = [];
  for (const history of group) {
    const [root = '', ...others] = await history.write(db.pool, context);
    roots.push(root);
    ids.push(root, ...others);
  }
  const name = group.length === 1 ? (group[0]?.name ?? '') : 'all histories';
  const before = await rowsIn(db);
  const longestMs = LONGEST_MS + LONGEST_MS_PER_ROW * before;
  const mostBytes = MOST_BYTES + MOST_BYTES_PER_ROW * before;
  const run = async (argv: readonly string[]): Promise<Outcome> => {
    const what = `${name}: ${argv.join(' ')}`;
    const start = Date.now();
    const outcome = await context.run(argv, { env: { DATABASE_URL: db.url, NODE_OPTIONS }, longestMs });
    const ms = Date.now() - start;
    auditEnd(what, outcome, tally);
    tally.expect(outcome.code !== 1, 'broken', () => `${what}: exit 1 ${outcome.stderr}`);
    tally.expect(ms < longestMs, 'broken', () => `${what}: took ${ms} ms`);
    const bytes = outcome.stdout.length + outcome.stderr.length;
    tally.expect(bytes < mostBytes, 'broken', () => `${what}: printed ${bytes} characters`);
    // --csv is the values as they are, for another program.
    const isExact = argv.includes('--csv');
    tally.expect(isExact || !RAW.test(outcome.stdout), 'broken', () => `${what}: prints raw control characters`);
    tally.did('commands');
    return outcome;
  };
  const few = context.quick || before > MANY_ROWS;
  for (const argv of readsOf(ids, roots, few)) await run(argv);
  tally.expect((await rowsIn(db)) === before, 'broken', () => `${name}: a command that reads has written`);
  // What cannot be cancelled (no id is left above its own) is reported; all the rest is cancelled.
  const outcome = await run(['cancel', ...roots, '--cascade', '--json']);
  const claim = claimOf(`${name}: cancel`, outcome.stdout);
  await auditCancels(db.pool, claim ? [claim] : [], tally);
  const again = await run(['cancel', ...roots, '--cascade', '--json']);
  const second = claimOf(`${name}: cancel again`, again.stdout);
  tally.expect(
    (second?.cancelled.length ?? 0) === 0 || outcome.code !== 0,
    'lost',
    () => `${name}: exit 0, and the same command again cancels ${second?.cancelled.length} more`,
  );
}

async function rowsIn(db: TestDatabase): Promise<number> {
  const { rows } = await db.pool.query<{ n: number }>('SELECT count(*)::int AS n FROM noetl.event');
  return rows[0]?.n ?? Number.NaN;
}

function readsOf(ids: readonly string[], roots: readonly string[], few: boolean): string[][] {
  const [root = ''] = roots;
  const most = [
    [],
    ['list', '--status', 'all'],
    ['stale'],
    ['cleanup', '--dry-run'],
    ['cancelled'],
    ['status', ...ids],
    ...roots.flatMap((id) => [['tree', id]]),
    ['events', roots.at(-1) ?? '', '--reveal'],
  ];
  const rest = [
    ['list', '--json', '--limit', '1000'],
    ['list', '--status', 'running'],
    ['list', '--status', 'stale', '--json'],
    ['stale', '--json'],
    ['cleanup', '--dry-run', '--json'],
    ['cancelled', '--json'],
    ['status', ...ids, '--json'],
    ...ids.flatMap((id) => [
      ['tree', id, '--json'],
      ['events', id, '--json', '--limit', '100'],
    ]),
    ['cancel', root, '--cascade', '--dry-run', '--json'],
    ['query', 'SELECT * FROM noetl.event ORDER BY event_id LIMIT 500', '--role', 'none'],
    ['query', 'SELECT * FROM noetl.event ORDER BY event_id LIMIT 500', '--role', 'none', '--json'],
    ['query', 'SELECT * FROM noetl.event ORDER BY event_id LIMIT 500', '--role', 'none', '--csv'],
    ...(COMMANDS.some(({ name }) => name === 'runaway') ? [['runaway'], ['runaway', '--json']] : []),
  ];
  return few ? most : [...most, ...rest];
}

import type { ChildProcess } from 'node:child_process';
import { type Random, seededRandom } from '../../source/demo/engine/random.js';
import { runProgram } from '../../test/cli/helpers/program.js';
import { createTestDatabase, type TestDatabase } from '../../test/helpers/database.js';
import { FaultProxy } from '../../test/helpers/fault-proxy.js';
import { auditCancels, auditEnd, cancelsIn, claimOf } from '../audit.js';
import { liveIn, runningExecutions } from '../executions.js';
import type { Tally } from '../tally.js';
import type { TortureContext, TorturePart } from '../types.js';

/** Three transactions of the program's 250, two of them at once. */
const EXECUTIONS = 600;
/** Where a program is killed: at one of the statements that make up its transactions, or at any moment. */
const MOMENTS = ['pg_advisory_xact_lock', 'INSERT INTO', 'COMMIT', null] as const;

/** The program is killed while it cancels; the same command again does the rest. */
export const kills: TorturePart = {
  name: 'kills',
  what: 'SIGKILL of the program while it cancels, then the same command again',
  run: async (context, tally) => {
    const rounds = context.times(200, 4);
    const lanes = await Promise.all([0, 1].map((lane) => killer(context, lane, tally)));
    try {
      let round = 0;
      let underWay = 0;
      await Promise.all(
        lanes.map(async ({ kill }) => {
          // A run may end before its kill: such a round does not count, within bounds.
          while (killsDone(tally) + underWay < rounds && round < rounds * 2) {
            underWay++;
            await kill(round++);
            underWay--;
          }
        }),
      );
    } finally {
      for (const lane of lanes) await lane.close();
    }
    const done = killsDone(tally);
    tally.expect(
      done >= rounds,
      'broken',
      () => `only ${done} of ${rounds} programs were killed in ${rounds * 2} runs`,
    );
    const needed = rounds / 2;
    const inBatch = tally.counts.get('kills in mid-batch') ?? 0;
    tally.expect(inBatch >= needed, 'broken', () => `only ${inBatch} of ${rounds} kills hit a batch; ${needed} needed`);
  },
};

const killsDone = (tally: Tally): number => tally.counts.get('kills') ?? 0;

interface Lane {
  kill(round: number): Promise<void>;
  close(): Promise<void>;
}

async function killer(context: TortureContext, lane: number, tally: Tally): Promise<Lane> {
  const db = await createTestDatabase();
  const proxy = await FaultProxy.before(db.url);
  const random = seededRandom(context.seed * 1_000 + lane);
  return {
    kill: (round) => killOnce({ context, db, proxy, random, round, tally }),
    close: async () => {
      await proxy.close();
      await db.close();
    },
  };
}

interface Attempt {
  readonly context: TortureContext;
  readonly db: TestDatabase;
  readonly proxy: FaultProxy;
  readonly random: Random;
  readonly round: number;
  readonly tally: Tally;
}

async function killOnce({ context, db, proxy, random, round, tally }: Attempt): Promise<void> {
  await db.pool.query('TRUNCATE noetl.event');
  const cascade = round % 2 === 1;
  const ids = await runningExecutions(db.pool, EXECUTIONS, (index, above) =>
    cascade && index > 0 ? (above[Math.floor((index - 1) / 20)] ?? null) : null,
  );
  const asked = cascade ? ids.slice(0, 1) : ids;
  const args = ['cancel', '-', '--json', ...(cascade ? ['--cascade'] : [])];
  const program = await context.program();
  const options = { env: { DATABASE_URL: proxy.url }, stdin: asked.join('\n') };

  const moment = MOMENTS[round % MOMENTS.length] ?? null;
  const nth = random.whole(1, 2);
  let child: ChildProcess | undefined;
  let midBatch = false;
  let killed = false;
  const kill = () => {
    killed = child?.kill('SIGKILL') === true;
  };
  const writing = new Set<number>();
  let met = 0;
  proxy.follow(({ text, connection }) => {
    if (/pg_advisory_xact_lock/.test(text)) writing.add(connection);
    if (moment !== null && text.includes(moment) && writing.has(connection) && ++met === nth) {
      midBatch = true;
      // In half of them the server does not get the statement; in the others its answer finds nobody.
      setTimeout(kill, random.whole(0, 3));
      return random.next() < 0.5 ? 'cut-before' : { delayMs: 200 };
    }
    if (text === 'COMMIT') writing.delete(connection);
    return null;
  });
  const timed = moment === null ? setTimeout(kill, random.whole(150, 900)) : undefined;
  const first = await runProgram(program, args, {
    ...options,
    onStart: (started) => {
      child = started;
    },
  });
  clearTimeout(timed);
  proxy.follow(() => null);
  tally.did('kills', killed ? 1 : 0);
  if (killed && midBatch) tally.did('kills in mid-batch');
  if (!killed) tally.did('runs that ended before their kill');

  const before = await settled(db);
  const second = await context.run(args, options);
  auditEnd(`round ${round}, second run`, second, tally);
  const claims = [first, second].flatMap(({ stdout }, run) => claimOf(`round ${round}, run ${run + 1}`, stdout) ?? []);
  await auditCancels(db.pool, claims, tally);
  const left = await liveIn(db.pool);
  tally.expect(left.length === 0, 'lost', () => `round ${round}: ${left.length} are left after the second run`);
  const after = (await cancelsIn(db.pool)).size;
  tally.expect(after === EXECUTIONS, 'lost', () => `round ${round}: ${after} of ${EXECUTIONS} were cancelled`);
  const said = claims.find(({ who }) => who.endsWith('run 2'))?.cancelled.length ?? 0;
  const ended = first.stdout === '';
  tally.expect(
    !ended || before + said === EXECUTIONS,
    'misreported',
    () => `round ${round}: ${before} before the second run, which says ${said}`,
  );
}

/** How many are cancelled once the killed program's transactions are over. */
async function settled(db: TestDatabase): Promise<number> {
  for (;;) {
    const { rows } = await db.pool.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'noetl-console' AND xact_start IS NOT NULL`,
    );
    if (rows[0]?.n === 0) return (await cancelsIn(db.pool)).size;
  }
}

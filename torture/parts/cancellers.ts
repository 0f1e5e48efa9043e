import { randomUUID } from 'node:crypto';
import { createApi } from '../../source/http/api.js';
import { cancelResults } from '../../source/service/cancel/cancel-results.js';
import { createServices } from '../../source/service/use-cases.js';
import { runProgram } from '../../test/cli/helpers/program.js';
import { createTestDatabase, type TestDatabase } from '../../test/helpers/database.js';
import { openStore } from '../../test/helpers/store.js';
import { auditCancels, auditEnd, type CancelClaim, claimOf } from '../audit.js';
import { finishAll, liveIn, runningExecutions } from '../executions.js';
import type { Tally } from '../tally.js';
import type { TortureContext, TorturePart } from '../types.js';

/** One in so many cancellers is a process of its own; the others are stores in this one. */
const PROCESS_EVERY = 5;
const REQUESTS_AT_ONCE = 16;
const WRITERS = 6;

/** Many operators cancel the same executions at once. */
export const cancellers: TorturePart = {
  name: 'cancellers',
  what: 'stores, processes and an API cancel the same executions, flat and as one tree, while a writer finishes some',
  run: async (context, tally) => {
    const executions = context.times(1_000, 60);
    await onDatabase(async (db) => {
      const ids = await runningExecutions(db.pool, executions);
      const ending = shuffled(context, ids).slice(0, Math.ceil(executions * 0.3));
      // Several at once, else the cancellers have done before it comes to the last.
      const slices = Array.from({ length: WRITERS }, (_, at) => ending.filter((__, index) => index % WRITERS === at));
      const finishing = Promise.all(slices.map((slice) => finishAll(db.pool, slice)));
      const claims = await Promise.all([...attackers(context, db, ids, false, tally), throughApi(db, ids, tally)]);
      tally.did('finished by the writer', (await finishing).flat().length);
      await auditAll(db, claims.flat(), tally);
    });
    await onDatabase(async (db) => {
      // Three levels and a wide middle.
      const ids = await runningExecutions(db.pool, executions, (index, above) =>
        index === 0 ? null : (above[index <= 30 ? 0 : 1 + (index % 30)] ?? null),
      );
      const claims = await Promise.all(attackers(context, db, ids.slice(0, 1), true, tally));
      await auditAll(db, claims.flat(), tally);
    });
    tally.did('executions, flat and as a tree', executions);
  },
};

async function onDatabase(work: (db: TestDatabase) => Promise<void>): Promise<void> {
  const db = await createTestDatabase();
  try {
    await work(db);
  } finally {
    await db.close();
  }
}

async function auditAll(db: TestDatabase, claims: readonly CancelClaim[], tally: Tally): Promise<void> {
  await auditCancels(db.pool, claims, tally);
  const left = await liveIn(db.pool);
  tally.expect(left.length === 0, 'lost', () => `${left.length} executions are still running: ${left.slice(0, 3)}`);
}

function attackers(
  context: TortureContext,
  db: TestDatabase,
  ids: readonly string[],
  cascade: boolean,
  tally: Tally,
): Promise<CancelClaim[]>[] {
  const count = context.times(50, 6);
  return Array.from({ length: count }, (_, index) => {
    const own = shuffled(context, ids);
    if (index % PROCESS_EVERY !== 0) return inStore(`store ${index}`, db, own, cascade, tally);
    return inProcess(`process ${index}`, context, db, own, cascade, tally);
  });
}

async function inStore(
  who: string,
  db: TestDatabase,
  ids: readonly string[],
  cascade: boolean,
  tally: Tally,
): Promise<CancelClaim[]> {
  const store = openStore(db.url);
  try {
    const { cancel } = createServices(store);
    const request = { reason: who, cancelledBy: who, cascade, batchId: randomUUID(), source: 'torture' };
    const report = await cancel.run(await cancel.plan(ids, { cascade }), request);
    const results = cancelResults(report);
    tally.did('cancels by stores');
    return [
      {
        who,
        batchId: request.batchId,
        cancelled: results.flatMap((each) => each.cancelled),
        ended: results.filter((each) => each.kind === 'ended').map((each) => each.executionId),
        unknown: report.outcomes.filter(({ kind }) => kind === 'outcome-unknown').map((each) => each.executionId),
      },
    ];
  } finally {
    await store.close();
  }
}

async function inProcess(
  who: string,
  context: TortureContext,
  db: TestDatabase,
  ids: readonly string[],
  cascade: boolean,
  tally: Tally,
): Promise<CancelClaim[]> {
  const args = ['cancel', '-', '--json', '--reason', who, ...(cascade ? ['--cascade'] : [])];
  const env = { DATABASE_URL: db.url };
  const outcome = await runProgram(await context.program(), args, { env, stdin: ids.join('\n') });
  auditEnd(who, outcome, tally);
  tally.did('cancels by processes');
  const claim = claimOf(who, outcome.stdout);
  tally.expect(claim !== null, 'misreported', () => `${who} printed nothing: ${outcome.stderr}`);
  return claim ? [claim] : [];
}

async function throughApi(db: TestDatabase, ids: readonly string[], tally: Tally): Promise<CancelClaim[]> {
  const store = openStore(db.url);
  const app = await createApi({ services: createServices(store), token: null, version: '0', logger: false });
  const cancelled: string[] = [];
  const queue = [...ids];
  const client = async () => {
    for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
      const response = await app.inject({ method: 'POST', url: `/api/executions/${id}/cancel`, payload: {} });
      const known = [200, 409].includes(response.statusCode);
      tally.expect(known, 'broken', () => `the API answered ${response.statusCode}: ${response.body}`);
      if (response.statusCode === 200) cancelled.push(...response.json<Answer>().cancelled_executions);
      tally.did('cancels through the API');
    }
  };
  try {
    await Promise.all(Array.from({ length: REQUESTS_AT_ONCE }, client));
  } finally {
    await app.close();
    await store.close();
  }
  return [{ who: 'API', batchId: null, cancelled }];
}

interface Answer {
  readonly cancelled_executions: string[];
}

function shuffled<T>({ random }: TortureContext, all: readonly T[]): T[] {
  const copy = [...all];
  for (let at = copy.length - 1; at > 0; at--) {
    const other = random.whole(0, at);
    [copy[at], copy[other]] = [copy[other]!, copy[at]!];
  }
  return copy;
}

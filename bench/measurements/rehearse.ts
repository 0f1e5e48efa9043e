import { DEFAULT_STALE_AFTER_MS } from '../../source/domain/execution-status.js';
import { type RehearsalReport, rehearseCleanup } from '../../source/service/cleanup/rehearsal/rehearsal.js';
import { tablesIn } from '../../source/store/connection/tables.js';
import { logPage, pageSettings } from '../../source/store/rehearsal/statements.js';
import { PLAN_BY_INDEX } from '../../source/store/sql.js';
import type { BenchDatabase } from '../harness/databases.js';
import { interleave } from '../harness/interleave.js';
import { factRow, figureRow, ratioRow } from '../harness/rows.js';
import { openStore } from '../harness/store.js';
import type { BenchContext, BenchRow } from '../harness/types.js';

const DAY_MS = 86_400_000;
/** The generator's logs reach back 600 days, and a little further where executions are long. */
const ALL_DAYS = 650;
const MONTH_DAYS = 30;
/** What every event costs that is read in order of time and looked at, by one statement over all of them. */
const EVERY_EVENT = (schema: string): string =>
  `SELECT count(*) FROM (SELECT execution_id, created_at - lag(created_at) OVER (PARTITION BY execution_id ORDER BY created_at) AS gap
     FROM ${schema}.event) g WHERE gap > interval '10 minutes'`;

/** `cleanup --rehearse`: a month of the log, and all of it, at every size. */
export async function run(context: BenchContext): Promise<BenchRow[]> {
  const { small, large, largest } = context.sizes;
  const rows: BenchRow[] = [];
  for (const size of largest ? [small, large, largest] : [small, large]) {
    rows.push(...(await rehearsalIn(await context.database(size), size, context)));
  }
  return rows;
}

async function rehearsalIn(database: BenchDatabase, size: number, context: BenchContext): Promise<BenchRow[]> {
  await database.freshen();
  const store = openStore(database);
  const sizes = `${size.toLocaleString('en')} events, ${database.executions.toLocaleString('en')} executions`;
  let all: RehearsalReport | undefined;
  let most = 0;
  const over = async (days: number) => {
    const options = { windowMs: days * DAY_MS, olderThanMs: DEFAULT_STALE_AFTER_MS };
    const report = await rehearseCleanup(store, {
      ...options,
      onProgress: () => {
        most = Math.max(most, process.memoryUsage().heapUsed);
      },
    });
    if (days === ALL_DAYS) all = report;
  };
  try {
    const before = process.memoryUsage().heapUsed;
    const times = await interleave(
      {
        month: { run: () => over(MONTH_DAYS).then(() => undefined) },
        all: { run: () => over(ALL_DAYS).then(() => undefined) },
        statement: { run: async () => void (await database.client.query(EVERY_EVENT(database.schema))) },
      },
      context.repeats(3),
      1,
    );
    const reference = {
      reference: times.statement,
      referenceName: 'one statement that only finds the gaps',
      unit: 'ms',
      sizes,
    };
    const scans = await sequentialScans(database, ALL_DAYS);
    const { events = 0, silentExecutions = 0, asKnown, workersLost } = all ?? {};
    return [
      ratioRow({ what: 'a rehearsal of a month of 20', ours: times.month, target: { atMost: 1 }, ...reference }),
      ratioRow({ what: 'a rehearsal of all there is', ours: times.all, target: { atMost: 10 }, ...reference }),
      factRow({
        what: 'a page of the log reads no partition in sequence',
        sizes,
        holds: scans === 0,
        shown: `${scans} sequential scans`,
        expected: '0 sequential scans',
      }),
      figureRow({ what: 'heap above its start', sizes, unit: 'MB', value: Math.max(0, most - before) / 1e6 }),
      figureRow({
        what: 'executions with a silence, in all there is',
        sizes,
        unit: 'executions',
        value: silentExecutions,
        note: `${events.toLocaleString('en')} events walked; would have cancelled ${asKnown?.cancelled} (liveness unknown) and ${workersLost?.cancelled} (workers lost); ${workersLost?.wentOn} went on`,
      }),
    ];
  } finally {
    await store.close();
  }
}

/** Sequential scans in the plan of one page, as the store asks for it. */
async function sequentialScans({ client, schema }: BenchDatabase, days: number): Promise<number> {
  const since = String((Date.now() - days * DAY_MS) * 1000);
  const page = logPage(tablesIn(schema), { micros: since, executionId: '0', eventId: '0' }, Date.now(), 25_000);
  await client.query(`BEGIN READ ONLY; ${PLAN_BY_INDEX}; ${pageSettings().text}`);
  try {
    const { rows } = await client.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${page.text}`, [...page.values]);
    return rows.filter((row) => /Seq Scan on event/.test(row['QUERY PLAN'])).length;
  } finally {
    await client.query('ROLLBACK');
  }
}

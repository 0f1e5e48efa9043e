import { DEFAULT_STALE_AFTER_MS } from '../../source/domain/execution-status.js';
import { createDiagnoseService } from '../../source/service/diagnose/diagnose.js';
import type { EventStore } from '../../source/store/event-store.js';
import type { BenchDatabase } from '../harness/databases.js';
import { figure, figureRow } from '../harness/rows.js';
import { type Sample, sample } from '../harness/statistics.js';
import { openStore } from '../harness/store.js';
import type { BenchContext, BenchRow } from '../harness/types.js';
import { SEED_STALE_QUERY } from '../references/seed-queries.js';

/** Who reads pages: PostgreSQL 18's own reading processes, or the process that asks. */
const METHODS = ['worker', 'sync'] as const;
const PAGE_BYTES = 8192;

type Read = (store: EventStore, database: BenchDatabase) => Promise<unknown>;

const READS: Readonly<Record<string, Read>> = {
  "the console's first rows": (store) =>
    store.recentlyActive({ withinMs: 86_400_000, mostEvents: 20_000 }, { polling: true }),
  'all that has not ended': async (store) => {
    for await (const _ of store.activeInPieces({ polling: true }));
  },
  'stale, each with its diagnosis': (store) =>
    createDiagnoseService(store).diagnoseStale({ olderThanMs: DEFAULT_STALE_AFTER_MS }),
  "the seed's stale query": (_, database) => database.client.query(SEED_STALE_QUERY),
};

interface Readings {
  readonly cold: Record<(typeof METHODS)[number], number[]>;
  readonly warm: number[];
  pages: number;
  isSystemCacheCold: boolean;
}

/** The first question after a restart of the server, with nothing in any cache, read with and without asynchronous I/O. */
export async function run(context: BenchContext): Promise<BenchRow[]> {
  const events = context.mode === 'full' ? context.sizes.large : context.sizes.small;
  const rows: BenchRow[] = [];
  for (const [what, read] of Object.entries(READS)) {
    const readings: Readings = { cold: { worker: [], sync: [] }, warm: [], pages: 0, isSystemCacheCold: true };
    for (let round = 0; round < context.repeats(3); round++) {
      for (const method of round % 2 ? METHODS.toReversed() : METHODS) {
        if (!(await readCold(context, events, method, read, readings))) return [];
      }
    }
    rows.push(...rowsOf(what, events, readings));
  }
  return rows;
}

/** False where this run cannot restart its server. */
async function readCold(
  context: BenchContext,
  events: number,
  method: (typeof METHODS)[number],
  read: Read,
  readings: Readings,
): Promise<boolean> {
  const database = await context.coldDatabase?.(events, { io_method: method });
  if (!database) return false;
  const before = await pagesRead(database);
  const store = openStore(database);
  try {
    // Connecting and PostgreSQL's own catalogs are not what is measured.
    await store.clock();
    readings.cold[method].push(await timeOf(() => read(store, database)));
    readings.warm.push(await timeOf(() => read(store, database)));
  } finally {
    await store.close();
  }
  readings.pages = Math.max(readings.pages, (await pagesRead(database)) - before);
  readings.isSystemCacheCold = database.isSystemCacheCold;
  return true;
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Pages read so far by connections that are closed, and by this one. A connection counts when its process is gone. */
async function pagesRead({ client }: BenchDatabase): Promise<number> {
  for (let others = 1; others > 0; ) {
    const { rows } = await client.query<{ others: number }>(
      `SELECT count(*)::int AS others FROM pg_stat_activity
       WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`,
    );
    others = rows[0]!.others;
  }
  await client.query('SELECT pg_stat_force_next_flush()');
  const { rows } = await client.query<{ pages: number }>(
    'SELECT blks_read::float8 AS pages FROM pg_stat_database WHERE datname = current_database()',
  );
  return rows[0]!.pages;
}

function rowsOf(what: string, events: number, { cold, warm, pages, isSystemCacheCold }: Readings): BenchRow[] {
  const [worker, sync]: [Sample, Sample] = [sample(cold.worker), sample(cold.sync)];
  const sizes = `${events.toLocaleString('en')} events, server just started, ${
    isSystemCacheCold ? "nothing in the system's cache" : "the system's cache warm"
  }`;
  const read = `${figure((pages * PAGE_BYTES) / 1e6)} MB read`;
  return [
    figureRow({
      what: `${what}, cold`,
      sizes,
      unit: '× warm',
      value: worker.median / sample(warm).median,
      shown: `${worker.median.toFixed(0)} ms, ${read}`,
      reference: `again, warm: ${sample(warm).median.toFixed(0)} ms`,
    }),
    figureRow({
      what: `${what}, cold, without asynchronous I/O`,
      sizes,
      unit: '× with it',
      value: sync.median / worker.median,
      shown: `${sync.median.toFixed(0)} ms (io_method sync)`,
      reference: `${worker.median.toFixed(0)} ms (io_method worker)`,
    }),
  ];
}

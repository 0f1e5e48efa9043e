import type { CancelRequest } from '../../source/domain/cancellation.js';
import { type CancelService, createCancelService } from '../../source/service/cancel/cancel.js';
import { tableCancelWriter } from '../../source/store/cancellations/cancel-writer.js';
import type { EventStore } from '../../source/store/event-store.js';
import { countStatements } from '../harness/count-statements.js';
import type { BenchDatabase } from '../harness/databases.js';
import { delayingProxy } from '../harness/delaying-proxy.js';
import { interleave, type Timed } from '../harness/interleave.js';
import { figure, figureRow, ratioRow, spread } from '../harness/rows.js';
import type { Sample } from '../harness/statistics.js';
import { openStore, openStoreAt } from '../harness/store.js';
import type { BenchContext, BenchRow } from '../harness/types.js';
import { type InsertColumns, plainInsert, rowsOfCancel } from '../references/plain-insert.js';
import { addRunning } from '../references/running-executions.js';

/** How many transactions are under way at once, each over a connection of its own. */
const CONNECTIONS = [1, 2, 3, 4] as const;
/** Few, so that the fills take less time than what is measured. */
const EVENTS_EACH = 2;
const ONE_WAY_MS = 25;

export const requestOf = (cascade: boolean): CancelRequest => ({
  reason: 'measured',
  cancelledBy: 'bench@bench',
  cascade,
  batchId: 'bench',
  source: 'noetl-console/bench',
});

/** Cancelling many, plan and writes, against one INSERT of as many rows of the same kind. */
export async function run(context: BenchContext): Promise<BenchRow[]> {
  const count = context.mode === 'quick' ? 1000 : 10_000;
  const rows = await againstPlainInsert(context, count, { rounds: context.repeats(4), warmUps: 1 });
  if (context.mode === 'full') {
    rows.push(...(await againstPlainInsert(context, 10 * count, { rounds: 1, warmUps: 0 })));
  }
  rows.push(...(await byIndexes(context, count)), ...(await atADistance(context, count / 4)));
  return rows;
}

type Service = (connections: number) => CancelService;

const servicesOn = (store: EventStore): Service => {
  const writer = tableCancelWriter(store);
  return (connections) => createCancelService(store, { writer: { ...writer, appendsAtOnce: connections } });
};

/** A cancel of `count` executions at work, whose fill is not timed. */
function cancelOf(database: BenchDatabase, count: number, service: CancelService): Timed {
  let ids: string[] = [];
  return {
    prepare: async () => {
      ids = await addRunning(database, count, 0, EVENTS_EACH);
    },
    run: async () => {
      const report = await service.run(await service.plan(ids, { cascade: false }), requestOf(false));
      const cancelled = report.outcomes.filter(({ kind }) => kind === 'cancelled').length;
      if (cancelled !== count) throw new Error(`${cancelled} of ${count} were cancelled`);
      return undefined;
    },
  };
}

/** The rows of the same cancel, worked out before. */
function insertOf(database: BenchDatabase, count: number): Timed {
  let columns: InsertColumns = [];
  return {
    prepare: async () => {
      columns = await rowsOfCancel(database, await addRunning(database, count, 0, EVENTS_EACH), requestOf(false));
    },
    run: async () => {
      await plainInsert(database, columns);
      return undefined;
    },
  };
}

const perSecond = (count: number, { median }: Sample): string => `${figure((1000 * count) / median)} a second`;
const nameOf = (connections: number): string => `${connections} connection${connections === 1 ? '' : 's'}`;

async function againstPlainInsert(
  context: BenchContext,
  count: number,
  { rounds, warmUps }: { rounds: number; warmUps: number },
): Promise<BenchRow[]> {
  const database = await context.scratchDatabase();
  const store = openStore(database);
  const services = servicesOn(store);
  const usual = tableCancelWriter(store).appendsAtOnce ?? 1;
  try {
    const things: Record<string, Timed> = { insert: insertOf(database, count) };
    for (const connections of CONNECTIONS) {
      things[nameOf(connections)] = cancelOf(database, count, services(connections));
    }
    const times = await interleave(things, rounds, warmUps);
    const insert = times.insert!;
    const ids = await addRunning(database, count, 0, EVENTS_EACH);
    const { statements } = await countStatements(async () => {
      const service = services(usual);
      await service.run(await service.plan(ids, { cascade: false }), requestOf(false));
    });
    const sizes = `${count.toLocaleString('en')} executions, ${(1.5 * count).toLocaleString('en')} rows, 32 indexes`;
    return [
      ...CONNECTIONS.map((connections) =>
        ratioRow({
          what: `cancelling many: plan, locks, checks and rows, over ${nameOf(connections)}${connections === usual ? ', as usual' : ''}`,
          sizes,
          unit: 'ms',
          ours: times[nameOf(connections)]!,
          reference: insert,
          referenceName: 'one plain INSERT of the same rows',
          ...(connections === usual && count <= 10_000 ? { target: { atMost: 1.5 } } : {}),
          note: `${perSecond(count, times[nameOf(connections)]!)}; plain INSERT ${perSecond(count, insert)}`,
        }),
      ),
      figureRow({ what: 'statements of that cancel', sizes, unit: 'statements', value: statements }),
    ];
  } finally {
    await store.close();
  }
}

/** One connection keeps one core of the server busy at most: what it does in a second is what a core does. */
async function byIndexes(context: BenchContext, count: number): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const database of [await context.scratchDatabase(), await context.emptyDatabase()]) {
    await database.client.query(
      `INSERT INTO ${database.schema}.catalog (catalog_id, path, version, kind) VALUES (1, 'bulk', 1, 'playbook') ON CONFLICT DO NOTHING`,
    );
    const indexes = await indexesOf(database);
    const store = openStore(database);
    try {
      const cancel = cancelOf(database, count, servicesOn(store)(1));
      const times = await interleave({ cancel }, context.repeats(3), 1);
      rows.push(
        figureRow({
          what: 'cancels a second and core',
          sizes: `${count.toLocaleString('en')} executions, ${indexes} indexes, one connection`,
          unit: 'a second',
          value: (1000 * count) / times.cancel.median,
        }),
      );
    } finally {
      await store.close();
    }
  }
  return rows;
}

async function indexesOf({ client, schema }: BenchDatabase): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    'SELECT count(*)::int FROM pg_index WHERE indrelid = $1::regclass',
    [`${schema}.event`],
  );
  return rows[0]!.count;
}

async function atADistance(context: BenchContext, count: number): Promise<BenchRow[]> {
  const database = await context.scratchDatabase();
  const proxy = await delayingProxy(database.url, ONE_WAY_MS);
  const store = openStoreAt(proxy.url, database.schema);
  const services = servicesOn(store);
  try {
    const things: Record<string, Timed> = {};
    for (const connections of CONNECTIONS) {
      things[nameOf(connections)] = cancelOf(database, count, services(connections));
    }
    const times = await interleave(things, context.repeats(3), 1);
    return CONNECTIONS.map((connections) => {
      const of = times[nameOf(connections)]!;
      return figureRow({
        what: `the same on a database that is ${2 * ONE_WAY_MS} ms away, over ${nameOf(connections)}`,
        sizes: `${count.toLocaleString('en')} executions, 32 indexes`,
        unit: 'ms',
        value: of.median,
        shown: spread(of, 'ms'),
        note: perSecond(count, of),
      });
    });
  } finally {
    await store.close();
    await proxy.close();
  }
}

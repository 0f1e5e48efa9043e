import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { snowflakeFloor } from '../source/domain/snowflake.js';
import type { CancellationCheck, WorkerEventEmitter } from '../source/domain/worker-protocol.js';
import { createCancellationGuard } from '../source/guard/cancellation-guard.js';
import { httpCancellationCheck, httpCommandEmitter } from '../source/guard/http-ports.js';
import { startServer } from '../source/http/server.js';
import { createCancelService } from '../source/service/cancel/cancel.js';
import { createServices } from '../source/service/use-cases.js';
import type { EventStore } from '../source/store/event-store.js';
import { databaseCancellationCheck, databaseCommandEmitter } from '../source/store/worker/ports.js';
import type { BenchDatabase } from './harness/databases.js';
import { figure, figureRow } from './harness/rows.js';
import { quantile } from './harness/statistics.js';
import { openStore } from './harness/store.js';
import type { BenchContext, BenchRow } from './harness/types.js';

/** How long each command takes: the cancel falls into one, and the worker sees it before the next. */
const COMMAND_MS = 10;
const ROUNDS = 200;
const silent = { info: () => {}, warn: () => {} };

interface Ports {
  readonly check: CancellationCheck;
  readonly emit: WorkerEventEmitter;
}

/** From the cancel's commit until a guarded worker has skipped a command and its `command.cancelled` is in the log. */
export async function run(context: BenchContext): Promise<BenchRow[]> {
  const database = await context.emptyDatabase();
  const pool = new pg.Pool({ connectionString: database.url, max: 8 });
  const store = openStore(database);
  const services = createServices(store);
  const server = await startServer({ services, port: 0, version: 'bench', logger: false });
  try {
    const { schema } = database;
    const byDatabase = {
      check: databaseCancellationCheck({ pool, schema }),
      emit: databaseCommandEmitter({ pool, schema }),
    };
    const byHttp = {
      check: httpCancellationCheck({ baseUrl: server.url }),
      emit: httpCommandEmitter({ baseUrl: server.url }),
    };
    const catalogId = await catalogEntry(database, pool);
    const rounds = context.repeats(ROUNDS);
    const rows: BenchRow[] = [];
    for (const [name, ports] of [
      ['the database', byDatabase],
      ['HTTP', byHttp],
    ] as const) {
      const latencies: number[] = [];
      for (let round = 0; round < rounds + 5; round++) {
        const latency = await once({ database, pool, store, catalogId, round }, ports);
        if (round >= 5) latencies.push(latency);
      }
      latencies.sort((a, b) => a - b);
      const [p50, p99] = [quantile(latencies, 0.5), quantile(latencies, 0.99)];
      rows.push(
        figureRow({
          what: `cancel to skip, the guard over ${name}`,
          sizes: `${rounds} cancels, commands of ${COMMAND_MS} ms`,
          unit: 'ms (p99)',
          value: p99,
          shown: `p50 ${figure(p50)} ms, p99 ${figure(p99)} ms`,
          note: `from the cancel's commit to the written command.cancelled; up to ${COMMAND_MS} ms of it is the command in progress`,
        }),
      );
    }
    return rows;
  } finally {
    await server.close();
    await store.close();
    await pool.end();
  }
}

interface Scene {
  readonly database: BenchDatabase;
  readonly pool: pg.Pool;
  readonly store: EventStore;
  readonly catalogId: string;
  readonly round: number;
}

/** One execution with one worker that takes command after command; a cancel falls somewhere. Milliseconds. */
async function once(scene: Scene, ports: Ports): Promise<number> {
  const executionId = await begin(scene);
  const guard = createCancellationGuard({ ...ports, logger: silent });
  const worker = (async () => {
    for (let command = 0; ; command++) {
      const outcome = await guard.run(
        { executionId, commandId: `${executionId}:${command}`, step: 'loop', workerId: 'bench' },
        { claim: async () => true, execute: () => delay(COMMAND_MS) },
      );
      if (outcome.kind === 'skipped' && outcome.emitted) return performance.now();
      if (outcome.kind !== 'executed') throw new Error(`the worker's command was ${outcome.kind}`);
    }
  })();
  await delay(5 + ((scene.round * 7) % 20));
  let committedAt = Number.NaN;
  const service = createCancelService({
    ...scene.store,
    appendCancellations: async (...args) => {
      const results = await scene.store.appendCancellations(...args);
      committedAt = performance.now();
      return results;
    },
  });
  const plan = await service.plan([executionId], { cascade: false });
  await service.run(plan, {
    reason: 'bench',
    cancelledBy: 'bench',
    cascade: false,
    batchId: executionId,
    source: 'noetl-console/bench',
  });
  // The commit can be seen a moment before its own client hears of it.
  return Math.max(0, (await worker) - committedAt);
}

async function catalogEntry({ schema }: BenchDatabase, pool: pg.Pool): Promise<string> {
  const { rows } = await pool.query<{ id: string }>(
    `INSERT INTO ${schema}.catalog (catalog_id, path, version, kind) VALUES (1, 'bench/loop', 1, 'playbook')
     ON CONFLICT DO NOTHING RETURNING catalog_id::text AS id`,
  );
  return rows[0]?.id ?? '1';
}

async function begin({ database: { schema }, pool, catalogId, round }: Scene): Promise<string> {
  const id = (snowflakeFloor(Date.now(), 'rust') | BigInt(round % 4096)).toString();
  await pool.query(
    `INSERT INTO ${schema}.event (execution_id, event_id, catalog_id, created_at, event_type, node_name, status)
     VALUES ($1, $2, $3, clock_timestamp() AT TIME ZONE 'UTC', 'playbook_started', 'bench/loop', 'STARTED')`,
    [id, id, catalogId],
  );
  return id;
}

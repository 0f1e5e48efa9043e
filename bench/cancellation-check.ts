import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';
import type { BenchDatabase } from './harness/databases.js';
import { interleave } from './harness/interleave.js';
import { figureRow, ratioRow } from './harness/rows.js';
import { sample } from './harness/statistics.js';
import type { BenchContext, BenchRow } from './harness/types.js';

/** As many workers ask at a time; each asks again as soon as it is answered. */
const CLIENTS = 64;
/** The executions that they work for: a worker asks for its own, and several work for one. */
const EXECUTIONS = 100;
const SECONDS = 3;
const SERVER = fileURLToPath(new URL('references/http-server.ts', import.meta.url));

/** Workers' checks against the API, and against the same HTTP library answering a constant. */
export async function run(context: BenchContext): Promise<BenchRow[]> {
  const database = await context.database(context.sizes.small);
  const paths = await runningExecutions(database);
  const servers = { ours: await start('check', database), constant: await start('constant', database) };
  try {
    const latencies: number[] = [];
    const ask = async (url: string, keep: boolean) => {
      const result = await autocannon({
        url,
        connections: CLIENTS,
        duration: context.mode === 'quick' ? 1 : SECONDS,
        requests: paths.map((path) => ({ method: 'GET', path })),
      });
      if (result.non2xx > 0 || result.errors > 0) {
        throw new Error(`${result.non2xx} answers were no 200, ${result.errors} requests failed`);
      }
      if (keep) latencies.push(result.latency.p99);
      return result.requests.average;
    };
    const { ours, constant } = await interleave(
      {
        ours: { run: () => ask(servers.ours.url, true) },
        constant: { run: () => ask(servers.constant.url, false) },
      },
      context.repeats(5),
    );
    const sizes = `${database.events.toLocaleString('en')} events, ${CLIENTS} clients, ${paths.length} executions`;
    return [
      ratioRow({
        what: 'cancellation-check',
        sizes,
        unit: 'requests/s',
        ours,
        reference: constant,
        referenceName: 'Fastify answering a constant',
        target: { atLeast: 0.7 },
        note: 'clients, server and PostgreSQL share the machine; the constant leaves it to the first two',
      }),
      figureRow({
        what: 'cancellation-check, 99th percentile under that load',
        sizes,
        unit: 'ms',
        value: sample(latencies).median,
      }),
    ];
  } finally {
    servers.ours.stop();
    servers.constant.stop();
  }
}

/** The paths of the checks: for executions that run, which are the ones that workers ask for; in a small table others too. */
async function runningExecutions({ client }: BenchDatabase): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    `SELECT execution_id::text AS id FROM bench.execution ORDER BY terminal, last_ms DESC LIMIT $1`,
    [EXECUTIONS],
  );
  if (rows.length === 0) throw new Error('there is no execution in the generated data');
  return rows.map(({ id }) => `/api/executions/${id}/cancellation-check`);
}

async function start(kind: 'check' | 'constant', { url, schema }: BenchDatabase) {
  const child = spawn(process.execPath, ['--import', 'tsx', SERVER, kind, url, schema], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, NODE_ENV: 'production' },
  });
  const failed = once(child, 'exit').then(([code]) => {
    throw new Error(`the ${kind} server ended with ${code}`);
  });
  failed.catch(() => {});
  const [line] = (await Promise.race([once(createInterface(child.stdout), 'line'), failed])) as [string];
  return { url: line, stop: () => child.stdin.end() };
}

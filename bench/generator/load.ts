import type { ClientBase } from 'pg';
import { SNOWFLAKE_EPOCH_MS } from '../../source/domain/snowflake.js';
import { CATALOG_ROWS, type Plan, type PlannedExecution } from './plan.js';
import type { ShapeStack } from './shape-types.js';

/** The plan stays in the database as schema `bench`: it is what the measurements' answers are checked against. */
const STAGING = `
CREATE SCHEMA bench;
CREATE UNLOGGED TABLE bench.shape (
  shape int, position int, offset_ms float8, prev_offset_ms float8, event_type text, status text, node text, node_type text,
  context jsonb, result jsonb, meta text, in_worker_column boolean, names_parent boolean, duration float8
);
CREATE UNLOGGED TABLE bench.execution (
  execution_id bigint PRIMARY KEY, parent_id bigint, inline boolean, catalog_id bigint, stack text, shape int,
  started_ms float8, cut int, terminal boolean, last_ms float8, imported_ms float8
);
CREATE UNLOGGED TABLE bench.tree_of_five (root bigint);`;

const catalogId = (number: number): string => String((BigInt(number) << 40n) + 1n);

/** Writes catalog, workers and the plan; events come after. */
export async function stage(client: ClientBase, schema: string, plan: Plan): Promise<void> {
  await client.query(STAGING);
  const numbers = Array.from({ length: CATALOG_ROWS }, (_, index) => index + 1);
  await client.query(
    `INSERT INTO "${schema}".catalog (catalog_id, path, version, kind, content)
     SELECT id, 'team' || n % 7 || '/flow_' || n, 1 + n % 4, 'playbook', repeat('- step: work' || chr(10), 40)
     FROM unnest($1::bigint[], $2::int[]) AS c (id, n)`,
    [numbers.map(catalogId), numbers],
  );
  await client.query(
    `INSERT INTO "${schema}".runtime (runtime_id, name, kind, status, heartbeat)
     SELECT n, 'worker-' || n, 'worker_pool', 'ready', now() - CASE WHEN n < 12 THEN interval '5 seconds' ELSE interval '3 days' END
     FROM generate_series(0, 15) n`,
  );
  const shapes = plan.book.shapes.flatMap(({ events }, shape) =>
    events.map((event, index) => ({ shape, ...event, prevOffsetMs: events[index - 1]?.offsetMs ?? null })),
  );
  await client.query(
    `INSERT INTO bench.shape SELECT * FROM unnest($1::int[], $2::int[], $3::float8[], $4::float8[], $5::text[], $6::text[],
       $7::text[], $8::text[], $9::jsonb[], $10::jsonb[], $11::text[], $12::boolean[], $13::boolean[], $14::float8[])`,
    [
      shapes.map((row) => row.shape),
      shapes.map((row) => row.position),
      shapes.map((row) => row.offsetMs),
      shapes.map((row) => row.prevOffsetMs),
      shapes.map((row) => row.type),
      shapes.map((row) => row.status),
      shapes.map((row) => row.node),
      shapes.map((row) => row.nodeType),
      shapes.map((row) => row.context),
      shapes.map((row) => row.result),
      shapes.map((row) => row.meta),
      shapes.map((row) => row.inWorkerColumn),
      shapes.map((row) => row.namesParent),
      shapes.map((row) => row.durationMs),
    ],
  );
  for (let from = 0; from < plan.executions.length; from += 20_000) {
    await stageExecutions(client, plan.executions.slice(from, from + 20_000));
  }
  await client.query('INSERT INTO bench.tree_of_five SELECT unnest($1::bigint[])', [plan.treesOfFive.map(String)]);
  await client.query('ANALYZE bench.shape, bench.execution');
}

async function stageExecutions(client: ClientBase, part: readonly PlannedExecution[]): Promise<void> {
  await client.query(
    `INSERT INTO bench.execution SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::boolean[], $4::bigint[], $5::text[],
       $6::int[], $7::float8[], $8::int[], $9::boolean[], $10::float8[], $11::float8[])`,
    [
      part.map(({ id }) => String(id)),
      part.map(({ parent }) => parent && String(parent)),
      part.map(({ inline }) => inline),
      part.map(({ catalog }) => catalogId(catalog)),
      part.map(({ stack }) => stack),
      part.map(({ shape }) => shape),
      part.map(({ startedMs }) => startedMs),
      part.map(({ cut }) => cut),
      part.map(({ terminal }) => terminal),
      part.map(({ lastMs }) => lastMs),
      part.map(({ importedMs }) => importedMs),
    ],
  );
}

/** Bits below the millisecond, and the server's number above the sequence, by stack. */
const LAYOUT: Readonly<Record<ShapeStack, { shift: number; server: number }>> = {
  python: { shift: 23, server: 1 << 18 },
  rust: { shift: 22, server: 1 << 12 },
};

/**
 * Writes one stack's events. Rows go in by time, so that the rows of executions that ran side by side lie among one
 * another on the pages, as an append-only table has them; narrow keys are sorted, payloads joined on afterwards.
 */
export async function loadEvents(client: ClientBase, schema: string, stack: ShapeStack): Promise<void> {
  const { shift, server } = LAYOUT[stack];
  const eventId = (offset: string, position: string) =>
    `(((k.started_ms + ${offset})::bigint - ${SNOWFLAKE_EPOCH_MS}) << ${shift}) | ${server} | (${position})`;
  await client.query('BEGIN');
  // Foreign keys are not checked row by row: every catalog_id is one that stage() wrote.
  await client.query(`SET LOCAL session_replication_role = replica; SET LOCAL work_mem = '512MB'; SET LOCAL jit = off;
    SET LOCAL enable_mergejoin = off; SET LOCAL enable_nestloop = off; SET LOCAL max_parallel_workers_per_gather = 0`);
  await client.query(
    `INSERT INTO "${schema}".event (execution_id, event_id, catalog_id, prev_event_id, parent_execution_id, created_at, event_type,
       node_id, node_name, node_type, status, duration, context, result, meta, worker_id, event_time, ingest_time)
     SELECT k.execution_id, ${eventId('t.offset_ms', 't.position')}, k.catalog_id,
       CASE WHEN t.position > 1 THEN ${eventId('t.prev_offset_ms', 't.position - 1')} END,
       CASE WHEN t.names_parent AND NOT k.inline THEN k.parent_id END,
       timestamp '1970-01-01' + k.at * interval '1 millisecond' + (k.execution_id % 1000) * interval '1 microsecond',
       t.event_type, coalesce(t.node, 'playbook'), coalesce(t.node, c.path), t.node_type, t.status, t.duration / 1000, t.context, t.result,
       CASE WHEN t.event_type <> 'playbook.initialized'
              THEN replace(replace(t.meta, '@E@', k.execution_id::text), '@W@', 'worker-' || k.execution_id % 16)::jsonb
            WHEN k.inline THEN replace(t.meta, '@I@', k.parent_id::text)::jsonb END,
       CASE WHEN t.in_worker_column THEN 'worker-' || k.execution_id % 16 END,
       to_timestamp(k.at / 1000), to_timestamp(coalesce(k.imported_ms, k.at + 1 + (k.execution_id % 997) / 1000.0) / 1000)
     FROM (
       SELECT x.*, s.position, x.started_ms + s.offset_ms AS at FROM bench.execution x
       JOIN bench.shape s ON s.shape = x.shape AND s.position <= x.cut
       WHERE x.stack = '${stack}' ORDER BY x.started_ms + s.offset_ms OFFSET 0
     ) k
     JOIN bench.shape t ON t.shape = k.shape AND t.position = k.position
     JOIN "${schema}".catalog c ON c.catalog_id = k.catalog_id`,
  );
  await client.query('COMMIT');
}

import type pg from 'pg';
import { nextIdAt } from './ids.js';
import type { DoubleAnswer, DoubleContext, Received } from './noetl-server.js';

/**
 * NoETL's Rust server 3.83 as far as a cancel meets it: its status reads FAILED as soon as a row has status FAILED; its
 * cancel writes `playbook_cancelled` without reason or actor; POST /api/events keeps meta whole, and puts the context
 * below result. Ids are JSON numbers.
 */
export async function rustAnswer(call: Received, context: DoubleContext): Promise<DoubleAnswer> {
  const { pool } = context;
  const route = `${call.method} ${call.path.replace(/\d{2,}/, 'ID')}`;
  const id = /\d{2,}/.exec(call.path)?.[0] ?? '';
  if (route === 'GET /api/health') {
    return ok('{"status":"ok","database":"connected","nats":"removed","uptime_seconds":7,"version":"3.83.1"}');
  }
  if (route === 'POST /api/executions/ID/cancel' || route === 'GET /api/executions/ID/status') {
    const status = await statusOf(pool, id);
    if (status === null) return failed(404, `Execution not found: ${id}`);
    if (call.method === 'GET') return ok(`{"execution_id":${id},"status":"${status}"}`);
    if (status !== 'RUNNING') return failed(422, `Cannot cancel execution in ${status} state`);
    await emit(context, id, {
      type: 'playbook_cancelled',
      node: 'playbook',
      status: 'CANCELLED',
      meta: null,
      result: null,
    });
    return ok(`{"execution_id":${id},"message":"Execution cancellation requested","status":"cancelled"}`);
  }
  if (route === 'POST /api/events') {
    const body = JSON.parse(call.body) as Record<string, unknown>;
    const executionId = String(body.execution_id);
    if (!/^\d+$/.test(executionId)) return failed(422, 'Invalid execution_id');
    const eventId = await emit(context, executionId, {
      type: String(body.event_type),
      node: String(body.step),
      status: String(body.status),
      meta: { ...(body.meta as object), actionable: true, informative: true },
      result: { status: body.status, context: body.context },
    });
    return ok(`{"status":"ok","event_id":${eventId},"commands_generated":0}`);
  }
  return { status: 404, body: '', type: 'text/plain' };
}

const ok = (body: string): DoubleAnswer => ({ status: 200, body });
const failed = (status: number, error: string): DoubleAnswer => ({ status, body: JSON.stringify({ error, status }) });

async function statusOf(pool: pg.Pool, id: string): Promise<string | null> {
  const { rows } = await pool.query<{ event_type: string; status: string | null }>(
    'SELECT event_type, status FROM noetl.event WHERE execution_id = $1',
    [id],
  );
  if (rows.length === 0) return null;
  const has = (...types: string[]) => rows.some((row) => types.includes(row.event_type));
  if (has('playbook.completed', 'playbook_completed')) return 'COMPLETED';
  if (has('playbook.failed', 'playbook_failed')) return 'FAILED';
  if (has('playbook.cancelled', 'playbook_cancelled', 'execution.cancelled')) return 'CANCELLED';
  return rows.some((row) => row.status === 'FAILED') ? 'FAILED' : 'RUNNING';
}

interface Draft {
  readonly type: string;
  readonly node: string;
  readonly status: string;
  readonly meta: object | null;
  readonly result: object | null;
}

/** Writes the row, or publishes it where the server only publishes. */
async function emit(context: DoubleContext, executionId: string, draft: Draft): Promise<string> {
  const eventId = nextIdAt(Date.now(), 'rust');
  const write = async () => {
    await context.pool.query(
      `INSERT INTO noetl.event (execution_id, event_id, prev_event_id, catalog_id, event_type, node_id, node_name, status, meta, result,
         created_at)
       SELECT l.execution_id, $2, l.event_id, l.catalog_id, $3, $4, $4, $5, $6, $7, now() AT TIME ZONE 'UTC'
       FROM noetl.event l WHERE l.execution_id = $1 ORDER BY l.event_id DESC LIMIT 1`,
      [executionId, eventId, draft.type, draft.node, draft.status, draft.meta, draft.result],
    );
  };
  if (context.publishOnly) context.waiting.push(write);
  else await write();
  return eventId;
}

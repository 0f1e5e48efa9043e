import { nextIdAt } from './ids.js';
import type { DoubleAnswer, DoubleContext, Received } from './noetl-server.js';

/** The Python server takes these as an end where they are the latest event, and looks no further. */
const ENDS = new Set([
  ...['playbook.completed', 'workflow.completed', 'playbook.failed', 'workflow.failed'],
  ...['command.failed', 'execution.cancelled'],
]);

/** NoETL's Python server 4.26 as far as a cancel meets it. Ids are strings, errors stand in `detail`. */
export async function pythonAnswer(call: Received, { pool }: DoubleContext): Promise<DoubleAnswer> {
  if (call.path === '/api/health') return ok({ status: 'ok' });
  const id = /^\/api\/executions\/(\d+)\/cancel$/.exec(call.path)?.[1];
  if (call.method !== 'POST' || id === undefined) return { status: 404, body: '{"detail":"Not Found"}' };
  const { reason = 'User requested cancellation', cascade = true } = JSON.parse(call.body || '{}') as Record<
    string,
    unknown
  >;
  const { rows } = await pool.query<{ event_type: string; status: string; catalog_id: string }>(
    'SELECT event_type, status, catalog_id::text FROM noetl.event WHERE execution_id = $1 ORDER BY event_id DESC LIMIT 1',
    [id],
  );
  const [latest] = rows;
  if (!latest) return { status: 404, body: JSON.stringify({ detail: `Execution ${id} not found` }) };
  if (ENDS.has(latest.event_type)) {
    return ok({
      status: 'already_completed',
      execution_id: id,
      cancelled_executions: [],
      message: `Execution ${id} is already ${latest.status}`,
    });
  }
  const meta = { reason, cancelled_by: 'api', cascade, parent_cancel_id: null, actionable: true };
  await pool.query(
    `INSERT INTO noetl.event (execution_id, event_id, catalog_id, event_type, node_id, node_name, status, meta, created_at)
     VALUES ($1, $2, $3, 'execution.cancelled', 'cancel', 'cancel', 'CANCELLED', $4, now() AT TIME ZONE 'UTC')`,
    [id, nextIdAt(Date.now(), 'database'), latest.catalog_id, meta],
  );
  return ok({ status: 'cancelled', execution_id: id, cancelled_executions: [id], message: 'Cancelled 1 execution(s)' });
}

const ok = (body: object): DoubleAnswer => ({ status: 200, body: JSON.stringify(body) });

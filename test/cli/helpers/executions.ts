import { nextIdAt, type TestDatabase, writeEvents } from '../../helpers/database.js';

export const minutesAgo = (minutes: number): number => Date.now() - minutes * 60_000;

export interface SampleOptions {
  readonly parent?: string;
  readonly path?: string;
  readonly ago?: number;
  /** A terminal event's type; none unless told. */
  readonly end?: string;
}

/** Writes one execution of the Python stack whose only command a worker has started; answers its id. */
export async function execution(db: TestDatabase, options: SampleOptions = {}): Promise<string> {
  const { parent = null, path = 'etl/load_orders', ago = 20, end } = options;
  const id = nextIdAt(minutesAgo(ago));
  const rest = { execution_id: id, parent_execution_id: parent, path };
  const rows = [
    {
      ...rest,
      event_type: 'playbook.initialized',
      node_name: path,
      status: 'INITIALIZED',
      created_at: minutesAgo(ago),
    },
    ...(['command.issued', 'command.claimed', 'command.started'] as const).map((event_type, step) => ({
      ...rest,
      event_type,
      node_name: 'load_orders',
      status: step === 0 ? 'PENDING' : 'RUNNING',
      worker_id: step === 0 ? null : 'worker-7',
      meta: { command_id: `${id}:load_orders` },
      created_at: minutesAgo(ago) + step + 1,
    })),
    ...(end ? [{ ...rest, event_type: end, node_name: path, created_at: minutesAgo(ago) + 10 }] : []),
  ];
  await writeEvents(db.pool, rows, db.schema);
  return id;
}

/** How many cancel rows the table holds, for one execution or for all. */
export async function cancelRows(db: TestDatabase, id?: string): Promise<number> {
  const { rows } = await db.pool.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM noetl.event WHERE event_type = 'execution.cancelled' AND ($1::bigint IS NULL OR execution_id = $1)`,
    [id ?? null],
  );
  return rows[0]!.n;
}

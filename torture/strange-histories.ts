import type pg from 'pg';
import { type EventRow, nextIdAt, writeEvents } from '../test/helpers/database.js';
import type { TortureContext } from './types.js';

/** A history that no engine ought to write and that the program must bear. */
export interface StrangeHistory {
  readonly name: string;
  /** Writes it; answers the executions to look at one by one, the first of which is to be cancelled with its tree. */
  write(pool: pg.Pool, context: TortureContext): Promise<string[]>;
}

const LARGEST = (2n ** 63n - 1n).toString();
const DAY = 86_400_000;
const START = 'playbook_started';

const started = (execution_id: string, more: Partial<EventRow> = {}): EventRow => ({
  execution_id,
  event_type: START,
  created_at: Date.now() - 3 * 3_600_000,
  ...more,
});
const issued = (execution_id: string, more: Partial<EventRow> = {}): EventRow =>
  started(execution_id, { event_type: 'command.issued', node_name: 'load', status: 'PENDING', ...more });

export const STRANGE_HISTORIES: readonly StrangeHistory[] = [
  {
    name: 'ids at both ends',
    write: async (pool) => {
      const [one, last, before] = ['1', LARGEST, (BigInt(LARGEST) - 1n).toString()];
      await writeEvents(pool, [
        started(one, { event_id: '1' }),
        issued(one, { event_id: '2' }),
        started(before, { parent_execution_id: one }),
        issued(before),
        // No id is left above its newest event.
        started(last, { event_id: LARGEST, parent_execution_id: LARGEST }),
      ]);
      return [one, last, before];
    },
  },
  {
    name: 'cycles',
    write: async (pool, context) => {
      const length = context.times(1_000, 60);
      const ids = Array.from({ length }, () => nextIdAt(Date.now() - DAY, 'rust'));
      const [first = '', second = ''] = ids;
      const self = nextIdAt(Date.now() - DAY, 'rust');
      const pair = [nextIdAt(Date.now() - DAY, 'rust'), nextIdAt(Date.now() - DAY, 'database')] as const;
      await writeEvents(pool, [
        ...ids.flatMap((id, at) => [started(id, { parent_execution_id: ids.at(at - 1) ?? null }), issued(id)]),
        issued(first, { parent_execution_id: second }),
        started(self, { parent_execution_id: self }),
        started(pair[0], { parent_execution_id: pair[1] }),
        started(pair[1], { parent_execution_id: pair[0], event_type: 'playbook.initialized' }),
      ]);
      return [first, self, pair[0]];
    },
  },
  {
    name: 'depth',
    write: async (pool, context) => {
      const root = nextIdAt(Date.now() - DAY, 'rust');
      await writeEvents(pool, [started(root), issued(root)]);
      await children(pool, root, context.times(10_000, 150), 'deep');
      return [root];
    },
  },
  {
    name: 'fan-out',
    write: async (pool, context) => {
      const root = nextIdAt(Date.now() - DAY, 'rust');
      await writeEvents(pool, [started(root), issued(root)]);
      await children(pool, root, context.times(200_000, 1_500), 'wide');
      return [root];
    },
  },
  {
    name: 'clocks that disagree',
    write: async (pool) => {
      const at = [-400 * DAY, -DAY, -1, 0, 60_000, DAY, 3_650 * DAY].map((skew) => Date.now() + skew);
      const ids = at.map((ms) => nextIdAt(Math.max(ms, Date.UTC(2024, 1, 1)), 'database'));
      await writeEvents(
        pool,
        ids.flatMap((id, index) => [
          started(id, { created_at: at[index]!, event_time: at.at(-1 - index)!, ingest_time: at.at(-1 - index)! }),
          issued(id, { created_at: at.at(-1 - index)! }),
          started(id, { event_type: 'command.claimed', node_name: 'load', created_at: at[index]!, worker_id: 'w' }),
        ]),
      );
      return ids.slice(0, 3);
    },
  },
  {
    name: 'NULL wherever it may be',
    write: async (pool, context) => {
      const ids = Array.from({ length: 6 }, () => nextIdAt(Date.now() - DAY, 'rust'));
      const types = [null, START, 'playbook.initialized', 'command.issued', 'execution.cancelled', 'command.claimed'];
      await writeEvents(
        pool,
        ids.flatMap((id, index) => [
          { execution_id: id, event_type: types[index] ?? null, created_at: Date.now() - DAY },
          ...Array.from({ length: 4 }, () => ({
            execution_id: id,
            event_type: context.random.pick([null, null, 'command.issued']),
          })),
        ]),
      );
      await pool.query(
        `UPDATE noetl.event SET prev_event_id = NULL, status = NULL, node_name = NULL, meta = NULL
          WHERE execution_id = ANY($1::bigint[])`,
        [ids],
      );
      return [ids[1] ?? '', ids[0] ?? '', ids[4] ?? ''];
    },
  },
  { name: 'words of both stacks mixed', write: mixedWords },
  {
    name: 'dates without end',
    write: async (pool) => {
      const dates = ["'infinity'", "'-infinity'", "'4713-01-01 BC'", "'294276-01-01'", "'0001-01-01'"];
      const ids = dates.map(() => nextIdAt(Date.now() - DAY, 'rust'));
      await writeEvents(
        pool,
        ids.flatMap((id) => [started(id), issued(id), issued(id, { event_type: 'command.claimed' })]),
      );
      for (const [index, id] of ids.entries()) {
        const date = dates[index] ?? '';
        await pool.query(
          `UPDATE noetl.event SET created_at = ${date}, event_time = ${date}, ingest_time = ${date}
            WHERE execution_id = $1 AND event_type <> $2`,
          [id, index % 2 === 0 ? 'x' : START],
        );
      }
      const ended = nextIdAt(Date.now() - DAY, 'rust');
      await writeEvents(pool, [started(ended), started(ended, { event_type: 'execution.cancelled' })]);
      await pool.query(`UPDATE noetl.event SET created_at = 'infinity' WHERE execution_id = $1`, [ended]);
      await pool.query(
        `INSERT INTO noetl.runtime (runtime_id, name, kind, status, heartbeat)
          VALUES (1, 'w1', 'worker_pool', 'ready', 'infinity'), (2, 'w2', 'worker_pool', 'ready', '-infinity')`,
      );
      return [...ids, ended];
    },
  },
  {
    name: 'hostile and very long texts',
    write: async (pool, context) => {
      const id = nextIdAt(Date.now() - DAY, 'rust');
      const hostile = '\u001b]0;owned\u0007\u001b[31m\u202e\u200b\u009b2J日本\r\n';
      const long = `${hostile}集計é`.repeat(context.times(40_000, 100));
      const path = `p/${hostile}${'a'.repeat(context.times(100_000, 500))}`;
      await writeEvents(pool, [
        started(id, { path: 'p/x' }),
        issued(id, {
          path: 'p/x',
          // Indexed columns take no more.
          node_name: long.slice(0, 600),
          status: hostile,
          worker_id: hostile,
          meta: { command_id: hostile },
        }),
        issued(id, { path: 'p/x', event_type: 'command.failed', error: long, context: { [hostile]: [long] } }),
      ]);
      // A path that is too long for the catalog's index is too long for NoETL as well.
      await pool.query(`UPDATE noetl.catalog SET path = $1 WHERE path = 'p/x'`, [path.slice(0, 2_000)]);
      return [id];
    },
  },
];

/** So many executions below one, as a chain or all beside one another, in one statement. */
async function children(pool: pg.Pool, root: string, count: number, shape: 'deep' | 'wide'): Promise<void> {
  const parent = shape === 'wide' ? '$1::bigint' : 'CASE WHEN n = 1 THEN $1::bigint ELSE $1::bigint + n - 1 END';
  await pool.query(
    `INSERT INTO noetl.event (execution_id, event_id, catalog_id, parent_execution_id, created_at, event_type, status, node_name)
      SELECT $1::bigint + n, $1::bigint + n * 2, e.catalog_id, ${parent}, e.created_at + n * interval '1 ms', $3, 'STARTED', 'playbook'
      FROM generate_series(1, $2::int) AS n, (SELECT * FROM noetl.event WHERE execution_id = $1 LIMIT 1) AS e`,
    [root, count, START],
  );
}

const TYPES = [
  'playbook.initialized',
  START,
  'playbook.started',
  'workflow.initialized',
  'command.issued',
  'command.claimed',
];
const LATER = [
  'command.started',
  'call.done',
  'command.completed',
  'command.failed',
  'step.exit',
  'loop.done',
  'batch.completed',
];
const ENDS = [
  'playbook.completed',
  'playbook_failed',
  'workflow.failed',
  'playbook_cancelled',
  'execution.cancelled',
  'nonsense',
];
const STATUSES = ['STARTED', 'running', 'Success', 'error', 'FAILED', 'PENDING', '', null];

async function mixedWords(pool: pg.Pool, context: TortureContext): Promise<string[]> {
  const { random } = context;
  const ids = Array.from({ length: context.times(500, 30) }, () =>
    nextIdAt(Date.now() - DAY, random.pick(['rust', 'database'])),
  );
  const rows = ids.flatMap((execution_id) =>
    Array.from({ length: random.whole(1, 12) }, (_, at): EventRow => {
      const event_type = random.pick(at < 3 ? TYPES : random.next() < 0.15 ? ENDS : [...TYPES, ...LATER]);
      const meta = random.next() < 0.5 ? { command_id: random.pick(['a', 'b']), worker_id: 'w' } : null;
      const created_at = Date.now() - random.whole(0, 2 * DAY);
      const parent_execution_id = random.next() < 0.2 ? random.pick(ids) : null;
      return {
        execution_id,
        event_type,
        status: random.pick(STATUSES),
        meta,
        created_at,
        parent_execution_id,
        node_name: random.pick(['a', 'b', null]),
      };
    }),
  );
  await writeEvents(pool, rows);
  return ids.slice(0, 3);
}

import { COMMAND_CLAIMED, COMMAND_ISSUED, COMMAND_STARTED } from '../../domain/event-types.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import type { Behaviour } from '../../domain/runaway/facts.js';
import { chunkedIds, readAtOnce, type StoreContext } from '../connection/context.js';
import type { Tables } from '../connection/tables.js';
import { epochMs, idBounds, type Sql, withinBounds } from '../sql.js';
import type { RunawayReader } from './reader.js';

/** Steps and repeated commands that one execution may send. */
const STEPS_AN_EXECUTION = 200;
const COMMANDS_AN_EXECUTION = 20;

/** What a loop may announce and still be believed to be a number of iterations. */
const WHOLE = '^[0-9]{1,9}$';

interface StepIssuesRow {
  execution_id: string;
  node: string | null;
  issued: number;
  first_at: number;
  announced: number | null;
  iteration: number | null;
  unreadable: boolean | null;
}

/**
 * How often each step's commands were issued: the newest `cap` of each execution's `command.issued`, by the
 * (execution_id, event_type, event_id DESC) index, so that the cost does not follow the execution's length.
 */
export function stepIssues(tables: Tables, ids: readonly string[], cap: number): Sql<StepIssuesRow> {
  return {
    name: 'step-issues',
    text: `SELECT i.id::text AS execution_id, s.node, s.issued, ${epochMs('s.first_at')} AS first_at, s.announced, s.iteration, s.unreadable
  FROM unnest($1::bigint[]) AS i (id)
  CROSS JOIN LATERAL (
    SELECT r.node_name AS node, count(*)::int AS issued, min(r.created_at) AS first_at,
      nullif(max(substring(r.total from '${WHOLE}')::int), 0) AS announced,
      max(substring(r.iteration from '${WHOLE}')::int) AS iteration,
      bool_or(r.total !~ '^[0-9]{1,9}$' OR r.total ~ '^0+$') AS unreadable
    FROM (
      SELECT e.node_name, e.created_at, e.meta->>'iteration_total' AS total, e.meta->>'iteration_index' AS iteration
      FROM ${tables.event} e
      WHERE e.execution_id = i.id ${withinBounds('e.execution_id', '$3', '$4')} AND e.event_type = '${COMMAND_ISSUED}' ORDER BY e.event_id DESC LIMIT $2
    ) r GROUP BY r.node_name ORDER BY count(*) DESC, r.node_name LIMIT ${STEPS_AN_EXECUTION}
  ) s`,
    values: [ids, cap, ...idBounds(ids)],
  };
}

interface RepeatedCommandRow {
  execution_id: string;
  key: string;
  node: string | null;
  claimed: number;
  started: number;
  issued: number;
  first_at: number;
  last_at: number;
  last_worker: string | null;
}

/**
 * Commands that were claimed or started often. Each branch reads the newest `cap` rows of one type by the same index.
 * A key is what event-store.md names a command by; the issues of a key are counted too, because a loop that reuses its
 * key has issued as many commands. `absent` stands for a column that older installs lack.
 */
export function repeatedCommands(
  tables: Tables,
  ids: readonly string[],
  cap: number,
  minAttempts: number,
): Sql<RepeatedCommandRow> {
  const branch = (type: string): string => `(
      SELECT e.event_type, e.node_name, e.created_at, e.event_id, coalesce(e.worker_id, e.meta->>'worker_id') AS worker,
        coalesce(e.meta->>'command_id', command_id::text, e.node_name, '') COLLATE "C" AS key
      FROM ${tables.event} e
      WHERE e.execution_id = i.id ${withinBounds('e.execution_id', '$4', '$5')} AND e.event_type = '${type}' ORDER BY e.event_id DESC LIMIT $2)`;
  return {
    name: 'repeated-commands',
    text: `SELECT i.id::text AS execution_id, c.key, c.node, c.claimed, c.started, c.issued,
    ${epochMs('c.first_at')} AS first_at, ${epochMs('c.last_at')} AS last_at, c.last_worker
  FROM (SELECT NULL::bigint AS command_id) absent
  CROSS JOIN unnest($1::bigint[]) AS i (id)
  CROSS JOIN LATERAL (
    SELECT g.*, greatest(g.claimed, g.started) AS taken FROM (
      SELECT r.key, max(r.node_name) AS node,
        count(*) FILTER (WHERE r.event_type = '${COMMAND_CLAIMED}')::int AS claimed,
        count(*) FILTER (WHERE r.event_type = '${COMMAND_STARTED}')::int AS started,
        greatest(1, count(*) FILTER (WHERE r.event_type = '${COMMAND_ISSUED}'))::int AS issued,
        min(r.created_at) FILTER (WHERE r.event_type <> '${COMMAND_ISSUED}') AS first_at,
        max(r.created_at) FILTER (WHERE r.event_type <> '${COMMAND_ISSUED}') AS last_at,
        (array_agg(r.worker ORDER BY r.event_id DESC) FILTER (WHERE r.worker IS NOT NULL))[1] AS last_worker
      FROM (${[COMMAND_ISSUED, COMMAND_CLAIMED, COMMAND_STARTED].map(branch).join(' UNION ALL ')}) r
      GROUP BY r.key
    ) g
    WHERE greatest(g.claimed, g.started) > ($3::int - 1) * g.issued
    ORDER BY taken DESC, g.key LIMIT ${COMMANDS_AN_EXECUTION}
  ) c`,
    values: [ids, cap, minAttempts, ...idBounds(ids)],
  };
}

interface ChildRowsRow {
  execution_id: string;
  children: number;
  rows: number;
  first_at: number | null;
}

/**
 * How many executions name each of these as their parent, through (parent_execution_id): at most `cap` rows of
 * children are read (a Python child writes several). Inline Python children name it in meta, which no index covers.
 */
export function childRows(tables: Tables, ids: readonly string[], cap: number): Sql<ChildRowsRow> {
  return {
    name: 'child-rows',
    text: `SELECT i.id::text AS execution_id, c.children, c.rows, ${epochMs('c.first_at')} AS first_at
  FROM unnest($1::bigint[]) AS i (id)
  CROSS JOIN LATERAL (
    SELECT count(DISTINCT r.execution_id)::int AS children, count(*)::int AS rows, min(r.created_at) AS first_at
    FROM (SELECT e.execution_id, e.created_at FROM ${tables.event} e WHERE e.parent_execution_id = i.id LIMIT $2) r
  ) c WHERE c.rows > 0`,
    values: [ids, cap],
  };
}

/** Statements hold few executions: in the worst case each of them is read to its cap. */
export const IDS_A_STATEMENT = 200;

export function behaviourReader(context: StoreContext): Pick<RunawayReader, 'behaviours'> {
  const { tables } = context;
  return {
    async behaviours(ids, { cap, minAttempts }, options) {
      const found = new Map<ExecutionId, Behaviour>();
      for (const chunk of chunkedIds(ids, IDS_A_STATEMENT)) {
        const repeatedOnes =
          minAttempts === null ? [] : [repeatedCommands(tables, chunk, cap, Math.max(1, minAttempts))];
        const [steps, children, repeated = []] = await readAtOnce(
          context,
          options,
          (): readonly [Sql<StepIssuesRow>, Sql<ChildRowsRow>, ...Sql<RepeatedCommandRow>[]] => [
            stepIssues(tables, chunk, cap),
            childRows(tables, chunk, cap),
            ...repeatedOnes,
          ],
        );
        for (const [id, behaviour] of joined(chunk, { steps, repeated, children }, cap)) found.set(id, behaviour);
      }
      return found;
    },
  };
}

interface Rows {
  readonly steps: readonly StepIssuesRow[];
  readonly repeated: readonly RepeatedCommandRow[];
  readonly children: readonly ChildRowsRow[];
}

function* joined(ids: readonly ExecutionId[], rows: Rows, cap: number): Generator<[ExecutionId, Behaviour]> {
  const steps = byExecution(rows.steps);
  const repeated = byExecution(rows.repeated);
  const children = new Map(rows.children.map((row) => [row.execution_id, row]));
  for (const id of ids) {
    const own = steps.get(id) ?? [];
    const kin = children.get(id);
    yield [
      id,
      {
        steps: own.map((row) => ({
          node: row.node,
          issued: row.issued,
          firstAt: row.first_at,
          announced: row.announced,
          iteration: row.iteration,
          isAnnouncementUnreadable: row.unreadable === true,
        })),
        areStepsCapped: own.reduce((sum, row) => sum + row.issued, 0) >= cap,
        repeated: (repeated.get(id) ?? []).map((row) => ({
          key: row.key,
          node: row.node,
          claimed: row.claimed,
          started: row.started,
          issued: row.issued,
          firstAt: row.first_at,
          lastAt: row.last_at,
          lastWorkerId: row.last_worker,
        })),
        children: { count: kin?.children ?? 0, firstAt: kin?.first_at ?? null, isCapped: (kin?.rows ?? 0) >= cap },
      },
    ];
  }
}

function byExecution<T extends { execution_id: string }>(rows: readonly T[]): Map<ExecutionId, T[]> {
  const groups = new Map<ExecutionId, T[]>();
  for (const row of rows) {
    const group = groups.get(row.execution_id);
    if (group) group.push(row);
    else groups.set(row.execution_id, [row]);
  }
  return groups;
}

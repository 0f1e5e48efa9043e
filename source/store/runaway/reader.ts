import type { ExecutionId } from '../../domain/execution-id.js';
import type { Behaviour } from '../../domain/runaway/facts.js';
import { chunked, chunkedIds, read, type StoreContext } from '../connection/context.js';
import {
  type ChildRowsRow,
  childRows,
  entriesRead,
  eventPace,
  type PaceRow,
  type RepeatedCommandRow,
  type RunRow,
  repeatedCommands,
  type StepIssuesRow,
  startsByName,
  startsLately,
  stepIssues,
} from './statements.js';
import type { RunawayReader } from './types.js';

/** Statements hold few executions: in the worst case each of them is read to its cap. */
const IDS_A_STATEMENT = 200;
const PATHS_A_STATEMENT = 50;
/** Rows of the log that are searched for starts of playbooks that ran too often to be found by name. */
const RECENT_EVENTS = 100_000;
/** Names are read this much further than runs are asked for, so that the newest are among them where they are few. */
const NAME_REACH = 20;

type Row<T> = T & Record<string, unknown>;

export function runawayReader(context: StoreContext): RunawayReader {
  const { tables } = context;
  return {
    behaviours: (ids, { cap, minAttempts }, options) =>
      read(context, options, async (transaction) => {
        const found = new Map<ExecutionId, Behaviour>();
        for (const chunk of chunkedIds(ids, IDS_A_STATEMENT)) {
          const [steps, repeated, children] = await Promise.all([
            transaction.query<Row<StepIssuesRow>>(stepIssues(tables, chunk, cap)),
            minAttempts === null
              ? []
              : transaction.query<Row<RepeatedCommandRow>>(
                  repeatedCommands(tables, chunk, cap, Math.max(1, minAttempts)),
                ),
            transaction.query<Row<ChildRowsRow>>(childRows(tables, chunk, cap)),
          ]);
          for (const [id, behaviour] of joined(chunk, { steps, repeated, children }, cap)) found.set(id, behaviour);
        }
        return found;
      }),

    runsOfPaths: (paths, limit, options) =>
      read(context, options, async (transaction) => {
        const reach = limit * NAME_REACH;
        const byPath = new Map<string, Map<ExecutionId, number>>();
        const take = (rows: readonly RunRow[]) => {
          for (const { path, execution_id: id, at } of rows) {
            const runs = byPath.get(path) ?? new Map<ExecutionId, number>();
            byPath.set(path, runs.set(id, at));
          }
        };
        const complete = new Set<string>();
        for (const chunk of chunked([...new Set(paths)], PATHS_A_STATEMENT)) {
          const rows = await transaction.query<Row<RunRow>>(startsByName(tables, chunk, reach));
          take(rows);
          // A name that leads to no start at all may be one that an engine writes otherwise.
          for (const { path, entries } of rows) if (entries < entriesRead(reach)) complete.add(path);
        }
        const rest = [...new Set(paths)].filter((path) => !complete.has(path));
        if (rest.length > 0) {
          take(await transaction.query<Row<RunRow>>(startsLately(tables, rest, RECENT_EVENTS)));
        }
        return new Map(
          [...byPath].map(([path, runs]) => [
            path,
            [...runs]
              .sort((a, b) => b[1] - a[1])
              .slice(0, limit)
              .map(([id]) => id),
          ]),
        );
      }),

    eventPace: (ids, options) =>
      read(context, options, async (transaction) => {
        const found = new Map<ExecutionId, { events: number; since: number }>();
        for (const chunk of chunkedIds(ids, IDS_A_STATEMENT)) {
          for (const { execution_id, events, since } of await transaction.query<Row<PaceRow>>(
            eventPace(tables, chunk),
          )) {
            found.set(execution_id, { events, since });
          }
        }
        return found;
      }),
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

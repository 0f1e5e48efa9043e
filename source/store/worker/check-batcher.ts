import { CANCELLED_TYPES, COMPLETED_TYPES, FAILED_TYPES, TERMINAL_TYPES } from '../../domain/event-types.js';
import { compareIds, type ExecutionId } from '../../domain/execution-id.js';
import { executionStatus, terminalStatusOf } from '../../domain/execution-status.js';
import type { CancellationVerdict } from '../../domain/worker-protocol.js';
import type { Tables } from '../connection/tables.js';
import type { Sql } from '../sql.js';

export interface CancellationCheckRow {
  /** Types of the terminal events there are; empty while nothing has ended the execution. */
  terminal_types: string[];
  /** Null when no event names the execution. */
  latest_type: string | null;
}

/**
 * The workers' hot path: an index-only probe of (execution_id, event_type, event_id DESC) for each terminal type, and one
 * row from (execution_id, event_id DESC) for the newest event. One probe a type, not `= ANY`: where the statistics lag
 * behind a long execution the planner takes that for a handful of rows and reads the whole execution. An unnamed
 * statement is planned with its values, so only one partition is opened.
 */
export function cancellationCheck(tables: Tables, executionId: string): Sql<CancellationCheckRow> {
  return {
    name: 'cancellation-check',
    text: `SELECT ARRAY(SELECT k.type FROM unnest($2::text[]) AS k (type) CROSS JOIN LATERAL (
      SELECT 1 FROM ${tables.event} t WHERE t.execution_id = $1::bigint AND t.event_type = k.type LIMIT 1) f) AS terminal_types,
  (SELECT e.event_type FROM ${tables.event} e
    WHERE e.execution_id = $1::bigint ORDER BY e.event_id DESC LIMIT 1) AS latest_type`,
    values: [executionId, TERMINAL_TYPES],
  };
}

/**
 * The same for many executions in one statement. Planning over many partitions costs more than the probes, so this pays
 * from a handful of ids on; the bounds let the planner leave out the partitions that none of them is in.
 */
export function cancellationChecks(
  tables: Tables,
  executionIds: readonly string[],
): Sql<CancellationCheckRow & { execution_id: string }> {
  const sorted = [...executionIds].sort(compareIds);
  const within = (alias: string) =>
    `${alias}.execution_id = i.id AND ${alias}.execution_id BETWEEN $3::bigint AND $4::bigint`;
  return {
    name: 'cancellation-checks',
    text: `SELECT i.id::text AS execution_id,
  ARRAY(SELECT k.type FROM unnest($2::text[]) AS k (type) CROSS JOIN LATERAL (
      SELECT 1 FROM ${tables.event} t WHERE ${within('t')} AND t.event_type = k.type LIMIT 1) f) AS terminal_types,
  (SELECT e.event_type FROM ${tables.event} e WHERE ${within('e')} ORDER BY e.event_id DESC LIMIT 1) AS latest_type
  FROM unnest($1::bigint[]) AS i (id)`,
    values: [sorted, TERMINAL_TYPES, sorted[0] ?? '0', sorted.at(-1) ?? '0'],
  };
}

const has = (types: readonly string[], among: readonly string[]) => types.some((type) => among.includes(type));

/** The verdict that a cancellation check's row holds. */
export function verdictOf(executionId: ExecutionId, row: CancellationCheckRow | undefined): CancellationVerdict | null {
  if (!row || row.latest_type === null) return null;
  const { status } = executionStatus(row.terminal_types);
  // Of the types that decide, `execution.cancelled` is the seed's own; Rust-born executions carry a second one.
  const deciding = row.terminal_types.filter((type) => terminalStatusOf(type) === status).sort()[0];
  return {
    executionId,
    status,
    eventType: deciding ?? row.latest_type,
    cancelled: has(row.terminal_types, CANCELLED_TYPES),
    completed: has(row.terminal_types, COMPLETED_TYPES),
    failed: has(row.terminal_types, FAILED_TYPES),
  };
}

type Row = CancellationCheckRow | undefined;

export interface CheckQueries {
  one(id: ExecutionId): Promise<Row>;
  many(ids: readonly ExecutionId[]): Promise<ReadonlyMap<ExecutionId, Row>>;
}

interface Waiting {
  readonly answer: Promise<Row>;
  resolve(row: Row): void;
  reject(error: unknown): void;
}

/**
 * Statements under way at a time. Two, not more: one plans and runs while the next gathers, and every further one would
 * only turn a shared statement into two.
 */
const UNDER_WAY = 2;
/** Up to so many executions each get their own statement, which is planned for one partition. */
const ONE_BY_ONE = 2;
const MOST_IN_ONE = 500;
/**
 * Ids further apart than this (25 or 50 days, by the layout) do not share a statement: its planning time grows with the
 * partitions that its ids can be in, and the ids of the two stacks lie far apart.
 */
const NEARBY = 1n << 54n;

/**
 * Gathers the checks that arrive while statements are under way, and asks for them together: the busier it is the larger
 * the batches, and an idle server asks at once. A check is never answered by a statement that began before it was asked
 * for, which the second check of the two-point protocol rests on. The same execution is asked for once a batch.
 */
export class CheckBatcher {
  #waiting = new Map<ExecutionId, Waiting>();
  #underWay = 0;
  #scheduled = false;

  constructor(private readonly queries: CheckQueries) {}

  ask(id: ExecutionId): Promise<Row> {
    const known = this.#waiting.get(id);
    if (known) return known.answer;
    let resolve!: (row: Row) => void;
    let reject!: (error: unknown) => void;
    const answer = new Promise<Row>((onRow, onError) => {
      resolve = onRow;
      reject = onError;
    });
    this.#waiting.set(id, { answer, resolve, reject });
    this.#schedule();
    return answer;
  }

  /** At the end of this turn of the event loop, so that what arrives together goes together. */
  #schedule(): void {
    if (this.#scheduled || this.#underWay >= UNDER_WAY) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#send();
    });
  }

  #send(): void {
    const batch = this.#takeNearby();
    if (batch.length <= ONE_BY_ONE) {
      for (const [id, waiting] of batch) {
        void this.#track(this.queries.one(id).then(waiting.resolve, waiting.reject));
      }
    } else {
      const settle = (rows: ReadonlyMap<ExecutionId, Row>) => {
        for (const [id, waiting] of batch) waiting.resolve(rows.get(id));
      };
      const fail = (error: unknown) => {
        for (const [, waiting] of batch) waiting.reject(error);
      };
      void this.#track(this.queries.many(batch.map(([id]) => id)).then(settle, fail));
    }
    if (this.#waiting.size > 0) this.#schedule();
  }

  /** The one that has waited longest, and those near it. */
  #takeNearby(): [ExecutionId, Waiting][] {
    const taken: [ExecutionId, Waiting][] = [];
    let first: bigint | null = null;
    for (const [id, waiting] of this.#waiting) {
      const value = BigInt(id);
      first ??= value;
      const distance = value > first ? value - first : first - value;
      if (distance < NEARBY) taken.push([id, waiting]);
      if (taken.length === MOST_IN_ONE) break;
    }
    for (const [id] of taken) this.#waiting.delete(id);
    return taken;
  }

  async #track(work: Promise<void>): Promise<void> {
    this.#underWay += 1;
    await work;
    this.#underWay -= 1;
    if (this.#waiting.size > 0) this.#schedule();
  }
}

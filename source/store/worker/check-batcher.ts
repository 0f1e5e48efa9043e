import type { ExecutionId } from '../../domain/execution-id.js';
import type { CancellationCheckRow } from './cancellation-check.js';

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

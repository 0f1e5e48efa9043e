import type { ExecutionId } from '../../domain/execution-id.js';
import type { EventStore } from '../../store/event-store.js';
import { type Batch, batchExecutionIds } from './batch-state.js';

/** At most this many per read; the rest with the batch's next update. */
const ASKED_AT_ONCE = 500;

export type Paths = ReadonlyMap<ExecutionId, string | null>;

/** Finds the playbooks of executions that a batch met and its plan did not name: late children, and what had ended. */
export class BatchPaths {
  readonly #asked = new Set<ExecutionId>();

  constructor(
    private readonly store: Pick<EventStore, 'executionsById'>,
    /** The playbook as the feed knows it; null when it does not. */
    private readonly inFeed: (id: ExecutionId) => string | null,
    private readonly found: (batch: Batch, paths: Paths) => void,
  ) {}

  /** Each execution is read once; after a failed read, again with the batch's next update. */
  complete(batch: Batch): void {
    const missing = batchExecutionIds(batch).filter((id) => !batch.paths.has(id) && !this.#asked.has(id));
    if (missing.length === 0) return;
    const known = new Map<ExecutionId, string>();
    for (const id of missing) {
      const path = this.inFeed(id);
      if (path !== null) known.set(id, path);
    }
    const unknown = missing.filter((id) => !known.has(id)).slice(0, ASKED_AT_ONCE);
    for (const id of unknown) this.#asked.add(id);
    if (unknown.length > 0) void this.#ask(batch, unknown);
    if (known.size > 0) this.found(batch, known);
  }

  async #ask(batch: Batch, ids: readonly ExecutionId[]): Promise<void> {
    try {
      const { executions } = await this.store.executionsById(ids, { polling: true });
      this.found(batch, new Map(executions.map(({ executionId, path }) => [executionId, path])));
    } catch {
      // A name is worth no trouble of its own: the follow-up says what is wrong with the database.
      for (const id of ids) this.#asked.delete(id);
    }
  }
}

import type { Execution } from '../../domain/execution.js';
import type { ExecutionId } from '../../domain/execution-id.js';
import type { EventStore, ReadOptions } from '../../store/event-store.js';

/** Ended executions that are remembered between diagnoses; beyond this many the memory starts anew. */
const REMEMBERED = 50_000;
/** Parents are named in at most this many levels; deeper trees have not been seen, and a broken table must not loop. */
const MAX_LEVELS = 200;

/**
 * Finds the ancestors of executions, level by level, through ended ones. Ended ancestors are read once: neither their
 * end nor their parent changes any more.
 */
export class KinReader {
  readonly #ended = new Map<ExecutionId, Execution>();

  constructor(private readonly store: Pick<EventStore, 'executionsById'>) {}

  /**
   * The given executions together with all their ancestors that have rows.
   *
   * @param before what was answered for others: it is part of the answer, and its ancestors are not looked for again
   */
  async withAncestors(
    executions: ReadonlyMap<ExecutionId, Execution>,
    reading: ReadOptions,
    before: ReadonlyMap<ExecutionId, Execution> = new Map(),
  ): Promise<ReadonlyMap<ExecutionId, Execution>> {
    const known = new Map([...executions, ...before]);
    const absent = new Set<ExecutionId>();
    let level: Iterable<Execution> = executions.values();
    for (let depth = 0; depth < MAX_LEVELS; depth++) {
      const wanted = new Set<ExecutionId>();
      for (const { parentExecutionId: parent } of level) {
        if (parent !== null && !known.has(parent) && !absent.has(parent)) wanted.add(parent);
      }
      if (wanted.size === 0) break;
      const found = await this.#read([...wanted], reading);
      for (const execution of found) known.set(execution.executionId, execution);
      for (const id of wanted) if (!known.has(id)) absent.add(id);
      level = found;
    }
    return known;
  }

  async #read(ids: readonly ExecutionId[], reading: ReadOptions): Promise<Execution[]> {
    const found: Execution[] = [];
    const unread: ExecutionId[] = [];
    for (const id of ids) {
      const remembered = this.#ended.get(id);
      if (remembered) found.push(remembered);
      else unread.push(id);
    }
    if (unread.length === 0) return found;
    if (this.#ended.size > REMEMBERED) this.#ended.clear();
    for (const execution of (await this.store.executionsById(unread, reading)).executions) {
      if (execution.status !== 'RUNNING') this.#ended.set(execution.executionId, execution);
      found.push(execution);
    }
    return found;
  }
}

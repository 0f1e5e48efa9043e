import type { EpochMs } from '../../../domain/execution.js';
import type { ExecutionId } from '../../../domain/execution-id.js';
import type { LogPage } from '../../../store/rehearsal/reader.js';

/** Pages after its end for which an execution is remembered: Python appends rows to it within the second. */
const GENERATIONS = 2;

/**
 * Finds, in the pages of a log, executions that may have been silent for longer than a threshold. It remembers those
 * that have not ended, and names each once. Naming one too many is harmless: the caller reads its whole log.
 */
export class LogWalk {
  events = 0;
  firstAt: EpochMs | null = null;
  readonly #open = new Map<ExecutionId, EpochMs>();
  readonly #named = new Set<ExecutionId>();
  #ended: Set<ExecutionId>[] = [];

  constructor(readonly staleAfterMs: number) {}

  /** Those that a page shows to have been silent. */
  take({ parts }: LogPage): ExecutionId[] {
    const endedHere = new Set<ExecutionId>();
    const found: ExecutionId[] = [];
    for (const part of parts) {
      this.events += part.events;
      this.firstAt = Math.min(this.firstAt ?? part.firstAt, part.firstAt);
      const before = this.#open.get(part.executionId);
      const gap = Math.max(part.longestGapMs, before === undefined ? 0 : part.firstAt - before);
      if (gap > this.staleAfterMs && this.#name(part.executionId)) found.push(part.executionId);
      if (part.ended) {
        endedHere.add(part.executionId);
        this.#open.delete(part.executionId);
      } else if (!this.#ended.some((generation) => generation.has(part.executionId))) {
        this.#open.set(part.executionId, Math.max(before ?? part.lastAt, part.lastAt));
      }
    }
    this.#ended = [endedHere, ...this.#ended].slice(0, GENERATIONS);
    return found;
  }

  /** Those that have been silent since their last event. */
  silentAt(now: EpochMs): ExecutionId[] {
    return [...this.#open].flatMap(([id, lastAt]) => (now - lastAt > this.staleAfterMs && this.#name(id) ? [id] : []));
  }

  #name(id: ExecutionId): boolean {
    if (this.#named.has(id)) return false;
    this.#named.add(id);
    return true;
  }
}

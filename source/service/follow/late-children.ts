import type { Execution } from '../../domain/execution.js';
import { compareIds, type ExecutionId } from '../../domain/execution-id.js';
import type { StopState } from '../../domain/stopping/stopping.js';
import type { EventStore } from '../../store/event-store.js';
import type { CancelReport } from '../cancel/cancel.js';
import { TREE_LINK_LIMIT } from '../cancel/cancel-plan.js';
import { type Tracked, tracked } from './follow-tracker.js';

/** Above any id: what came after such a cancel is recognized by time alone. */
const NO_EVENT_ID = '9223372036854775807';

/**
 * Executions that appear in a cancelled tree after the run: a parent's command in progress can still start a
 * sub-playbook once the sweep is over. Those that were cancelled are followed as the others are; one that runs is
 * the proof that its tree has not stopped; one that ended is over.
 */
export class LateChildren {
  readonly #met: Set<ExecutionId>;
  readonly #cancelled: Set<ExecutionId>;
  readonly #running = new Map<ExecutionId, Execution>();
  readonly #ended = new Set<ExecutionId>();
  readonly #roots: readonly ExecutionId[];
  #isCut = false;

  constructor(
    readonly store: Pick<EventStore, 'linksBelow' | 'executionsById'>,
    report: CancelReport,
    private readonly linkLimit = TREE_LINK_LIMIT,
  ) {
    this.#roots = report.plan.requested;
    const { ended, unknown, targets, leftOut } = report.plan;
    this.#met = new Set([
      ...report.outcomes.map((outcome) => outcome.executionId),
      ...[...ended, ...targets].map((one) => one.executionId),
      ...unknown,
      ...(leftOut?.ids ?? []),
      ...report.plan.requested,
    ]);
    this.#cancelled = new Set(
      report.outcomes.filter((outcome) => outcome.kind === 'cancelled').map((outcome) => outcome.executionId),
    );
  }

  /** Reads the tree; answers the late children that were cancelled since the last read, to be followed. */
  async read(options: { polling: true; signal?: AbortSignal }): Promise<Tracked[]> {
    const { links, truncated } = await this.store.linksBelow(this.#roots, this.#met.size + this.linkLimit, options);
    this.#isCut = truncated;
    const fresh = new Set<ExecutionId>();
    // Links come in any order, and a late child can have late children.
    for (let grew = true; grew; ) {
      grew = false;
      for (const { parent, child } of links) {
        if (this.#met.has(child) || fresh.has(child) || !(this.#cancelled.has(parent) || this.#isLate(parent, fresh))) {
          continue;
        }
        fresh.add(child);
        grew = true;
      }
    }
    const asked = [...fresh, ...this.#running.keys()];
    if (asked.length === 0) return [];
    const { executions } = await this.store.executionsById(asked, options);
    const follow: Tracked[] = [];
    for (const execution of executions) {
      const id = execution.executionId;
      this.#met.add(id);
      this.#running.delete(id);
      if (execution.status === 'RUNNING') this.#running.set(id, execution);
      else if (execution.status === 'CANCELLED') {
        this.#cancelled.add(id);
        follow.push(tracked(id, { eventId: NO_EVENT_ID, at: execution.endedAt }));
      } else this.#ended.add(id);
    }
    return follow;
  }

  #isLate(id: ExecutionId, fresh: ReadonlySet<ExecutionId>): boolean {
    return fresh.has(id) || this.#running.has(id) || this.#ended.has(id);
  }

  /** True where the tree was too large to be read to its end: then nothing proves that it has stopped. */
  get isCut(): boolean {
    return this.#isCut;
  }

  /** States of the late children that were not cancelled. */
  states(): StopState[] {
    const ended = [...this.#ended]
      .sort(compareIds)
      .map((executionId): StopState => ({ executionId, phase: 'stopped', draining: 0, violation: null }));
    const running = [...this.#running.values()].map(({ executionId, lastEvent }): StopState => {
      const { eventId, type, node, workerId, at } = lastEvent;
      const violation = { eventId, type, commandKey: node ?? type, node, workerId, at };
      return { executionId, phase: 'still-emitting', draining: 0, violation };
    });
    return [...running, ...ended];
  }
}

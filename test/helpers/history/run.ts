import type { StaleCode } from '../../../source/domain/staleness/staleness-types.js';
import { idAt } from '../ids.js';

/** What is true of a generated execution, by construction. `ended` and `running` must not be found stale at all. */
export type Truth = StaleCode | 'ended' | 'running';

/** How the rows of one execution name its commands (event-store.md, "Words"). */
export type Naming = 'meta' | 'column' | 'node';

export interface HistoryRow {
  readonly type: string;
  readonly node: string | null;
  readonly status: string | null;
  readonly workerId: string | null;
  readonly commandId: string | null;
  readonly parent: string | null;
  readonly result: string | null;
  readonly meta: string | null;
  /** Milliseconds after the row before. */
  readonly after: number;
}

/** A finished execution of a history: its rows get their times from when the last of them was written. */
export interface HistoryExecution {
  readonly id: string;
  readonly layout: 'rust' | 'database';
  readonly rows: readonly HistoryRow[];
  readonly lastAt: number;
  readonly truth: Truth;
  /** The scenario that made it, for the table of what was found. */
  readonly scenario: string;
  /** Milliseconds since 1970 at which all its rows were loaded; null for rows written when they happened. */
  readonly loadedAt: number | null;
}

export type Stage = 'issued' | 'claimed' | 'started' | 'called' | 'completed' | 'failed';

let drawn = 0;

/** Writes down one execution event by event, in either stack's form. */
export class Run {
  readonly id: string;
  readonly #rows: HistoryRow[] = [];
  #commands = 0;

  constructor(
    readonly stack: 'rust' | 'python',
    bornAt: number,
    readonly naming: Naming = 'meta',
    readonly parent: string | null = null,
    readonly inlined = false,
  ) {
    this.id = idAt(bornAt, stack === 'rust' ? 'rust' : 'database', drawn++);
    const meta = inlined ? { inlined_in_parent: parent } : {};
    const row = { parent: inlined ? null : parent, meta };
    if (stack === 'rust') this.emit('playbook_started', 'playbook', 'STARTED', row);
    else {
      this.emit('playbook.initialized', 'a/playbook', 'INITIALIZED', row);
      this.emit('workflow.initialized', 'workflow', 'initialized');
    }
  }

  emit(
    type: string,
    node: string | null,
    status: string | null,
    more: {
      workerId?: string | null;
      commandId?: string | null;
      parent?: string | null;
      result?: unknown;
      meta?: Record<string, unknown>;
      after?: number;
    } = {},
  ): this {
    this.#rows.push({
      type,
      node,
      status,
      workerId: more.workerId ?? null,
      commandId: more.commandId ?? null,
      parent: more.parent ?? null,
      result: more.result === undefined ? null : JSON.stringify(more.result),
      meta: more.meta === undefined ? null : JSON.stringify(more.meta),
      after: more.after ?? 7,
    });
    return this;
  }

  /** One command of a step as far as a stage, in this stack's sequence. */
  command(
    node: string,
    stage: Stage,
    worker = 'worker-1',
    more: { pendingCallback?: boolean; key?: number } = {},
  ): this {
    const number = more.key ?? this.#commands++;
    const named = (meta: Record<string, unknown>) => ({
      meta: this.naming === 'meta' ? { command_id: `${this.id}:${node}:${number}`, ...meta } : meta,
      ...(this.naming === 'column' ? { commandId: String(4_000_000_000 + number) } : {}),
    });
    const held = this.stack === 'rust' ? named({ worker_id: worker }) : { ...named({}), workerId: worker };
    const steps: (() => void)[] = [
      () => this.emit('command.issued', node, 'PENDING', named({ step: node })),
      () => this.emit('command.claimed', node, 'RUNNING', held),
      () => this.emit('command.started', node, this.stack === 'rust' ? 'STARTED' : 'RUNNING', held),
      () => {
        if (more.pendingCallback) return;
        this.emit('call.done', node, 'COMPLETED', { ...held, after: 900 });
        if (this.stack === 'python') this.emit('step.exit', node, 'COMPLETED');
      },
      () => {
        const context = more.pendingCallback ? { pending_callback: true } : {};
        const result = { status: 'success', context };
        if (stage === 'failed') this.emit('command.failed', node, 'FAILED', { ...held, result: { status: 'error' } });
        else this.emit('command.completed', node, 'success', { ...held, result });
      },
    ];
    const reached = { issued: 1, claimed: 2, started: 3, called: 4, completed: 5, failed: 5 }[stage];
    for (const step of steps.slice(0, reached)) step();
    return this;
  }

  /** So many whole steps. */
  steps(count: number, worker?: string): this {
    for (let index = 0; index < count; index++) {
      const node = `step_${this.#commands}`;
      if (this.stack === 'rust' && this.#commands > 0) this.emit('step.enter', node, 'ENTERED');
      this.command(node, 'completed', worker);
    }
    return this;
  }

  /** The end, with what Python appends after it. */
  end(type = 'playbook.completed', status = 'COMPLETED'): this {
    if (this.stack === 'python' && type === 'playbook.completed')
      this.emit('workflow.completed', 'workflow', 'COMPLETED');
    this.emit(type, 'playbook', status);
    return this.stack === 'python' ? this.emit('command.completed', 'end', 'COMPLETED', { meta: {} }) : this;
  }

  /** Closes the execution: its newest event was written then. */
  as(truth: Truth, scenario: string, lastAt: number, loadedAt: number | null = null): HistoryExecution {
    const layout = this.stack === 'rust' ? 'rust' : 'database';
    return { id: this.id, layout, rows: this.#rows, lastAt, truth, scenario, loadedAt };
  }
}

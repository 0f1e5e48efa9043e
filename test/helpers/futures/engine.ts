import { type Random, seededRandom } from '../../../source/demo/engine/random.js';
import { terminalStatusOf } from '../../../source/domain/execution-status.js';
import type { ExecutionLog, LogEvent } from '../../../source/domain/rehearsal/rehearse.js';
import type { RuntimeRow } from '../../../source/domain/staleness/stale-facts.js';
import { idAt } from '../ids.js';

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

/** An execution whose whole future is written down already: cut its log anywhere, and the rest is the truth. */
export interface Future {
  readonly log: ExecutionLog;
  readonly stack: 'python' | 'rust';
  /** What happens to it, for the tables of tests. */
  readonly scenario: string;
  /** True where its log has no end: nothing will ever move it again. */
  readonly isStuck: boolean;
}

export interface EngineOptions {
  /** Whether the Python server's command reaper runs. */
  readonly hasReaper: boolean;
  /** All workers are away in this stretch; null for an engine without an outage. */
  readonly outage: { readonly from: number; readonly to: number } | null;
}

const WORKERS = 4;
/** Dies in the midst of the day, while the others go on. */
export const MORTAL = 'worker-mortal';
const QUEUE_MS = 15 * MINUTE;

/**
 * The clockwork of a NoETL deployment: workers with heartbeats, an outage, a reaper, a queue that grows and drains, and
 * a finaliser as slow as production's. It answers when things happen; scenarios write the rows.
 * Sources: event-store.md ("Tables", "Sizes seen"), recorded/README.md.
 */
export class Engine {
  readonly random: Random;
  readonly to: number;
  readonly mortalDiesAt: number;
  readonly queueFrom: number;
  readonly outage: EngineOptions['outage'];
  readonly hasReaper: boolean;

  constructor(
    seed: number,
    readonly from: number,
    options: EngineOptions,
  ) {
    this.random = seededRandom(seed);
    this.to = from + 14 * HOUR;
    this.mortalDiesAt = from + 30 * MINUTE;
    this.queueFrom = from + 4 * HOUR;
    this.outage = options.outage && { from: from + options.outage.from, to: from + options.outage.to };
    this.hasReaper = options.hasReaper;
  }

  between = (low: number, high: number): number => low + this.random.next() * (high - low);

  isAway = (at: number): boolean => this.outage !== null && at >= this.outage.from && at < this.outage.to;

  /** A worker that is there at a moment; those after the outage have new names, as restarted pods do. */
  worker = (at: number): string => this.random.pick(this.workersAt(at));

  workersAt(at: number): string[] {
    const generation = this.outage && at >= this.outage.to ? 'b' : 'a';
    return Array.from({ length: WORKERS }, (_, index) => `worker-${generation}${index + 1}`);
  }

  /** When a worker dies that holds something from a moment on; Infinity where it lives. */
  deathOf(worker: string): number {
    if (worker === MORTAL) return this.mortalDiesAt;
    return this.outage && worker.startsWith('worker-a') ? this.outage.from : Number.POSITIVE_INFINITY;
  }

  /** When a command that was issued at a moment is claimed. First come, first served: the queue only ever delays. */
  claimAt(issuedAt: number): number {
    const prompt = issuedAt + this.between(20, 2000);
    const since = issuedAt - this.queueFrom;
    // It takes in twice what the workers manage for 15 minutes, and drains while they manage four times what comes.
    const isQueued = since >= 0 && since < 35 * MINUTE;
    const waited = since < QUEUE_MS ? 2 * since : 2 * QUEUE_MS + (since - QUEUE_MS) / 4;
    const claim = isQueued ? Math.max(prompt, this.queueFrom + waited) : prompt;
    return this.outage && this.isAway(claim) ? this.outage.to + this.between(SECOND, 4 * MINUTE) : claim;
  }

  /** When the reaper hands on what a worker held that died; null where nobody does. */
  recoveryAt(stack: 'python' | 'rust', worker: string): number | null {
    if (stack === 'rust' || !this.hasReaper) return null;
    const noticed = this.deathOf(worker) + this.between(150 * SECOND, 300 * SECOND);
    return this.outage && this.isAway(noticed) ? this.outage.to + this.between(SECOND, 2 * MINUTE) : noticed;
  }

  /** From the last step to the end: half of the runs take less than 49 s, one in eleven more than 120 s, none more than 393 s. */
  finalising(): number {
    const normal = Math.sqrt(-2 * Math.log(1 - this.random.next())) * Math.cos(2 * Math.PI * this.random.next());
    return Math.min(393, 49 * Math.exp(0.659 * normal)) * SECOND;
  }

  /** noetl.runtime at a moment. */
  runtimeAt(moment: number): RuntimeRow[] {
    const rows: RuntimeRow[] = [];
    const add = (name: string, kind: string, createdAt: number, diesAt: number, period: number) => {
      if (createdAt > moment) return;
      const last = Math.min(moment, diesAt);
      const heartbeatAt = createdAt + Math.floor((last - createdAt) / period) * period;
      const isOffline = kind === 'worker_pool' && moment - diesAt > MINUTE;
      rows.push({ name, kind, status: isOffline ? 'offline' : 'ready', heartbeatAt, createdAt });
    };
    const longAgo = this.from - 30 * 24 * HOUR;
    for (let number = 1; number <= WORKERS; number++) {
      const name = `worker-a${number}`;
      add(name, 'worker_pool', longAgo, this.deathOf(name), 15 * SECOND);
      if (this.outage) {
        add(`worker-b${number}`, 'worker_pool', this.outage.to + number, Number.POSITIVE_INFINITY, 15 * SECOND);
      }
    }
    add(MORTAL, 'worker_pool', longAgo, this.mortalDiesAt, 15 * SECOND);
    add('srv', 'server_api', longAgo, Number.POSITIVE_INFINITY, 15 * SECOND);
    if (this.hasReaper) add('srv:command_reaper', 'server_api', longAgo, Number.POSITIVE_INFINITY, MINUTE);
    return rows;
  }
}

let drawn = 0;

/** Writes one execution's log, event by event, in its stack's form, with the clock that the engine gives. */
export class FutureRun {
  readonly id: string;
  readonly #events: LogEvent[] = [];
  #commands = 0;
  /** Nothing moves it any more. */
  isLost = false;

  constructor(
    readonly engine: Engine,
    readonly stack: 'python' | 'rust',
    public at: number,
    readonly parent: string | null = null,
  ) {
    this.id = idAt(at, stack === 'rust' ? 'rust' : 'database', drawn++);
    if (stack === 'rust') this.emit('playbook_started', 'playbook', 0);
    else {
      this.emit('playbook.initialized', 'a/playbook', 0);
      this.emit('workflow.initialized', 'workflow', 8);
    }
  }

  emit(type: string, node: string, after: number, more: Partial<LogEvent> = {}): this {
    if (this.isLost) return this;
    this.at += after;
    this.#events.push({
      eventId: (BigInt(this.id) + BigInt(this.#events.length + 1)).toString(),
      type,
      node,
      status: null,
      workerId: null,
      commandId: null,
      loaded: null,
      ...more,
      at: this.at,
    });
    return this;
  }

  /**
   * One command from issue to end, whoever has to hand it on meanwhile; the run is lost where nobody does.
   * `upTo` ends it early, for what never happens.
   */
  step(
    node: string,
    toolMs: number,
    more: { worker?: string; upTo?: 'issued'; fails?: boolean; callbackMs?: number } = {},
  ): this {
    const { engine } = this;
    const commandId = `${this.id}:${node}:${this.#commands++}`;
    if (this.stack === 'rust') this.emit('step.enter', node, 5);
    this.emit('command.issued', node, 15, { commandId });
    if (more.upTo === 'issued') this.isLost = true;
    if (this.isLost) return this;
    this.#advance(engine.claimAt(this.at));
    let worker = more.worker ?? engine.worker(this.at);
    for (;;) {
      this.emit('command.claimed', node, 0, { commandId, workerId: worker });
      this.emit('command.started', node, 30, { commandId, workerId: worker });
      if (this.at + toolMs < engine.deathOf(worker)) break;
      const again = engine.recoveryAt(this.stack, worker);
      if (again === null) {
        this.isLost = true;
        return this;
      }
      this.#advance(again);
      worker = engine.worker(this.at);
    }
    const held = { commandId, workerId: worker };
    if (more.callbackMs !== undefined) {
      this.emit('command.completed', node, toolMs, { ...held, pendingCallback: true });
      return this.emit('call.done', node, more.callbackMs, { commandId });
    }
    if (more.fails) {
      this.emit('call.done', node, toolMs, held);
      return this.emit('command.failed', node, 3, { ...held, error: "ValueError('boom')" });
    }
    this.emit('call.done', node, toolMs, held);
    if (this.stack === 'python') this.emit('step.exit', node, 2);
    return this.emit('command.completed', node, 10, held);
  }

  /** So many steps of 30 ms to 57 s. */
  steps(count: number): this {
    for (let step = 0; step < count; step++) this.step(`step_${step}`, this.engine.between(30, 57 * SECOND));
    return this;
  }

  /** Waits for a child; the engine reacts within the minute. */
  after(child: FutureRun): this {
    if (child.isLost) this.isLost = true;
    if (!this.isLost) this.#advance(child.at + this.engine.between(50, 40 * SECOND));
    return this;
  }

  /** Nothing comes any more, though it has not ended. */
  forget(): this {
    this.isLost = true;
    return this;
  }

  end(type: 'completed' | 'failed' = 'completed'): this {
    this.emit(`playbook.${type}`, 'playbook', this.engine.finalising());
    if (this.stack === 'python' && type === 'completed') this.emit('command.completed', 'end', 9, { commandId: 'end' });
    return this;
  }

  as(scenario: string): Future {
    const isStuck = !this.#events.some(({ type }) => terminalStatusOf(type));
    const log = { executionId: this.id, path: 'a/playbook', parentExecutionId: this.parent, events: this.#events };
    return { log, stack: this.stack, scenario, isStuck };
  }

  #advance(to: number): void {
    this.at = Math.max(this.at, to);
  }
}

import { createCancellationGuard } from '../../guard/cancellation-guard.js';
import type { CancellationGuard, GuardLogger } from '../../guard/guard-types.js';
import type { BackdatedTree } from './backdated-tree.js';
import { type Command, childFailed, outcomeOf, type ToolOutcome } from './command.js';
import type { EventLog } from './event-log.js';
import type { ExecutionRun } from './execution-run.js';
import type { Executions } from './executions.js';
import { pause } from './pause.js';
import type { Fate } from './playbook.js';
import type { Random } from './random.js';
import { claimEvent, skipDraft } from './worker-drafts.js';
import { WorkerSlots } from './worker-slots.js';

/** The most executions of one tree that live at a time: a runaway waits with its next child until there is room. */
const MAX_LIVE_IN_TREE = 20;

interface LiveExecution {
  readonly run: ExecutionRun;
  /** The root of its tree. */
  readonly root: string;
  readonly guard: CancellationGuard;
  /** Set once its cancel was noticed. */
  cancelled: boolean;
  readonly whenEnded: (() => void)[];
}

interface Offer {
  readonly execution: LiveExecution;
  readonly command: Command;
}

export interface LiveEngineOptions {
  readonly log: EventLog;
  readonly executions: Executions;
  readonly random: Random;
  /** Ends the engine's waits; a database that goes away afterwards concerns nobody. */
  readonly signal: AbortSignal;
  readonly logger?: GuardLogger;
}

const SILENT: GuardLogger = { info: () => {}, warn: () => {} };

/**
 * The demo's orchestrator and workers in real time. The queue stands for NATS: it only tells workers which command to
 * look at; claims, cancels and all else that counts are read from and written to the event table.
 */
export class LiveEngine {
  private readonly live = new Map<string, LiveExecution>();
  private queue: Offer[] = [];
  private readonly slots: WorkerSlots;

  constructor(private readonly options: LiveEngineOptions) {
    this.slots = new WorkerSlots(options.random.fork('workers'));
  }

  /** How many executions without a parent have not ended, stuck ones included. */
  get liveRoots(): number {
    return [...this.live].filter(([id, execution]) => execution.root === id).length;
  }

  /** Whether an execution of this playbook has not ended. */
  isRunning(path: string): boolean {
    return [...this.live.values()].some(({ run }) => run.identity.playbook.path === path);
  }

  /** Takes over a tree of the history where its telling stopped. */
  adopt(tree: BackdatedTree): void {
    const [root = ''] = tree.runs.keys();
    const executions = new Map([...tree.runs.values()].map((run) => [run.identity.executionId, this.admit(run, root)]));
    for (const command of tree.queued) this.offer(executions.get(command.executionId), [command]);
    for (const { command, worker, outcome, finishesAt } of tree.held) {
      const free = this.slots.take(worker, command);
      this.inBackground(async () => {
        await pause(finishesAt - Date.now(), this.options.signal).finally(free);
        await this.conclude(executions.get(command.executionId), command, worker, outcome);
      });
    }
    for (const [childId, { command, worker }] of tree.waiting)
      this.inBackground(async () => {
        const outcome = await this.childOutcome(childId);
        await this.conclude(executions.get(command.executionId), command, worker, outcome);
      });
  }

  /** Starts an execution of a playbook; answers its id once its first events are written. */
  async start(
    path: string,
    fates: readonly Fate[] = [],
    caller: { id: string; inline: boolean; root: string } | null = null,
  ) {
    const at = Date.now();
    const { executions, random, log } = this.options;
    const callerOf = caller && { executionId: caller.id, inline: caller.inline };
    const run = executions.create(path, at, random.fork(`${path}:${at}`), callerOf, fates);
    const id = run.identity.executionId;
    const execution = this.admit(run, caller?.root ?? id);
    const { drafts, issued } = run.begin(at);
    await log.append(run, drafts);
    this.offer(execution, issued);
    return id;
  }

  /** Gives waiting commands to workers that have room. */
  dispatch(): void {
    const waiting = this.queue;
    this.queue = [];
    for (const offer of waiting) {
      const { execution, command } = offer;
      const worker = this.slots.find(execution.run, command, execution.cancelled);
      if (worker === null) this.queue.push(offer);
      else this.inBackground(() => this.work(offer, worker));
    }
  }

  /** Learns of cancels, so that waiting commands are looked at, and whoever waits for a cancelled child stops waiting. */
  async noticeCancels(): Promise<void> {
    for (const id of await this.options.log.cancelledAmong([...this.live.keys()])) this.end(id, 'CANCELLED');
    this.dispatch();
  }

  private admit(run: ExecutionRun, root: string): LiveExecution {
    const { log, logger = SILENT } = this.options;
    const guard = createCancellationGuard({
      check: log.check,
      emit: (event) => log.skip(run, event, skipDraft(run, event, Date.now())),
      logger,
    });
    const execution: LiveExecution = { run, root, guard, cancelled: false, whenEnded: [] };
    if (!run.ended) this.live.set(run.identity.executionId, execution);
    return execution;
  }

  private offer(execution: LiveExecution | undefined, commands: readonly Command[]): void {
    if (!execution) return;
    for (const command of commands) if (command.step.tool !== 'gpu') this.queue.push({ execution, command });
    this.dispatch();
  }

  private async work({ execution, command }: Offer, worker: string): Promise<void> {
    const { log, signal } = this.options;
    const { run, guard } = execution;
    const free = this.slots.take(worker, command);
    try {
      const outcome = await guard.run(
        { executionId: command.executionId, commandId: command.id, step: command.step.name, workerId: worker },
        {
          signal,
          claim: () => log.claim(run, claimEvent(command, worker), run.claim(command, worker, Date.now())),
          execute: () => this.execute(execution, command, worker),
        },
      );
      if (outcome.kind !== 'not-claimed') return;
      // A cancel that came between check and claim refused it; the next look at it writes the skip.
      const verdict = await log.check(command.executionId, { signal });
      if (verdict?.cancelled) this.queue.push({ execution, command });
    } finally {
      free();
    }
  }

  private async execute(execution: LiveExecution, command: Command, worker: string): Promise<void> {
    const { run } = execution;
    await this.options.log.append(run, run.start(command, worker, Date.now()));
    await this.conclude(execution, command, worker, await this.callTool(execution, command));
  }

  private async callTool(execution: LiveExecution, command: Command): Promise<ToolOutcome> {
    const { signal } = this.options;
    const { calls, detached, inline = false } = command.step;
    if (!calls) {
      await pause(command.seconds * 1000, signal);
      return outcomeOf(command);
    }
    while (this.isCrowded(execution.root) && !execution.cancelled) await pause(1000, signal);
    if (execution.cancelled)
      return { kind: 'error', message: 'the execution was cancelled before its sub-playbook began' };
    const childId = await this.start(calls, [], { id: command.executionId, inline, root: execution.root });
    if (!detached) return this.childOutcome(childId);
    await pause(command.seconds * 1000, signal);
    return { kind: 'done', childExecutionId: childId };
  }

  private isCrowded(root: string): boolean {
    let count = 0;
    for (const execution of this.live.values()) if (execution.root === root) count++;
    return count >= MAX_LIVE_IN_TREE;
  }

  private async childOutcome(childId: string): Promise<ToolOutcome> {
    const child = this.live.get(childId);
    if (child) await new Promise<void>((resolve) => child.whenEnded.push(resolve));
    return child?.run.ended === 'COMPLETED' ? { kind: 'done', childExecutionId: childId } : childFailed(childId);
  }

  private async conclude(
    execution: LiveExecution | undefined,
    command: Command,
    worker: string,
    outcome: ToolOutcome,
  ): Promise<void> {
    if (!execution) return;
    const { run } = execution;
    const { drafts, issued } = run.finish(command, worker, outcome, Date.now());
    const { cancelled } = await this.options.log.append(run, drafts);
    if (cancelled) this.end(command.executionId, 'CANCELLED');
    else if (run.ended) this.end(command.executionId, run.ended);
    else this.offer(execution, issued);
  }

  private end(executionId: string, as: NonNullable<ExecutionRun['ended']>): void {
    const execution = this.live.get(executionId);
    if (!execution) return;
    execution.run.ended = as;
    execution.cancelled = as === 'CANCELLED';
    this.live.delete(executionId);
    for (const tell of execution.whenEnded) tell();
  }

  /** What fails because the demo ends, or its database went away, ends that command's story and nothing else. */
  private inBackground(work: () => Promise<void>): void {
    work().catch(() => {});
  }
}

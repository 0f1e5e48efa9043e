import type { BackdatedTree } from './backdated-tree.js';
import { type Claim, Claims, redeliverUntilCancelled } from './claims.js';
import type { ExecutionRun } from './execution-run.js';
import {
  childOutcome,
  type LiveEngineOptions,
  type LiveExecution,
  liveExecution,
  type Offer,
} from './live-execution.js';
import { pause } from './pause.js';
import { type Command, type Fate, outcomeOf, type ToolOutcome } from './playbook.js';
import { claimEvent } from './stack-form.js';
import { WorkerSlots } from './worker-slots.js';
import type { Worker } from './workers.js';

/** The most executions of one tree that live at a time: a runaway waits with its next child until there is room. */
const MAX_LIVE_IN_TREE = 20;

/**
 * The demo's orchestrator and workers in real time. The queue stands for NATS: it only informs workers which command to
 * look at; claims, cancels and all else that counts are read from and written to the event table.
 */
export class LiveEngine {
  private readonly live = new Map<string, LiveExecution>();
  private queue: Offer[] = [];
  private readonly slots: WorkerSlots;
  private readonly claims = new Claims();

  constructor(private readonly options: LiveEngineOptions) {
    this.slots = new WorkerSlots(options.random.fork('workers'));
  }

  /** How many executions without a parent have not ended, stuck ones included, those that an outage ended aside. */
  get liveRoots(): number {
    return [...this.live].filter(([id, { root, lost }]) => root === id && !lost).length;
  }

  /** The workers that are there, by their present names. */
  get workers(): readonly Worker[] {
    return this.slots.present;
  }

  /** Whether an execution of this playbook has not ended. */
  isRunning(path: string): boolean {
    return [...this.live.values()].some(({ run, lost }) => run.identity.playbook.path === path && !lost);
  }

  /** All workers die at once. What they have in hand is lost for Rust, which hands nothing on. */
  killWorkers(): void {
    this.slots.kill();
    for (const { execution } of this.claims.all()) if (execution.run.form.stack === 'rust') execution.lost = true;
  }

  /** As many workers come back under new names; whoever calls this registers them. */
  restartWorkers(): void {
    this.slots.restart();
  }

  /** Puts commands back on the queue, as the reaper does, unless a live worker has them; unclaimed ones wait there. */
  handOn(commandIds: readonly string[]): void {
    for (const id of commandIds) {
      const claim = this.claims.of(id);
      const waits = this.queue.some(({ command }) => command.id === id);
      if (!claim || waits || this.slots.isPresent(claim.worker) || claim.execution.cancelled) continue;
      this.queue.push({ ...claim, handedOn: true });
    }
    this.dispatch();
  }

  /** Takes over a tree of the history where its telling stopped. */
  adopt(tree: BackdatedTree): void {
    const [root = ''] = tree.runs.keys();
    const executions = new Map([...tree.runs.values()].map((run) => [run.identity.executionId, this.admit(run, root)]));
    for (const command of tree.queued) this.offer(executions.get(command.executionId), [command]);
    for (const { command, worker } of tree.stuck) {
      const execution = executions.get(command.executionId);
      if (!execution) continue;
      this.claims.put({ execution, command, worker });
      if (command.fate === 'redeliver') this.inBackground(() => this.redeliver({ execution, command, worker }));
    }
    for (const { command, worker, outcome, finishesAt } of tree.held) {
      const execution = executions.get(command.executionId);
      if (!execution) continue;
      this.claims.put({ execution, command, worker });
      const free = this.slots.take(worker, command);
      this.inBackground(async () => {
        await pause(finishesAt - Date.now(), this.options.signal).finally(free);
        await this.conclude(execution, command, worker, outcome);
      });
    }
    for (const [childId, { command, worker }] of tree.waiting) {
      const execution = executions.get(command.executionId);
      const child = executions.get(childId);
      if (!execution || !child) continue;
      this.claims.put({ execution, command, worker });
      this.claims.callOf(command).child = child;
      this.inBackground(async () => this.conclude(execution, command, worker, await childOutcome(child)));
    }
  }

  /** Starts an execution of a playbook; answers it once its first events are written. */
  async start(
    path: string,
    fates: readonly Fate[] = [],
    caller: { id: string; inline: boolean; root: string } | null = null,
  ) {
    const at = Date.now();
    const { executions, random, log } = this.options;
    const callerOf = caller && { executionId: caller.id, inline: caller.inline };
    const run = executions.create(path, at, random.fork(`${path}:${at}`), callerOf, fates);
    const execution = this.admit(run, caller?.root ?? run.identity.executionId);
    const { drafts, issued } = run.begin(at);
    await log.append(run, drafts);
    this.offer(execution, issued);
    return execution;
  }

  /** Gives waiting commands to workers that have room. */
  dispatch(): void {
    const waiting = this.queue;
    this.queue = [];
    for (const offer of waiting) {
      const worker = this.slots.find(offer.execution.run, offer.command, offer.execution.cancelled);
      if (worker === null) this.queue.push(offer);
      else this.inBackground(() => this.work(offer, worker));
    }
  }

  /** Learns of cancels, so that waiting commands are looked at, and whoever waits for a cancelled child stops waiting. */
  async noticeCancels(): Promise<void> {
    const cancelled = await this.options.log.cancelledAmong([...this.live.keys()]);
    for (const id of cancelled) this.end(id, 'CANCELLED');
    this.dispatch();
    await this.options.log.closeCommands([...cancelled]);
  }

  private admit(run: ExecutionRun, root: string): LiveExecution {
    const execution = liveExecution(run, root, this.options);
    if (!run.ended) this.live.set(run.identity.executionId, execution);
    return execution;
  }

  private offer(execution: LiveExecution | undefined, commands: readonly Command[]): void {
    if (!execution) return;
    for (const command of commands) if (command.step.tool !== 'gpu') this.queue.push({ execution, command });
    this.dispatch();
  }

  private async work({ execution, command, handedOn }: Offer, worker: string): Promise<void> {
    const { log, signal } = this.options;
    const { run, guard } = execution;
    const claim = () =>
      log.claim(run, claimEvent(command, worker), run.claim(command, worker, Date.now()), handedOn ?? false);
    const free = this.slots.take(worker, command);
    try {
      const outcome = await guard.run(
        { executionId: command.executionId, commandId: command.id, step: command.step.name, workerId: worker },
        {
          signal,
          claim,
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
    this.claims.put({ execution, command, worker });
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
    // A command that is handed on finds the child that it began at its first try.
    const call = this.claims.callOf(command);
    call.child ??= await this.start(calls, [], { id: command.executionId, inline, root: execution.root });
    if (!detached) return childOutcome(call.child);
    await pause(command.seconds * 1000, signal);
    return { kind: 'done', childExecutionId: call.child.run.identity.executionId };
  }

  private isCrowded(root: string): boolean {
    return [...this.live.values()].filter((one) => one.root === root && !one.lost).length >= MAX_LIVE_IN_TREE;
  }

  /** Reports a command's end, unless its worker died meanwhile or another has it now: then the answer is lost. */
  private async conclude(execution: LiveExecution, command: Command, worker: string, outcome: ToolOutcome) {
    if (!this.slots.isPresent(worker) || this.claims.of(command.id)?.worker !== worker) return;
    const { run } = execution;
    this.claims.drop(command);
    const { drafts, issued } = run.finish(command, worker, outcome, Date.now());
    const { cancelled } = await this.options.log.append(run, drafts);
    if (cancelled) {
      this.end(command.executionId, 'CANCELLED');
      if (run.form.stack === 'python') await this.refuseClaims(execution, issued);
    } else if (run.ended) this.end(command.executionId, run.ended);
    else this.offer(execution, issued);
  }

  /**
   * Python's engine issues the next command after a cancel too. NoETL's own workers ask only by their claim: it is
   * refused (409), and nothing more is written of that command.
   */
  private async refuseClaims({ run }: LiveExecution, commands: readonly Command[]): Promise<void> {
    for (const command of commands) {
      const worker = this.slots.find(run, command, true);
      if (worker) await this.options.log.claim(run, claimEvent(command, worker), []);
    }
  }

  private async redeliver(claim: Claim): Promise<void> {
    const find = () => this.slots.find(claim.execution.run, claim.command);
    const last = await redeliverUntilCancelled(claim, find, (next) => this.claims.put(next), this.options);
    await this.conclude(claim.execution, claim.command, last, { kind: 'done' });
  }

  private end(executionId: string, as: NonNullable<ExecutionRun['ended']>): void {
    const execution = this.live.get(executionId);
    if (!execution) return;
    execution.cancelled = as === 'CANCELLED';
    // Python's engine does not learn of a cancel: it reacts to what ends afterwards, and what it starts is refused.
    if (!execution.cancelled || execution.run.form.stack === 'rust') execution.run.ended = as;
    this.live.delete(executionId);
    for (const tell of execution.whenEnded) tell();
  }

  /** What fails because the demo ends, or its database went away, ends that command's story and nothing else. */
  private inBackground(work: () => Promise<void>): void {
    work().catch(() => {});
  }
}

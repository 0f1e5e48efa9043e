import type { ExecutionRun } from './execution-run.js';
import type { Command } from './playbook.js';
import type { Random } from './random.js';
import { LIVE_WORKERS, restarted, TOOL_LIMITS, type Worker } from './workers.js';

/** The live workers, and who has room for what: a worker runs so many commands at a time, a scarce tool so many in all. */
export class WorkerSlots {
  private workers: readonly Worker[] = LIVE_WORKERS;
  /** Who restarts; the pool keeps its size. */
  private gone: readonly Worker[] = [];
  private restarts = 0;
  private readonly busy = new Map<string, number>();
  private readonly tools = new Map<string, number>();

  constructor(private readonly random: Random) {}

  /** Those that beat and claim; none during an outage. */
  get present(): readonly Worker[] {
    return this.workers;
  }

  isPresent(name: string): boolean {
    return this.workers.some((worker) => worker.name === name);
  }

  /** All workers die, with all that they have in hand. */
  kill(): void {
    if (this.workers.length === 0) return;
    this.gone = this.workers;
    this.workers = [];
    this.busy.clear();
    this.tools.clear();
  }

  /** As many workers come back, under new names. */
  restart(): void {
    if (this.workers.length > 0) return;
    const names = this.random.fork(`restart:${++this.restarts}`);
    this.workers = this.gone.map((worker) => restarted(worker, names));
  }

  /** A worker with room for this command, or null. `anyTool` looks past the tool's limit: a skip takes no tool. */
  find(run: ExecutionRun, command: Command, anyTool = false): string | null {
    const limit = TOOL_LIMITS[command.step.tool] ?? Number.POSITIVE_INFINITY;
    if (!anyTool && (this.tools.get(command.step.tool) ?? 0) >= limit) return null;
    const free = this.workers.filter(
      (worker) => worker.stack === run.form.stack && (this.busy.get(worker.name) ?? 0) < worker.capacity,
    );
    return free.length > 0 ? this.random.pick(free).name : null;
  }

  /**
   * Counts a command in until the answered function is called. A command that waits for a sub-playbook takes no slot:
   * real workers poll for it, and a pool full of waiting parents would never run their children.
   */
  take(worker: string, command: Command): () => void {
    if (command.step.calls) return () => {};
    const change = (by: number) => {
      this.busy.set(worker, (this.busy.get(worker) ?? 0) + by);
      this.tools.set(command.step.tool, (this.tools.get(command.step.tool) ?? 0) + by);
    };
    change(1);
    return () => {
      // A dead worker's counts went with it.
      if (this.isPresent(worker)) change(-1);
    };
  }
}

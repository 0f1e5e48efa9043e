import type { Stack } from '../../domain/event-types.js';

/** One step of a demo playbook. */
export interface Step {
  readonly name: string;
  /** The tool that runs it. No worker of the demo serves `gpu`. */
  readonly tool: 'python' | 'http' | 'postgres' | 'duckdb' | 'playbook' | 'gpu';
  /** How long its command takes, in seconds. */
  readonly seconds: readonly [from: number, to: number];
  /** A loop's number of commands. */
  readonly iterations?: number;
  /** How many times the playbook comes back to this step before it goes on; no loop, and no total is announced. */
  readonly repeats?: readonly [from: number, to: number];
  /** How many of a loop's commands are in flight; default: 16. */
  readonly inFlight?: number;
  /** The sub-playbook that it calls. */
  readonly calls?: string;
  /** Goes on without waiting for the sub-playbook's end. */
  readonly detached?: boolean;
  /** Runs the sub-playbook inside the worker: a Python child that has a timeless id and names its parent in meta. */
  readonly inline?: boolean;
  /** Parks on an external callback. */
  readonly callback?: boolean;
}

export interface Playbook {
  readonly path: string;
  readonly version: number;
  readonly stack: Stack;
  readonly steps: readonly Step[];
  /** What the execution was started with; holds a plaintext key here and there, as production's does. */
  readonly workload: Readonly<Record<string, string | number>>;
}

/** How a step of an execution goes wrong. */
export interface Fate {
  /** The playbook and the step that it befalls; the first command of that step. */
  readonly path: string;
  readonly step: string;
  /**
   * `fail`: the tool reports an error. `abandon`: the same, and the orchestrator never writes an end (Rust). `lost`: its
   * worker dies while it runs. `hang`: it never returns, on a worker that lives. `silence`: it ends, and then the
   * orchestrator writes nothing more. `endless`: the step has no end. `slow`: its commands take 100 times as long.
   * `redeliver`: the tool outlasts the bus's deadline again and again, so that one command is claimed many times.
   */
  readonly kind: 'fail' | 'abandon' | 'lost' | 'hang' | 'silence' | 'endless' | 'slow' | 'redeliver';
}

/** What the fate `slow` multiplies a command's time by. */
export const SLOW_FACTOR = 100;
/** Iterations of a loop without an end in sight. */
export const ENDLESS = 1_000_000;

export const MAX_IN_FLIGHT = 16;

/** One command of an execution: a step, or one iteration of a loop. */
export interface Command {
  /** The value of meta->>'command_id' (Rust) or of the column command_id (Python). */
  readonly id: string;
  readonly executionId: string;
  readonly step: Step;
  readonly iteration: { readonly index: number; readonly total: number } | null;
  /** How long the tool takes, in seconds. */
  readonly seconds: number;
  readonly fate: Fate['kind'] | null;
}

/** How a tool came out. */
export type ToolOutcome =
  | { readonly kind: 'done'; readonly childExecutionId?: string }
  | { readonly kind: 'error'; readonly message: string }
  | { readonly kind: 'parked' };

/** What a tool that is not a sub-playbook comes back with. */
export function outcomeOf(command: Command): ToolOutcome {
  if (command.step.callback) return { kind: 'parked' };
  if (command.fate !== 'fail' && command.fate !== 'abandon') return { kind: 'done' };
  return { kind: 'error', message: `${command.step.tool}: upstream answered 503\nafter 3 attempts` };
}

/** What a parent's worker makes of a sub-playbook that failed or was cancelled. */
export const childFailed = (childExecutionId: string): ToolOutcome => ({
  kind: 'error',
  message: `sub-playbook ${childExecutionId} did not complete`,
});

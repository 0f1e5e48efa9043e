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
  /** How many of a loop's commands are in flight; 16 unless told. */
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
   * `fail`: the tool reports an error. `lost`: its worker dies while it runs. `hang`: it never returns, on a worker
   * that lives. `silence`: it ends, and then the orchestrator writes nothing more.
   */
  readonly kind: 'fail' | 'lost' | 'hang' | 'silence';
}

export const MAX_IN_FLIGHT = 16;

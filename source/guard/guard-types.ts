import type { ExecutionId } from '../domain/execution-id.js';
import type { CancellationCheck, CancellationPoint, WorkerEventEmitter } from '../domain/worker-protocol.js';

/** Where the guard logs what it does; pino, winston's child and console all fit. What it throws is passed over. */
export interface GuardLogger {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
}

/** The command that a worker is about to take on. */
export interface GuardedCommand {
  readonly executionId: ExecutionId;
  /** meta->>'command_id' of its `command.issued`. */
  readonly commandId: string;
  /** The step's name: node_name of its events. */
  readonly step: string;
  readonly workerId: string;
}

/** What a guard works with. */
export interface GuardOptions {
  readonly check: CancellationCheck;
  readonly emit: WorkerEventEmitter;
  readonly logger: GuardLogger;
  /** What a check that cannot be made means: true runs the command with a warning, as NoETL's workers do. */
  readonly failOpen?: boolean;
  /** How long one check, and one attempt to emit, may take; default: 2000 ms. */
  readonly timeoutMs?: number;
  /** For how long one answer may serve further first checks of the same execution; default: 0 ms. */
  readonly coalesceMs?: number;
  /** How often an emit is tried in all; default: 4. */
  readonly emitAttempts?: number;
  /** The wait before the second attempt to emit, doubled for each further one; default: 100 ms. */
  readonly emitBackoffMs?: number;
  /** A clock in milliseconds; for tests. */
  readonly now?: () => number;
}

/** What a worker does with one command. */
export interface GuardedWork<T> {
  /**
   * Claims the command: true when it is this worker's, false when another worker has it or the claim is refused. Any
   * other answer counts as a claim that failed.
   */
  claim(): Promise<boolean>;
  /**
   * Does the work. The signal aborts when the worker's own signal does and, with `watch`, when the execution is
   * cancelled meanwhile; work that does not look at it finishes, as in NoETL.
   */
  execute(signal: AbortSignal): Promise<T>;
  /** The worker's own shutdown: aborted before the execution begins, the command is not begun. Ends a check under way. */
  readonly signal?: AbortSignal;
  /** Looks for a cancel during the execution every so many milliseconds. */
  readonly watch?: { readonly everyMs: number };
}

/** How a command came out. `run` never rejects. */
export type GuardOutcome<T> =
  | {
      readonly kind: 'executed';
      readonly result: T;
      /** True when `watch` saw a cancel while the work went on. */
      readonly cancelledMeanwhile: boolean;
    }
  | {
      readonly kind: 'skipped';
      readonly at: CancellationPoint;
      /** True when the log holds the command's `command.cancelled`, by this worker or by one that skipped it before. */
      readonly emitted: boolean;
    }
  | { readonly kind: 'not-claimed' }
  | {
      readonly kind: 'failed';
      readonly step: 'check' | 'claim' | 'execute';
      /**
       * At which check, where the worker's signal was aborted, or a check failed and the guard fails closed. After the
       * claim, the claim is still held.
       */
      readonly at: CancellationPoint | null;
      readonly error: unknown;
    };

/** Runs commands so that what was cancelled is never begun. */
export interface CancellationGuard {
  run<T>(command: GuardedCommand, work: GuardedWork<T>): Promise<GuardOutcome<T>>;
}

/**
 * The public library: the guard for workers, its ports, and the domain's types. It loads neither the UI nor the command
 * line nor a database driver.
 */

export type { ExecutionId } from './domain/execution-id.js';
export type { ExecutionStatus, TerminalStatus } from './domain/execution-status.js';
export type {
  CancellationCheck,
  CancellationPoint,
  CancellationVerdict,
  WorkerEvent,
  WorkerEventEmitter,
  WorkerEventResult,
} from './domain/worker-protocol.js';
export { workerEvent } from './domain/worker-protocol.js';
export { createCancellationGuard } from './guard/cancellation-guard.js';
export { ExecutionCancelledError } from './guard/check-gate.js';
export type {
  CancellationGuard,
  GuardedCommand,
  GuardedWork,
  GuardLogger,
  GuardOptions,
  GuardOutcome,
} from './guard/guard-types.js';
export { type HttpPortOptions, httpCancellationCheck, httpCommandEmitter } from './guard/http-ports.js';
export {
  type DatabasePortOptions,
  databaseCancellationCheck,
  databaseCommandEmitter,
  type QueryPool,
} from './store/worker/ports.js';

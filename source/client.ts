/**
 * `noetl-console/client`: the console's use cases for programs, on one NoETL database or all its shards. It loads the PostgreSQL driver, and
 * neither the UI nor the HTTP server nor the demo. docs/library.md is made from this file and the docstrings behind it.
 */

export { ConfigurationError, UsageError } from './cli/args/usage-error.js';
export {
  type CancelOptions,
  type CleanupCriteria,
  type CleanupOptions,
  type ClientOptions,
  type ClientReadOptions,
  type FollowOptions,
  LIST_STATUSES,
  type ListedExecutions,
  type ListOptions,
  type ListStatus,
  type NoetlClient,
  type PlanCancelOptions,
  type PlannedCancel,
  type RunawayFindOptions,
  type ServerOptions,
  type StaleOptions,
} from './client/client-types.js';
export { openClient } from './client/open-client.js';
export type {
  CancelOutcome,
  CancelPath,
  CancelPlan,
  CancelRequest,
  CancelTarget,
  EndedExecution,
  UnreadExecution,
} from './domain/cancellation.js';
export type { CommandEvent, CommandStage, CurrentCommand } from './domain/command-state.js';
export {
  CONDITION_CODES,
  type Condition,
  type ConditionCode,
  type EngineState,
} from './domain/conditions/conditions.js';
export type { Stack } from './domain/event-types.js';
export {
  type DisplayStatus,
  displayStatus,
  type EpochMs,
  type EventSummary,
  type Execution,
} from './domain/execution.js';
export type { ExecutionId } from './domain/execution-id.js';
export { DEFAULT_STALE_AFTER_MS, type ExecutionStatus, type TerminalStatus } from './domain/execution-status.js';
export type { UsualRunTime } from './domain/runaway/facts.js';
export {
  type Baseline,
  DEFAULT_RUNAWAY_THRESHOLDS,
  type Rate,
  RUNAWAY_CODES,
  type Runaway,
  type RunawayCode,
  type RunawayEvidence,
  type RunawayThresholds,
} from './domain/runaway/facts.js';
export type { SnowflakeLayout } from './domain/snowflake.js';
export type { Failure } from './domain/staleness/stale-facts.js';
export {
  type Diagnosis,
  SAFE_CODES,
  STALE_CODES,
  type StaleCode,
  type StaleEvidence,
} from './domain/staleness/staleness-types.js';
export { type DrainingCommand, isSettled, type StopPhase, type StopState } from './domain/stopping/stopping.js';
export type { CancelProgress, CancelReport } from './service/cancel/cancel.js';
export { type CancelResult, cancelResults } from './service/cancel/cancel-results.js';
export type {
  CleanupPlan,
  CleanupProgress,
  CleanupReport,
  CleanupSkip,
  SkipReason,
} from './service/cleanup/cleanup.js';
export { CleanupBlocked, CleanupRefused } from './service/cleanup/rules.js';
export type { DescribedWorker, ExecutionDescription } from './service/describe.js';
export type { CodeCount, Cohort, PathCount, StaleExecution, StaleReport } from './service/diagnose/stale-summary.js';
export type { FollowSnapshot } from './service/follow/follow-run.js';
export type { RunawayExecution, RunawayReport } from './service/runaway.js';
export type { ExecutionTree, TreeNode } from './service/tree.js';
export type { ConnectionSettings, TlsSettings } from './store/connection/settings.js';
export type { ChildStatuses } from './store/details/types.js';
export { StoreError, type StoreErrorKind } from './store/errors.js';
export type { CancellationRecord, Connection, ExecutionsAsOf, Unread } from './store/event-store.js';
export type { ShardGap, ShardName } from './store/shards/view.js';
export { visibleText } from './text/visible-text.js';

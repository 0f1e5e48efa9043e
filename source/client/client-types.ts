import type { CancelPlan } from '../domain/cancellation.js';
import type { ConditionCode, EngineState } from '../domain/conditions/conditions.js';
import type { EpochMs, Execution } from '../domain/execution.js';
import type { ExecutionId } from '../domain/execution-id.js';
import type { RunawayThresholds } from '../domain/runaway/facts.js';
import type { StaleCode } from '../domain/staleness/staleness-types.js';
import type { CancelProgress, CancelReport } from '../service/cancel/cancel.js';
import type { CleanupPlan, CleanupProgress, CleanupReport } from '../service/cleanup/cleanup.js';
import type { ExecutionDescription } from '../service/describe.js';
import type { StaleReport } from '../service/diagnose/stale-summary.js';
import type { FollowSnapshot } from '../service/follow/follow-run.js';
import type { RunawayReport } from '../service/runaway.js';
import type { ExecutionTree } from '../service/tree.js';
import type { ConnectionSettings } from '../store/connection/settings.js';
import type { Connection, ExecutionsAsOf } from '../store/event-store.js';
import type { ShardGap } from '../store/shards/view.js';

/** How to open a client. Exactly one of `databaseUrl`, `settings` and `shards` is needed. */
export interface ClientOptions {
  /**
   * `postgres://user:password@host:5432/noetl?sslmode=verify-full`. As with libpq, what it leaves open is taken from PGHOST,
   * PGPORT, PGUSER, PGPASSWORD, PGDATABASE, PGSSLMODE and the variables of the TLS files. No other variable is read for it: which
   * database is meant is never guessed.
   */
  readonly databaseUrl?: string | undefined;
  /** The connection in its parts, in place of the URL; nothing is taken from the environment. */
  readonly settings?: ConnectionSettings | undefined;
  /**
   * The databases of a sharded NoETL, in the server's order, as one installation: a URL for each as in `databaseUrl`, or one
   * text as in NOETL_SHARDS (`host=a;database=noetl,host=b;database=noetl`), whose TLS comes from PGSSLMODE and the like.
   */
  readonly shards?: string | readonly string[] | undefined;
  /** The database that holds the catalog and the workers of all `shards`, in either form. Default: the first shard. */
  readonly cluster?: string | undefined;
  /** The schema of NoETL's tables. Default: the one in `settings`, else NOETL_SCHEMA, else `noetl`. */
  readonly schema?: string | undefined;
  /** True: every write is refused with a StoreError of kind `writes-disabled` before anything is sent. Default: false. */
  readonly readOnly?: boolean | undefined;
  /** Who cancels, as the log will say: 1 to 200 characters. Default: the operating system's user@host. */
  readonly as?: string | undefined;
  /**
   * A NoETL server: cancels are written by calls to it and not as rows of the event table. Reads stay with the table.
   * A URL such as `http://noetl.internal:8082`, or the URL with a bearer token. docs/through-the-server.md says when.
   */
  readonly server?: string | ServerOptions | undefined;
}

/** A NoETL server that asks for a token. */
export interface ServerOptions {
  readonly url: string;
  /** The bearer token, or what gets it: asked once, before the first call. */
  readonly token?: string | (() => string | Promise<string>) | undefined;
}

/** What all reads take. */
export interface ClientReadOptions {
  /** Aborting ends the read, on the server too; it rejects with a StoreError of kind `aborted`. */
  readonly signal?: AbortSignal | undefined;
}

/** What `list` may be asked for. */
export const LIST_STATUSES = ['running', 'stale', 'completed', 'failed', 'cancelled', 'all'] as const;
/** One of LIST_STATUSES. */
export type ListStatus = (typeof LIST_STATUSES)[number];

/** Which executions `list` answers. */
export interface ListOptions extends ClientReadOptions {
  /** `running` leaves out what is stale. Default: `all`. */
  readonly status?: ListStatus | undefined;
  /** A glob on the playbook's path: `etl/*`. */
  readonly path?: string | undefined;
  /** An expression as in the console and behind `--filter`: `path:etl/* age>2h why:orphaned -worker:w-7*`. */
  readonly filter?: string | undefined;
  readonly parent?: ExecutionId | undefined;
  /** Only those that began at or after this time. */
  readonly since?: EpochMs | undefined;
  /** At most this many, the newest first. Default: 50. */
  readonly limit?: number | undefined;
  /** Silent for longer is stale; milliseconds. Default: 10 minutes. */
  readonly staleAfterMs?: number | undefined;
}

/** What `list` has found. */
export interface ListedExecutions extends ExecutionsAsOf {
  /** How many of the newest were looked at, where a filter may match older ones too; null where all were. */
  readonly lookedAt: number | null;
}

/** What `stale` calls stale. */
export interface StaleOptions extends ClientReadOptions {
  /** Silent for longer is stale; milliseconds. Default: 10 minutes. */
  readonly olderThanMs?: number | undefined;
  /** The call is one of many automatic ones: it waits for its share of the connections. Default: false. */
  readonly polling?: boolean | undefined;
}

/** Which executions `runaway` looks at, and what it calls unlike their playbook. */
export interface RunawayFindOptions extends ClientReadOptions {
  /** Those that differ from the defaults. */
  readonly thresholds?: Partial<RunawayThresholds> | undefined;
  /** Silent for longer is stale and not looked at; milliseconds. Default: 10 minutes. */
  readonly staleAfterMs?: number | undefined;
  /** Which of the running executions are asked about. Default: all. */
  readonly wanted?: ((execution: Execution) => boolean) | undefined;
}

/** A plan that remembers whether it was made with all descendants. */
export interface PlannedCancel extends CancelPlan {
  readonly cascade: boolean;
}

/** How far a plan reaches. */
export interface PlanCancelOptions extends ClientReadOptions {
  /** True: all descendants too. Default: false, as on the command line. */
  readonly cascade?: boolean | undefined;
}

/** How a cancel is written. */
export interface CancelOptions {
  /** Written into the log: at most 1,000 characters, no control characters. Default: none. */
  readonly reason?: string | undefined;
  /** Aborting stops before the next transaction; what was written stays, the rest is `not-attempted`. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: CancelProgress) => void) | undefined;
  /** Skip what has an event at or after this time: it has resumed since it was looked at. */
  readonly quietSince?: EpochMs | undefined;
  /** At most this many executions a second. Default: unlimited. */
  readonly ratePerSecond?: number | undefined;
}

/** How long a cancel is followed. */
export interface FollowOptions {
  /** Milliseconds, up to 24 days. Default: 30 seconds. */
  readonly timeoutMs?: number | undefined;
  /** Aborting ends the following with the last snapshot; it does not reject. */
  readonly signal?: AbortSignal | undefined;
  /** Called whenever something has changed. */
  readonly onSnapshot?: ((snapshot: FollowSnapshot) => void) | undefined;
}

/** What a cleanup takes. */
export interface CleanupCriteria extends ClientReadOptions {
  /** Silent for longer is stale; milliseconds, at least one minute. Default: 10 minutes. */
  readonly olderThanMs?: number | undefined;
  /** Codes to clean besides the safe ones. */
  readonly include?: readonly StaleCode[] | undefined;
  /** An expression that narrows what is stale: `path:etl/* why:orphaned`. Default: all that is stale. */
  readonly filter?: string | undefined;
  /** At most this many executions, those silent for the longest time first. Default: all. */
  readonly limit?: number | undefined;
  /** Conditions of the engine to override where they hold; written into each cancel. Default: none. */
  readonly despite?: readonly ConditionCode[] | undefined;
}

/** How a cleanup is written. */
export interface CleanupOptions {
  /** Default: `Cleanup stale execution`. */
  readonly reason?: string | undefined;
  /** Aborting stops before the next transaction; what was written stays. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: CleanupProgress) => void) | undefined;
  /** At most this many executions a second. Default: unlimited. */
  readonly ratePerSecond?: number | undefined;
}

/**
 * The executions of one NoETL, in one database or over its shards: what runs, what is stuck and why, and how to cancel it and see that it stopped.
 *
 * Every method rejects with a StoreError when the database or the server fails, and with a UsageError, before anything is
 * read or written, for an argument that cannot be used. Ids are decimal strings, times milliseconds since 1970 by the
 * database's clock. Methods may be called at the same time; they share at most a few connections.
 */
export interface NoetlClient {
  /** Where it is connected, fit to show: without the password. */
  readonly connection: Connection;
  /** Executions of any status, newest first. */
  list(options?: ListOptions): Promise<ListedExecutions>;
  /**
   * Every execution that has not ended and is silent for longer than the threshold, each with its diagnosis: one code,
   * the evidence, and whether a cleanup takes it by default. Silent for the longest time first.
   */
  stale(options?: StaleOptions): Promise<StaleReport>;
  /** Running executions that are not silent but behave unlike their playbook's last 50 runs, each with its evidence. */
  runaway(options?: RunawayFindOptions): Promise<RunawayReport>;
  /**
   * One execution with all its descendants; null where the id has no rows and no children. A tree of more than 20,000
   * links is cut, and `truncated` says so; a cancel never stops there.
   */
  tree(id: ExecutionId, options?: ClientReadOptions): Promise<ExecutionTree | null>;
  /** All that an operator asks of one execution; null where the id has no rows. */
  describe(
    id: ExecutionId,
    options?: ClientReadOptions & { readonly staleAfterMs?: number | undefined },
  ): Promise<ExecutionDescription | null>;
  /** What a cancel would do: who would be cancelled, who has ended, which ids are unknown. Writes nothing. */
  planCancel(ids: readonly ExecutionId[], options?: PlanCancelOptions): Promise<PlannedCancel>;
  /**
   * Cancels what a plan has found, or these ids. Parents come before their children; with cascade the tree is read again
   * until no new live descendant is left. What has ended is never written to. The report has one outcome for each
   * execution and never rejects because of a single one; `cancelResults` sums it up by the ids that were asked for.
   *
   * @throws StoreError where nothing at all could be written.
   */
  cancel(plan: PlannedCancel, options?: CancelOptions): Promise<CancelReport>;
  cancel(ids: readonly ExecutionId[], options?: CancelOptions & PlanCancelOptions): Promise<CancelReport>;
  /**
   * Watches what a run cancelled, from the event log alone, until everything has settled (`stopped` or `abandoned`), the
   * time is over or the signal aborts: the proof that the work stopped. For a cleanup, pass the report's `cancel`.
   */
  follow(report: CancelReport, options?: FollowOptions): Promise<FollowSnapshot>;
  /**
   * The dry run of a cleanup: which stale executions it would cancel, which not and why, and which conditions of the
   * engine would make it refuse (`refusedBy`). Writes nothing.
   *
   * @throws CleanupRefused for a threshold below one minute.
   */
  planCleanup(criteria?: CleanupCriteria): Promise<CleanupPlan>;
  /**
   * Cancels the plan's targets, or what the criteria find, without cascade. Each is judged again before its write, and
   * what has resumed, has ended or is no longer safe is skipped.
   *
   * @throws CleanupBlocked where a condition of the engine holds that is not overridden: nothing may be called stuck now.
   * @throws CleanupRefused for a threshold below one minute.
   */
  cleanup(plan: CleanupPlan, options?: CleanupOptions): Promise<CleanupReport>;
  cleanup(criteria?: CleanupCriteria, options?: CleanupOptions): Promise<CleanupReport>;
  /** The state of the whole engine: while one of its conditions holds, nothing is safe and a cleanup refuses. */
  conditions(options?: ClientReadOptions): Promise<EngineState>;
  /**
   * Shards that did not answer when they were last asked: what they hold is missing from answers, and nothing is safe to clean
   * up (condition `shard-down`). Empty where there is one database. What needs such a shard rejects with a StoreError.
   */
  gaps(): readonly ShardGap[];
  /** Ends the connections, once what is under way has ended. May be called again. */
  close(): Promise<void>;
}

/**
 * What the layers above see of the event table. One database or several may stand behind it: nothing here names a
 * connection, and an implementation may ask several databases and join their answers.
 *
 * All ids are decimal strings, all times milliseconds since 1970 by the database's clock. Every method throws
 * StoreError (store/errors.ts) and nothing else.
 */
import type { CancelRequest, CancelTarget } from '../domain/cancellation.js';
import type { CommandEvent } from '../domain/command-state.js';
import type { EpochMs, EventSummary, Execution } from '../domain/execution.js';
import type { ExecutionId } from '../domain/execution-id.js';
import type { TerminalStatus } from '../domain/execution-status.js';
import type { BatchReader } from './cancellations/batches.js';
import type { CancelStateReader } from './cancellations/records.js';
import type { Connection } from './connection/settings.js';
import type { DetailsReader } from './details/types.js';
import type { EngineFactsReader } from './engine-facts.js';
import type { ExecutionsPiece } from './executions/pieces.js';
import type { QueryRunner } from './read-only-query/runner.js';
import type { RehearsalReader } from './rehearsal/reader.js';
import type { RunawayReader } from './runaway/reader.js';
import type { ShardsView } from './shards/view.js';
import type { StaleFactsReader } from './stale-facts/reader.js';
import type { WorkerProtocolStore } from './worker/ports.js';

/** How long a read may take before the server ends it. */
export interface ReadOptions {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** The read is one of many automatic ones; it uses the share of the connections that polling may have. */
  readonly polling?: boolean;
}

/** Those of the ids asked for that lie on a shard that did not answer, each with why; absent where all were read. */
export type Unread = ReadonlyMap<ExecutionId, string>;

/** Executions as of a moment of the database's clock. */
export interface ExecutionsAsOf {
  readonly executions: Execution[];
  readonly asOf: EpochMs;
  readonly unread?: Unread;
}

export interface RecentFilter {
  readonly status: 'RUNNING' | TerminalStatus | 'ALL';
  /** Catalog paths by a glob (text/glob.ts). */
  readonly path?: string;
  /** The catalog rows that `path` matches, where they were found in another database. */
  readonly catalogIds?: readonly string[];
  readonly parentExecutionId?: ExecutionId;
  /** Only those that began at or after. */
  readonly since?: EpochMs;
  readonly limit: number;
}

export interface ExecutionReader {
  /** The database's clock. */
  clock(options?: ReadOptions): Promise<EpochMs>;
  /** Every execution that began and has no terminal event, in no particular order. */
  activeExecutions(options?: ReadOptions): Promise<ExecutionsAsOf>;
  /** Those among them that wrote one of the newest `mostEvents` events within the last `withinMs` milliseconds. */
  recentlyActive(bounds: { withinMs: number; mostEvents: number }, options?: ReadOptions): Promise<ExecutionsAsOf>;
  /** The same as activeExecutions in pieces, roughly the newest first; `ahead`: requested all at once. */
  activeInPieces(options?: ReadOptions & { readonly ahead?: boolean }): AsyncIterable<ExecutionsPiece>;
  /** The executions among these ids that have rows, in no particular order. Any number of ids. */
  executionsById(ids: readonly ExecutionId[], options?: ReadOptions): Promise<ExecutionsAsOf>;
  /** Executions of any status, newest first: by start, or by end where an ended status is asked for. */
  recentExecutions(filter: RecentFilter, options?: ReadOptions): Promise<ExecutionsAsOf>;
}

/** One parent-child link; the parent may have no rows. */
export interface TreeEdge {
  readonly parent: ExecutionId;
  readonly child: ExecutionId;
}

export interface TreeReader {
  /**
   * Every link below these executions, each once, cycles included, through terminal ones too.
   * `truncated` is true when more than `limit` links exist. `gap` says which shards' links are missing, if any are.
   */
  linksBelow(
    ids: readonly ExecutionId[],
    limit: number,
    options?: ReadOptions,
  ): Promise<{ links: TreeEdge[]; truncated: boolean; gap?: string }>;
  /** How many direct children each of these has, and how many of them have not ended. */
  childCounts(
    ids: readonly ExecutionId[],
    options?: ReadOptions,
  ): Promise<ReadonlyMap<ExecutionId, { all: number; live: number }>>;
}

/** One event in full. Payloads are null unless they were asked for. */
export interface EventDetail extends EventSummary {
  readonly nodeType: string | null;
  readonly durationMs: number | null;
  readonly commandId: string | null;
  /** Index of the loop's iteration that it belongs to, where it says so. */
  readonly iteration: number | null;
  readonly error: string | null;
  readonly payload: { readonly context: unknown; readonly result: unknown; readonly meta: unknown } | null;
}

export interface EventPage {
  /** Ascending by event id. */
  readonly events: EventDetail[];
  readonly hasMore: boolean;
}

export interface EventPageRequest {
  readonly after?: string;
  readonly before?: string;
  readonly limit: number;
  readonly payloads?: boolean;
  /** Only events that report a failure (domain/event-types.ts). */
  readonly failuresOnly?: boolean;
  /** Only events whose words contain this text. */
  readonly containing?: string;
}

export interface TimelineReader {
  /**
   * One execution's events in pages: those after `after`, or those before `before` (the newest page when neither is
   * given); at most `limit`.
   */
  eventsOf(id: ExecutionId, page: EventPageRequest, options?: ReadOptions): Promise<EventPage>;
}

/** A row of the live feed: enough to move an execution's summary forward without reading it again. */
export interface FeedEvent extends EventSummary {
  readonly executionId: ExecutionId;
  readonly parentExecutionId: ExecutionId | null;
  readonly catalogId: string | null;
}

export interface FeedReader {
  /**
   * Events written at or after a time, oldest first, at most `limit`; `asOf` is the database's clock at the read, and
   * `truncated` says that there are more.
   */
  eventsSince(
    since: EpochMs,
    limit: number,
    options?: ReadOptions,
  ): Promise<{ events: FeedEvent[]; asOf: EpochMs; truncated: boolean }>;
  /** Paths and versions of catalog rows; ids without a row are absent. */
  catalogEntries(
    catalogIds: readonly string[],
    options?: ReadOptions,
  ): Promise<ReadonlyMap<string, { path: string; version: number | null }>>;
}

/** One cancel as the event table has it. */
export interface CancellationRecord {
  readonly executionId: ExecutionId;
  readonly path: string | null;
  readonly at: EpochMs;
  readonly eventId: string;
  readonly reason: string | null;
  readonly cancelledBy: string | null;
  readonly cascade: boolean | null;
  readonly parentCancelId: ExecutionId | null;
  readonly batchId: string | null;
  readonly source: string | null;
}

/** What one append did with one target. */
export type AppendResult =
  | { readonly executionId: ExecutionId; readonly kind: 'appended'; readonly eventId: string; readonly at: EpochMs }
  | {
      readonly executionId: ExecutionId;
      readonly kind: 'ended';
      readonly as: TerminalStatus;
      readonly endedBy: string | null;
    }
  /** It had an event at or after `quietSince`: it is running again, and nothing was written. */
  | { readonly executionId: ExecutionId; readonly kind: 'resumed'; readonly lastEventAt: EpochMs }
  | { readonly executionId: ExecutionId; readonly kind: 'unknown' }
  | { readonly executionId: ExecutionId; readonly kind: 'failed'; readonly message: string }
  /** A server did not answer, and the table does not say whether the cancel is written. */
  | { readonly executionId: ExecutionId; readonly kind: 'outcome-unknown'; readonly message: string }
  /** The run was stopped first. */
  | { readonly executionId: ExecutionId; readonly kind: 'not-attempted' };

export interface CancellationStore {
  /**
   * Appends the cancel's rows for each target, in the order given, in one transaction under a lock that other consoles
   * take too. A target with a terminal event is never written to. With `quietSince`, neither is one that has an event
   * at or after that time. All or nothing: when it throws, nothing was written.
   */
  appendCancellations(
    targets: readonly CancelTarget[],
    request: CancelRequest,
    options?: ReadOptions & { quietSince?: EpochMs },
  ): Promise<AppendResult[]>;
  /** The latest cancellations, newest first. */
  recentCancellations(limit: number, options?: ReadOptions & { since?: EpochMs }): Promise<CancellationRecord[]>;
  /**
   * The cancellations that one run wrote, in the order in which it wrote them. Reads every cancellation there is, or
   * those at or after `since`.
   */
  cancellationsOfBatch(batchId: string, options?: ReadOptions & { since?: EpochMs }): Promise<CancellationRecord[]>;
  /** For each of these that was cancelled: the first cancel's event id, and every command event of the execution. */
  commandEvents(
    ids: readonly ExecutionId[],
    options?: ReadOptions & { afterEventId?: ReadonlyMap<ExecutionId, string> },
  ): Promise<ReadonlyMap<ExecutionId, CommandEvent[]> & { readonly unread?: Unread }>;
}

/** A row of noetl.runtime. */
export interface WorkerRecord {
  readonly name: string;
  readonly kind: string | null;
  readonly status: string | null;
  readonly heartbeatAt: EpochMs | null;
  /** When it registered; a restarted worker usually has a new row. Null where the column is missing. */
  readonly createdAt: EpochMs | null;
}

export interface WorkerReader {
  /** Registered workers; null when liveness is unknown because noetl.runtime is absent, empty or may not be read. */
  workers(options?: ReadOptions): Promise<WorkerRecord[] | null>;
}

export type { Connection } from './connection/settings.js';

export interface EventStore
  extends ExecutionReader,
    TreeReader,
    TimelineReader,
    FeedReader,
    CancellationStore,
    CancelStateReader,
    BatchReader,
    WorkerReader,
    WorkerProtocolStore,
    StaleFactsReader,
    DetailsReader,
    EngineFactsReader,
    RunawayReader,
    RehearsalReader,
    QueryRunner {
  readonly connection: Connection;
  /** Resolves when the first question has left; never where no connection opens. */
  readonly connected?: Promise<void>;
  /** Absent where one database is all there is. */
  readonly shards?: ShardsView;
  close(): Promise<void>;
}

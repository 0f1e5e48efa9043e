import { plural } from '../text/words.js';
import type { ConditionCode } from './conditions/conditions.js';
import type { Stack } from './event-types.js';
import type { EpochMs } from './execution.js';
import type { ExecutionId } from './execution-id.js';
import type { TerminalStatus } from './execution-status.js';
import type { SnowflakeLayout } from './snowflake.js';

/** What an operator asks for; the same for every execution of one run. */
export interface CancelRequest {
  /** Checked and trimmed; null when none was given. */
  readonly reason: string | null;
  /** `user@host` of the operator, or what `--as` names. */
  readonly cancelledBy: string;
  readonly cascade: boolean;
  /** One a run, so that a run's cancels can be found together. */
  readonly batchId: string;
  /** `noetl-console/<version>`. */
  readonly source: string;
  /** Conditions of the engine that held and were overridden; absent where none was. */
  readonly despite?: readonly ConditionCode[];
}

/** One execution that a run means to cancel. */
export interface CancelTarget {
  readonly executionId: ExecutionId;
  /** The requested execution that this one was reached from; itself when it was asked for. */
  readonly rootId: ExecutionId;
  readonly parentExecutionId: ExecutionId | null;
  readonly stack: Stack | null;
  /** The layout of its own event ids, which the cancel's ids must have too. */
  readonly layout: SnowflakeLayout;
  readonly path: string | null;
  /** 0 for what was asked for, 1 for its children, and so on. */
  readonly depth: number;
  /** How far it is below the top of its tree, where that is not its depth: it was asked for, and so was one above it. */
  readonly level?: number;
  /** What it looked like when the plan was read, for who confirms it; absent where nothing was read. */
  readonly lastEventAt?: EpochMs;
  readonly workerId?: string | null;
}

/** A parent's level is less than its children's, whichever of them were asked for. */
export const levelOf = ({ level, depth }: Pick<CancelTarget, 'level' | 'depth'>): number => level ?? depth;

/** An execution that ended before it could be cancelled. */
export interface EndedExecution {
  readonly executionId: ExecutionId;
  readonly rootId: ExecutionId;
  readonly as: TerminalStatus;
  readonly endedAt: EpochMs | null;
  readonly depth: number;
}

/** An execution that could not be read. */
export interface UnreadExecution {
  readonly executionId: ExecutionId;
  readonly rootId: ExecutionId;
  readonly message: string;
}

/** What a cancel would do; a dry run prints it and writes nothing. */
export interface CancelPlan {
  /** What was asked for, each id once, in the order given. */
  readonly requested: readonly ExecutionId[];
  /** Parents before their children. */
  readonly targets: readonly CancelTarget[];
  readonly ended: readonly EndedExecution[];
  readonly unknown: readonly ExecutionId[];
  /** Those that lie on a shard that did not answer, each with why: nothing is cancelled in their name. */
  readonly unread?: readonly UnreadExecution[];
  /** Why the tree below what was asked for is not whole: the shards that did not answer. */
  readonly gap?: string;
  /** The tree has more links than a plan reads: the run goes on with the rest in pieces, and says where it stopped. */
  readonly truncated?: true;
  /** What the cascade passes by, with everything below it, because it was asked to; absent where it was not. */
  readonly leftOut?: {
    readonly ids: readonly ExecutionId[];
    /** Those of `ids` that have not ended and lie right below an execution of the plan. */
    readonly live: readonly CancelTarget[];
  };
}

/** How a cancel is written: as rows of the event table, or by calls to a NoETL server. */
export type CancelPath = 'table' | 'api';

/** What became of one execution in a run. */
export type CancelOutcome =
  | {
      readonly kind: 'cancelled';
      readonly executionId: ExecutionId;
      readonly rootId: ExecutionId;
      readonly eventId: string;
      readonly at: EpochMs;
      /** True when it appeared after the plan was made and the sweep found it. */
      readonly late: boolean;
      /** Which way it was written; by the table where it is not said. */
      readonly via?: CancelPath;
    }
  | {
      readonly kind: 'ended';
      readonly executionId: ExecutionId;
      readonly rootId: ExecutionId;
      readonly as: TerminalStatus;
      /** True when it ended between the plan and the write: another writer was first. */
      readonly lostRace: boolean;
      /** Who cancelled it first, where a cancel was what ended it and says so. */
      readonly endedBy: string | null;
    }
  | {
      readonly kind: 'resumed';
      readonly executionId: ExecutionId;
      readonly rootId: ExecutionId;
      readonly lastEventAt: EpochMs;
    }
  | { readonly kind: 'unknown'; readonly executionId: ExecutionId; readonly rootId: ExecutionId }
  | {
      readonly kind: 'failed';
      readonly executionId: ExecutionId;
      readonly rootId: ExecutionId;
      readonly message: string;
    }
  /** The connection was lost during the commit and did not come back: the cancel is written or it is not. */
  | {
      readonly kind: 'outcome-unknown';
      readonly executionId: ExecutionId;
      readonly rootId: ExecutionId;
      readonly message: string;
    }
  | { readonly kind: 'not-attempted'; readonly executionId: ExecutionId; readonly rootId: ExecutionId };

/** The longest reason, in characters, after trimming (product.md, "What a cancel does"). */
export const MAX_REASON_LENGTH = 1000;

/** The reason as it will be written, or why it is refused. Empty after trimming means none, unless one is required. */
export function checkReason(
  text: string | null | undefined,
  { isRequired = false }: { readonly isRequired?: boolean } = {},
): { ok: true; reason: string | null } | { ok: false; problem: string } {
  const reason = (text ?? '').trim();
  if (reason === '') return isRequired ? { ok: false, problem: 'a reason is required' } : { ok: true, reason: null };
  const excess = [...reason].length - MAX_REASON_LENGTH;
  if (excess > 0) {
    const limit = MAX_REASON_LENGTH.toLocaleString('en');
    return { ok: false, problem: `the reason is ${plural(excess, 'character')} too long (limit ${limit})` };
  }
  if (/\p{Cc}|\p{Cs}/u.test(reason)) {
    return { ok: false, problem: 'the reason holds control characters (a line break or tab counts); use plain text' };
  }
  return { ok: true, reason };
}

/** A row that a cancel appends; its event id, catalog and chain are settled where it is written, under the lock. */
export interface CancelRow {
  readonly eventType: 'playbook.cancelled' | 'execution.cancelled';
  readonly status: 'CANCELLED';
  readonly node: 'cancel';
  readonly meta: Readonly<Record<string, unknown>>;
  readonly context: Readonly<Record<string, unknown>>;
}

/**
 * The rows, in event_id order, that cancel one execution. Python's readers look for `execution.cancelled` alone, Rust's
 * orchestrator for `playbook.cancelled` too, so an execution that Rust began (or whose beginning is not in the table)
 * gets both. Source: event-store.md, "What a cancel must write".
 */
export function cancelRows(
  target: Pick<CancelTarget, 'executionId' | 'rootId' | 'stack'>,
  request: CancelRequest,
): CancelRow[] {
  const meta = {
    reason: request.reason,
    cancelled_by: request.cancelledBy,
    cascade: request.cascade,
    parent_cancel_id: target.executionId === target.rootId ? null : target.rootId,
    batch_id: request.batchId,
    source: request.source,
    ...(request.despite?.length ? { despite: request.despite } : {}),
    actionable: true,
  };
  const context = { reason: request.reason, cancelled_by: request.cancelledBy };
  const row = (eventType: CancelRow['eventType']): CancelRow => ({
    eventType,
    status: 'CANCELLED',
    node: 'cancel',
    meta,
    context,
  });
  return target.stack === 'python'
    ? [row('execution.cancelled')]
    : [row('playbook.cancelled'), row('execution.cancelled')];
}

/** The line for an execution that has ended, to the letter of the seed. */
export const alreadyEnded = (id: ExecutionId, as: TerminalStatus): string => `Execution ${id} is already ${as}`;
/** The line for an id that no event names. */
export const notFound = (id: ExecutionId): string => `Execution ${id} not found`;

import type { EpochMs } from '../../domain/execution.js';
import { countPhases, isSettled, type StopPhase } from '../../domain/stopping/stopping.js';
import { type CancelBatch, MEMBERS } from '../../store/cancellations/batches.js';
import type { EventStore } from '../../store/event-store.js';
import type { FollowService } from '../follow/follow.js';
import { type BatchFromLog, batchFromLog } from './batch-report.js';

/** A batch of cancels as the log shows it, whoever ran it and whenever. */
export interface LoggedBatch extends CancelBatch {
  readonly batchId: string;
  /** More of its cancels may lie in the part of the log that has not been read: `executions` is then the least. */
  readonly isPartial: boolean;
}

/** Batches of the log, newest first, as far back as it has been read. */
export interface BatchList {
  readonly batches: readonly LoggedBatch[];
  /** Where older cancels begin; null when the whole log has been read. */
  readonly next: string | null;
  /** Cancels that name no batch, in the part that has been read: NoETL's own. */
  readonly loose: number;
}

/** Whether the work of a batch has stopped. */
export interface BatchStanding {
  readonly phases: Readonly<Record<StopPhase, number>>;
  /** How many of its executions were looked at: the newest, at most store/cancellations' MEMBERS. */
  readonly looked: number;
  readonly isSettled: boolean;
}

export interface BatchLogService {
  /** The newest batches, or those of `known` and older ones. */
  read(known?: BatchList, options?: { signal?: AbortSignal }): Promise<BatchList>;
  standing(batch: CancelBatch, options?: { signal?: AbortSignal }): Promise<BatchStanding>;
  /** Groups of cancels at or after a time, NoETL's own included; partial where there are more than one read takes. */
  since(
    at: EpochMs,
    options?: { signal?: AbortSignal },
  ): Promise<{ readonly batches: readonly CancelBatch[]; readonly isPartial: boolean }>;
  /** One batch in full; null where no cancel names it. `since`: no cancel of it is older. */
  open(batchId: string, options?: { since?: EpochMs; signal?: AbortSignal }): Promise<BatchFromLog | null>;
}

export interface BatchLogTuning {
  /** Cancels that one statement reads. */
  readonly piece: number;
  /** A step back in the log ends with so many further batches, or after PIECES_A_STEP pieces. */
  readonly batchesAStep: number;
}
/** A batch seldom has more than 10,000 cancels. */
const TUNING: BatchLogTuning = { piece: 10_000, batchesAStep: 50 };
const PIECES_A_STEP = 5;
/** Two cancels of one batch are seldom further apart, even in a cleanup with a rate. */
const LONGEST_PAUSE_MS = 10 * 60_000;

const NOTHING: BatchList = { batches: [], next: null, loose: 0 };

export function createBatchLog(
  store: EventStore,
  follow: Pick<FollowService, 'look'>,
  tuning: BatchLogTuning = TUNING,
): BatchLogService {
  return {
    async read(known, options) {
      if (known?.next === null) return known;
      const wanted = (known?.batches.length ?? 0) + tuning.batchesAStep;
      let list = known ?? NOTHING;
      let before = known?.next ?? undefined;
      for (let piece = 0; piece < PIECES_A_STEP; piece += 1) {
        const found = await store.cancelBatches({ limit: tuning.piece, before }, { polling: true, ...options });
        list = withPiece(list, found);
        before = found.next ?? undefined;
        if (before === undefined || list.batches.length >= wanted) break;
      }
      return list;
    },

    async standing(batch, options) {
      const { states } = await follow.look(batch.members, options);
      return {
        phases: countPhases(states),
        looked: states.length,
        isSettled: states.every(({ phase }) => isSettled(phase)),
      };
    },

    async since(at, options) {
      const piece = { limit: tuning.piece, since: at, anyCancel: true };
      const { batches, next } = await store.cancelBatches(piece, { polling: true, ...options });
      return { batches, isPartial: next !== null };
    },

    open: (batchId, options) => batchFromLog(store, batchId, options),
  };
}

/** A list with what has come since; it stays as long as it was. */
export function withNewest(list: BatchList, newest: BatchList): BatchList {
  const byId = new Map(list.batches.map((batch) => [batch.batchId, batch]));
  for (const batch of newest.batches) {
    const known = byId.get(batch.batchId);
    if (!known || batch.executions >= known.executions) byId.set(batch.batchId, batch);
  }
  const isLonger = newest.batches.length >= byId.size;
  return {
    batches: newestFirst([...byId.values()]),
    next: isLonger ? newest.next : list.next,
    loose: Math.max(list.loose, newest.loose),
  };
}

const newestFirst = (batches: readonly LoggedBatch[]): LoggedBatch[] =>
  batches.toSorted((a, b) => b.lastAt - a.lastAt || (a.batchId < b.batchId ? 1 : -1));

/** The list with an older piece of the log, in which batches that it knows may go on. */
export function withPiece(list: BatchList, piece: Awaited<ReturnType<EventStore['cancelBatches']>>): BatchList {
  const byId = new Map(list.batches.map((batch) => [batch.batchId, batch]));
  let { loose } = list;
  for (const found of piece.batches) {
    const { batchId } = found;
    if (batchId === null) {
      loose += found.executions;
      continue;
    }
    const newer = byId.get(batchId);
    byId.set(batchId, {
      ...(newer ?? found),
      batchId,
      cascade: found.cascade || newer?.cascade === true,
      executions: found.executions + (newer?.executions ?? 0),
      requested: found.requested + (newer?.requested ?? 0),
      firstAt: found.firstAt,
      members: [...(newer?.members ?? []), ...found.members].slice(0, MEMBERS),
      isPartial: false,
    });
  }
  const isPartial = ({ firstAt }: LoggedBatch): boolean =>
    piece.next !== null && piece.oldestAt !== null && firstAt - piece.oldestAt < LONGEST_PAUSE_MS;
  const batches = [...byId.values()].map((batch) =>
    batch.isPartial === isPartial(batch) ? batch : { ...batch, isPartial: isPartial(batch) },
  );
  return { batches: newestFirst(batches), next: piece.next, loose };
}

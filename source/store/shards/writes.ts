import { setTimeout as sleep } from 'node:timers/promises';
import { type CancelRequest, type CancelTarget, levelOf } from '../../domain/cancellation.js';
import { StoreError } from '../errors.js';
import type { AppendResult, CancellationStore } from '../event-store.js';
import type { Shard, ShardSet } from './shard-set.js';

type AppendOptions = Parameters<CancellationStore['appendCancellations']>[2];

/** Tries on one shard where the failure may pass: 1.4 s, and 9 s once it is open what was written, as on one database. */
const TRIES = 4;
const TRIES_WHEN_UNKNOWN = 8;
const FIRST_RETRY_MS = 200;
const MAX_RETRY_MS = 2_000;

/**
 * Cancels on several databases: a transaction on each shard, level by level, so that no child's cancel is written before
 * its parent's wherever the two are. What one shard fails at is the outcome of its executions alone: a run would take an
 * error for all of them and try no other. The call throws where no shard is left.
 */
export const shardedAppend =
  (set: ShardSet): CancellationStore['appendCancellations'] =>
  async (targets, request, options) => {
    const results = new Map<string, AppendResult>();
    let failure: StoreError | null = null;
    for (const level of levelsOf(targets)) {
      const byShard = [...set.groupByHome(level, ({ executionId }) => executionId)];
      await Promise.all(
        byShard.map(async ([shard, own]) => {
          const { written, error } = await appendOn(shard, own, request, options);
          failure ??= error;
          for (const result of written) results.set(result.executionId, result);
        }),
      );
    }
    if (failure && set.shards.every(({ gap }) => gap !== null)) throw failure;
    return targets.flatMap(({ executionId }) => results.get(executionId) ?? []);
  };

/** Runs of targets that stand at the same level of their trees. */
function levelsOf(targets: readonly CancelTarget[]): CancelTarget[][] {
  const levels: CancelTarget[][] = [];
  for (const target of targets) {
    const level = levels.at(-1);
    if (level?.[0] && levelOf(level[0]) === levelOf(target)) level.push(target);
    else levels.push([target]);
  }
  return levels;
}

interface Written {
  readonly written: readonly AppendResult[];
  readonly error: StoreError | null;
}

/** One shard's transaction; where it fails for good, halves of it, so that one bad row costs only its own execution. */
async function appendOn(
  shard: Shard,
  targets: readonly CancelTarget[],
  request: CancelRequest,
  options: AppendOptions,
): Promise<Written> {
  try {
    return { written: await appendWithRetries(shard, targets, request, options), error: null };
  } catch (error) {
    if (!(error instanceof StoreError) || error.kind === 'aborted' || error.kind === 'writes-disabled') throw error;
    if (error.kind === 'other' && targets.length > 1) {
      const middle = Math.ceil(targets.length / 2);
      const first = await appendOn(shard, targets.slice(0, middle), request, options);
      const second = await appendOn(shard, targets.slice(middle), request, options);
      return { written: [...first.written, ...second.written], error: first.error ?? second.error };
    }
    const kind = error.kind === 'outcome-unknown' ? 'outcome-unknown' : 'failed';
    const { message } = error;
    return { written: targets.map(({ executionId }) => ({ executionId, kind, message })), error };
  }
}

/**
 * A shard that is known to be away gets one try. A try whose COMMIT went through unseen does no harm: the next one finds
 * its own rows by their batch_id.
 */
async function appendWithRetries(
  shard: Shard,
  targets: readonly CancelTarget[],
  request: CancelRequest,
  options: AppendOptions,
): Promise<AppendResult[]> {
  const isAway = shard.gap !== null;
  let unknown: StoreError | null = null;
  for (let attempt = 1; ; attempt++) {
    try {
      return await shard.demand((store) => store.appendCancellations(targets, request, options));
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      if (error.kind === 'outcome-unknown') unknown = error;
      const tries = unknown ? TRIES_WHEN_UNKNOWN : isAway ? 1 : TRIES;
      if (!error.retryable || attempt >= tries || options?.signal?.aborted) throw unknown ?? error;
      await sleep(Math.min(FIRST_RETRY_MS * 2 ** (attempt - 1), MAX_RETRY_MS));
    }
  }
}

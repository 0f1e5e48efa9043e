import type { Execution } from '../../domain/execution.js';
import { compareIds, type ExecutionId } from '../../domain/execution-id.js';
import type { CancellationRecord, CancellationStore, EventStore, ReadOptions } from '../event-store.js';
import type { ExecutionsPiece } from '../executions/pieces.js';
import type { LogPlace, RehearsalReader } from '../rehearsal/reader.js';
import { type ShardedCatalog, withPaths } from './catalog.js';
import type { ShardSet } from './shard-set.js';

/**
 * The pieces of all shards' histories: the next one of each together, so that the newest come first here too. A shard that
 * fails in between is left out from there on, as the gaps say. Throws where none has answered.
 */
export async function* piecesOfEach(set: ShardSet, options?: ReadOptions): AsyncGenerator<ExecutionsPiece> {
  const histories = set.shards.map((shard) => ({
    shard,
    pieces: shard.store.activeInPieces(options)[Symbol.asyncIterator](),
    latest: null as ExecutionsPiece | null,
  }));
  const counted = new Set(histories);
  for (let open = histories; open.length > 0; ) {
    const byShard = new Map(open.map((history) => [history.shard, history]));
    const { answers } = await set.among(
      [...byShard.keys()],
      async (_store, shard) => {
        // Only the shards in this map are asked.
        const history = byShard.get(shard)!;
        const next = await history.pieces.next();
        return { history, piece: next.done ? null : next.value };
      },
      () => histories.every(({ latest }) => latest === null),
    );
    for (const history of open) if (!answers.some((answer) => answer.history === history)) counted.delete(history);
    const found = answers.flatMap(({ history, piece }) => (piece ? [{ history, piece }] : []));
    for (const { history, piece } of found) history.latest = piece;
    open = found.map(({ history }) => history);
    const sum = (which: 'done' | 'of') => [...counted].reduce((n, { latest }) => n + (latest?.[which] ?? 0), 0);
    if (open.length > 0)
      yield { executions: found.flatMap(({ piece }) => piece.executions), done: sum('done'), of: sum('of') };
  }
}

type ExecutionReads = Pick<
  EventStore,
  'clock' | 'activeExecutions' | 'recentlyActive' | 'activeInPieces' | 'executionsById' | 'recentExecutions'
>;

/**
 * The earliest of the shards' clocks: by another's, an execution would look silent for longer than it is, and a feed would
 * read past events.
 */
const earliest = (answers: readonly { readonly asOf: number }[]): number =>
  Math.min(...answers.map(({ asOf }) => asOf));

export function shardedExecutions(set: ShardSet, catalog: ShardedCatalog): ExecutionReads {
  const clock: ExecutionReads['clock'] = async (options) =>
    Math.min(...(await set.everywhere((store) => store.clock(options))).answers);
  return {
    clock,

    async activeExecutions(options) {
      const { answers } = await set.everywhere((store) => store.activeExecutions(options));
      const executions = answers.flatMap((answer) => answer.executions);
      return { executions: await catalog.complete(executions, options), asOf: earliest(answers) };
    },

    /** Of each log's newest events: the logs are read side by side. */
    async recentlyActive(bounds, options) {
      const { answers } = await set.everywhere((store) => store.recentlyActive(bounds, options));
      const executions = answers.flatMap((answer) => answer.executions);
      return { executions: await catalog.complete(executions, options), asOf: earliest(answers) };
    },

    async *activeInPieces(options) {
      for await (const { executions, ...progress } of piecesOfEach(set, options))
        yield { executions: await catalog.complete(executions, options), ...progress };
    },

    async executionsById(ids, options) {
      const { answers, unread } = await set.atHome(ids, (store, own) => store.executionsById(own, options));
      const executions = await catalog.complete(
        answers.flatMap((answer) => answer.executions),
        options,
      );
      const asOf = answers.length === 0 ? await clock(options) : earliest(answers);
      return { executions, asOf, ...(unread.size > 0 ? { unread } : {}) };
    },

    async recentExecutions(filter, options) {
      const { path, ...rest } = filter;
      const catalogIds =
        filter.catalogIds ??
        (path === undefined ? undefined : await set.cluster.demand((store) => store.catalogIdsOf(path, options)));
      const asked = catalogIds === undefined ? rest : { ...rest, catalogIds };
      const { answers } = await set.everywhere((store) => store.recentExecutions(asked, options));
      const isEnded = filter.status !== 'RUNNING' && filter.status !== 'ALL';
      const timeOf = ({ startedAt, endedAt, lastEvent }: Execution) => (isEnded ? endedAt : startedAt) ?? lastEvent.at;
      const executions = answers
        .flatMap((answer) => answer.executions)
        .sort((a, b) => timeOf(b) - timeOf(a))
        .slice(0, filter.limit);
      return { executions: await catalog.complete(executions, options), asOf: earliest(answers) };
    },
  };
}

/**
 * The feed of several logs. A shard that was away is asked from where it was last read, so that what it wrote meanwhile
 * is not passed over.
 */
export function shardedFeed(
  set: ShardSet,
  catalog: ShardedCatalog,
): Pick<EventStore, 'eventsSince' | 'catalogEntries'> {
  const behind = new Map<string | number, number>();
  return {
    async eventsSince(since, limit, options) {
      for (const { shard } of set.shards) behind.set(shard, Math.min(since, behind.get(shard) ?? since));
      const { answers } = await set.everywhere(async (store, { shard }) => {
        const answer = await store.eventsSince(behind.get(shard) ?? since, limit, options);
        behind.delete(shard);
        return answer;
      });
      // Ordered by time and cut at the limit, so that nothing of a shard that has more lies beyond the last event here.
      const events = answers
        .flatMap((answer) => answer.events)
        .sort((a, b) => a.at - b.at || compareIds(a.eventId, b.eventId));
      const truncated = events.length > limit || answers.some((answer) => answer.truncated);
      return { events: events.slice(0, limit), asOf: earliest(answers), truncated };
    },
    catalogEntries: catalog.entries,
  };
}

type CancelReads = Pick<
  CancellationStore & EventStore,
  | 'recentCancellations'
  | 'cancellationsOfBatch'
  | 'cancellationsOf'
  | 'cancelBatches'
  | 'commandEvents'
  | 'cancelStates'
>;

export function shardedCancellations(set: ShardSet, executions: ExecutionReads): CancelReads {
  const complete = (records: readonly CancellationRecord[], options?: ReadOptions) =>
    withPaths(records, async (ids) => {
      const found = await executions.executionsById(ids, options);
      return new Map(found.executions.map(({ executionId, path }) => [executionId, path]));
    });
  return {
    async recentCancellations(limit, options) {
      const { answers } = await set.everywhere((store) => store.recentCancellations(limit, options));
      const newest = answers.flat().sort((a, b) => b.at - a.at || compareIds(b.eventId, a.eventId));
      return complete(newest.slice(0, limit), options);
    },
    async cancellationsOfBatch(batchId, options) {
      const { answers } = await set.everywhere((store) => store.cancellationsOfBatch(batchId, options));
      return complete(
        answers.flat().sort((a, b) => a.at - b.at || compareIds(a.eventId, b.eventId)),
        options,
      );
    },
    async cancelBatches({ before, ...piece }, options) {
      // Each shard goes on from its own edge; a batch may have cancels on several of them.
      const edges: Record<string, string> | null = before === undefined ? null : JSON.parse(before);
      const asked = set.shards.filter(({ shard }) => edges === null || String(shard) in edges);
      const { answers } = await set.among(asked, async (store, { shard }) => {
        const own = await store.cancelBatches({ ...piece, before: edges?.[String(shard)] }, options);
        return { ...own, shard };
      });
      const unfinished = answers.filter(({ next }) => next !== null);
      const edgesAt = (unfinished.length > 0 ? unfinished : answers).flatMap(({ oldestAt }) => oldestAt ?? []);
      return {
        batches: answers.flatMap(({ batches }) => batches),
        next:
          unfinished.length === 0
            ? null
            : JSON.stringify(Object.fromEntries(unfinished.map(({ shard, next }) => [shard, next]))),
        // Cancels older than the newest of the edges may be missing.
        oldestAt: edgesAt.length === 0 ? null : unfinished.length > 0 ? Math.max(...edgesAt) : Math.min(...edgesAt),
      };
    },
    async cancellationsOf(ids, options) {
      const { answers } = await set.atHome(ids, (store, own) => store.cancellationsOf(own, options));
      return complete(answers.flat(), options);
    },
    async commandEvents(ids, options) {
      const { answers, unread } = await set.atHome(ids, (store, own) => store.commandEvents(own, options));
      const found = joined(answers);
      return unread.size > 0 ? Object.assign(found, { unread }) : found;
    },
    cancelStates: async (ids, options) =>
      joined((await set.atHome(ids, (store, own) => store.cancelStates(own, options))).answers),
  };
}

/** Maps whose keys are executions: each lives on one shard, so no key comes twice. */
export const joined = <V>(maps: readonly ReadonlyMap<ExecutionId, V>[]): Map<ExecutionId, V> =>
  new Map(maps.flatMap((map) => [...map]));

/** A place in several logs is one in each, as JSON; null where a log is at its end. */
type Places = readonly (LogPlace | null)[];

export function shardedRehearsal(set: ShardSet): RehearsalReader {
  return {
    logFrom: (since) => JSON.stringify(set.shards.map(({ store }) => store.logFrom(since))),

    /** A page of each log: an execution's rows are in one of them, so the parts of a page are still one an execution. */
    async logPage(place, until, limit, options) {
      const places = JSON.parse(place) as Places;
      const { answers } = await set.everywhere(async (store, { shard }) => {
        const own = places[Number(shard)] ?? null;
        return { shard, page: own === null ? null : await store.logPage(own, until, limit, options) };
      });
      // A log that did not answer is left out from here on: a later part of it would look like a long silence.
      const next = set.shards.map(({ shard }) => answers.find((one) => one.shard === shard)?.page?.next ?? null);
      const pages = answers.flatMap(({ page }) => page ?? []);
      const unfinished = pages.filter((page) => page.next !== null);
      return {
        parts: pages.flatMap(({ parts }) => parts),
        lastAt: unfinished.length === 0 ? until : Math.min(...unfinished.map(({ lastAt }) => lastAt)),
        next: next.every((each) => each === null) ? null : JSON.stringify(next),
      };
    },

    logSizes: async (ids, cap, options) =>
      joined((await set.atHome(ids, (store, own) => store.logSizes(own, cap, options))).answers),
    logsOf: async (ids, loadLagMs, options) =>
      joined((await set.atHome(ids, (store, own) => store.logsOf(own, loadLagMs, options))).answers),
  };
}

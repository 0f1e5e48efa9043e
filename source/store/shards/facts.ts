import type { NewestCommands } from '../../domain/conditions/conditions-log.js';
import type { ChildStatuses, ExecutionDetails } from '../details/types.js';
import type { EventStore } from '../event-store.js';
import { joined } from './reads.js';
import type { ShardSet } from './shard-set.js';

/** Reads of what diagnoses, describing and runaway detection need. */
type Facts = Pick<
  EventStore,
  | 'workers'
  | 'newestCommands'
  | 'recordedFacts'
  | 'finishedWithin'
  | 'firstErrorOf'
  | 'recentClaims'
  | 'loadedWithNeighbours'
  | 'executionDetails'
  | 'behaviours'
  | 'runsOfPaths'
  | 'runsLike'
  | 'eventPace'
>;

export function shardedFacts(set: ShardSet): Facts {
  return {
    /** Without the cluster's database the workers' liveness is unknown. */
    async workers(options) {
      const found = await set.cluster.ask((store) => store.workers(options));
      return 'value' in found ? found.value : null;
    },

    async newestCommands(options) {
      const { answers } = await set.everywhere(async (store, { title }) => ({
        title,
        commands: await store.newestCommands(options),
      }));
      return joinedCommands(answers);
    },

    recordedFacts: async (ids, options) =>
      joined((await set.atHome(ids, (store, own) => store.recordedFacts(own, options))).answers),
    finishedWithin: async (ms, options) =>
      (await set.everywhere((store) => store.finishedWithin(ms, options))).answers.flat(),
    firstErrorOf: (id, options) => set.homeOf(id).demand((store) => store.firstErrorOf(id, options)),

    /** The queue is one for all shards: whoever claims from it may claim anywhere. */
    async recentClaims(since, options) {
      const { answers, gaps } = await set.everywhere((store) => store.recentClaims(since, options));
      const issues = answers.flatMap(({ newestIssue }) => newestIssue ?? []);
      return {
        workers: new Set(answers.flatMap(({ workers }) => [...workers])),
        newestIssue: issues.length === 0 ? null : Math.max(...issues),
        complete: gaps.length === 0 && answers.every(({ complete }) => complete),
      };
    },

    async loadedWithNeighbours(loads, options) {
      const byId = new Map(loads.map((load) => [load.executionId, load]));
      const { answers } = await set.atHome([...byId.keys()], (store, own) =>
        store.loadedWithNeighbours(
          // A shard is asked for the ids of these loads only.
          own.map((id) => byId.get(id)!),
          options,
        ),
      );
      return new Set(answers.flatMap((ids) => [...ids]));
    },

    /** An execution's children may be on any shard; everything else of it is on its own. */
    async executionDetails(ids, options) {
      const { answers } = await set.everywhere(async (store, shard) => ({
        shard,
        details: await store.executionDetails(ids, options),
      }));
      return new Map(
        ids.flatMap((id): [string, ExecutionDetails][] => {
          const own = answers.find(({ shard }) => shard === set.homeOf(id))?.details.get(id);
          if (!own) return [];
          const children = answers.flatMap(({ details }) => details.get(id)?.children ?? []);
          return [[id, { ...own, children: sumOf(children) }]];
        }),
      );
    },

    behaviours: async (ids, bounds, options) =>
      joined((await set.atHome(ids, (store, own) => store.behaviours(own, bounds, options))).answers),
    eventPace: async (ids, options) =>
      joined((await set.atHome(ids, (store, own) => store.eventPace(own, options))).answers),

    /** The catalog may be in another database than the executions: their paths are known only once they are read. */
    runsLike: async () => new Map(),

    /** Executions are spread evenly, so the newest of each shard in turn are the newest of all, but for chance. */
    async runsOfPaths(paths, limit, options) {
      const { answers } = await set.everywhere((store) => store.runsOfPaths(paths, limit, options));
      return new Map(
        paths.flatMap((path): [string, string[]][] => {
          const lists = answers.flatMap((runs) => (runs.has(path) ? [runs.get(path) ?? []] : []));
          return lists.length === 0 ? [] : [[path, inTurn(lists).slice(0, limit)]];
        }),
      );
    },
  };
}

function inTurn<T>(lists: readonly (readonly T[])[]): T[] {
  const longest = Math.max(...lists.map((list) => list.length));
  return Array.from({ length: longest }, (_, at) => lists.flatMap((list) => list.slice(at, at + 1))).flat();
}

const COUNTS = ['all', 'live', 'running', 'stale', 'completed', 'failed', 'cancelled'] as const;

function sumOf(children: readonly ChildStatuses[]): ChildStatuses {
  const total = { all: 0, live: 0, running: 0, stale: 0, completed: 0, failed: 0, cancelled: 0 };
  for (const each of children) for (const name of COUNTS) total[name] += each[name];
  return { ...total, isCapped: children.some(({ isCapped }) => isCapped) };
}

/** Each shard's rows are compared with that shard's log, so they stay apart by its name. */
function joinedCommands(answers: readonly { title: string; commands: NewestCommands }[]): NewestCommands {
  const unknown = answers.flatMap(({ title, commands }) =>
    commands.kind === 'unknown' ? [`${title}: ${commands.why}`] : [],
  );
  if (unknown.length === answers.length) return { kind: 'unknown', why: unknown.join('; ') };
  return {
    kind: 'rows',
    rows: answers.flatMap(({ title, commands }) =>
      commands.kind === 'rows' ? commands.rows.map((row) => ({ ...row, log: title })) : [],
    ),
    ...(unknown.length > 0 ? { unknown: unknown.join('; ') } : {}),
  };
}

import type { LogPlace, RehearsalReader } from '../rehearsal/types.js';
import { joined } from './reads.js';
import type { ShardSet } from './shard-set.js';

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

import type { EventStore, TreeEdge } from '../event-store.js';
import { gapOf, type ShardSet } from './shard-set.js';
import type { ShardGap } from './view.js';

type Trees = Pick<EventStore, 'linksBelow' | 'childCounts'>;

export function shardedTrees(set: ShardSet): Trees {
  return {
    /**
     * A child's rows name its parent and lie on the child's shard, so every shard is asked for what is below each
     * execution. A shard follows its own links as deep as they go; what another shard found there is asked for in the
     * next round. There are as many rounds as a tree changes shards on its way down, three or four as a rule.
     */
    async linksBelow(ids, limit, options) {
      const links = new Map<string, TreeEdge>();
      const asked = new Map(set.shards.map(({ shard }) => [shard, new Set<string>()]));
      const known = new Set(ids);
      const gaps = new Map<ShardGap['shard'], ShardGap>();
      for (;;) {
        const room = limit - links.size;
        let isOver = true;
        const round = await set.everywhere(async (store, { shard }) => {
          const before = asked.get(shard)!;
          const fresh = [...known].filter((id) => !before.has(id));
          if (fresh.length === 0 || gaps.has(shard)) return { shard, fresh, links: [], truncated: false };
          isOver = false;
          return { shard, fresh, ...(await store.linksBelow(fresh, room, options)) };
        });
        for (const gap of round.gaps) gaps.set(gap.shard, gap);
        let truncated = false;
        for (const answer of round.answers) {
          truncated ||= answer.truncated;
          const below = asked.get(answer.shard)!;
          for (const id of answer.fresh) below.add(id);
          for (const link of answer.links) {
            links.set(`${link.parent}>${link.child}`, link);
            // Its children here are among these links too.
            below.add(link.child);
            known.add(link.child);
          }
        }
        truncated ||= links.size > limit;
        if (isOver || truncated) {
          const gap = gapOf([...gaps.values()]);
          return { links: [...links.values()].slice(0, limit), truncated, ...(gap === undefined ? {} : { gap }) };
        }
      }
    },

    async childCounts(ids, options) {
      const { answers } = await set.everywhere((store) => store.childCounts(ids, options));
      const counts = new Map<string, { all: number; live: number }>();
      for (const [id, { all, live }] of answers.flatMap((answer) => [...answer])) {
        const before = counts.get(id) ?? { all: 0, live: 0 };
        counts.set(id, { all: before.all + all, live: before.live + live });
      }
      return counts;
    },
  };
}

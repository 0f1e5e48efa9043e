import type { EventStore, ReadOptions, TreeEdge } from '../event-store.js';
import type { Stretch } from '../tree/inline-children.js';
import { gapOf, type ShardSet } from './shard-set.js';
import type { ShardGap } from './view.js';

type Trees = Pick<EventStore, 'linksBelow' | 'childCounts'>;

/** When inline children of these may have begun: their own shards know it, and the children may be on any. */
const stretchesOf = async (set: ShardSet, ids: readonly string[], options?: ReadOptions): Promise<Stretch[]> =>
  ids.length === 0 ? [] : (await set.atHome(ids, (store, own) => store.inlineStretches(own, options))).answers.flat();

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
      const stretched = new Set<string>();
      const gaps = new Map<ShardGap['shard'], ShardGap>();
      for (;;) {
        const room = limit - links.size;
        let isOver = true;
        const elsewhere = await stretchesOf(
          set,
          [...known].filter((id) => !stretched.has(id)),
          options,
        );
        for (const id of known) stretched.add(id);
        const round = await set.everywhere(async (store, { shard }) => {
          // `asked` has every shard.
          const before = asked.get(shard)!;
          const fresh = [...known].filter((id) => !before.has(id));
          if (fresh.length === 0 || gaps.has(shard)) return { shard, fresh, links: [], truncated: false };
          isOver = false;
          return { shard, fresh, ...(await store.linksBelow(fresh, room, { ...options, elsewhere })) };
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

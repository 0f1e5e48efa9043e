import type { ExecutionId } from '../domain/execution-id.js';
import { plural } from '../text/plural.js';
import type { Check } from './doctor.js';

/**
 * Whether each shard holds what belongs there. A list in another order, or with a shard too many or too few, still shows
 * every execution in lists, and then finds none of them by id. Pure.
 */
export function checkRouting(
  held: readonly { readonly shard: number; readonly executionIds: readonly ExecutionId[] }[],
  shardOf: (id: ExecutionId) => number,
): Check {
  const all = held.flatMap(({ shard, executionIds }) =>
    executionIds.map((executionId) => ({ executionId, shard, home: shardOf(executionId) })),
  );
  const strays = all.filter(({ home, shard }) => home !== shard);
  const [first] = strays;
  if (!first) {
    const finding =
      all.length === 0
        ? 'no execution yet to check the order of the shards by'
        : `${plural(all.length, 'execution')} looked at, each on its own shard`;
    return { name: 'routing', level: 'ok', finding, remedy: null };
  }
  return {
    name: 'routing',
    level: 'problem',
    finding: `${strays.length} of ${plural(all.length, 'execution')} are on another shard than their ids say: ${first.executionId} is on shard ${first.shard} and belongs on shard ${first.home}`,
    remedy: 'give the shards in the order and the number that the server has them in (its NOETL_SHARDS)',
  };
}

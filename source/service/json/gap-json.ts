import type { ShardGap } from '../../store/shards/view.js';
import { isoTime } from './execution-json.js';

/** A shard that an answer is without, as JSON, the same on the command line and in the API. */
export const gapJson = ({ shard, title, since, problem }: ShardGap): Record<string, unknown> => ({
  shard,
  title,
  since: isoTime(since),
  problem,
});

import type { EpochMs } from '../execution.js';
import { ago } from '../staleness/stale-evidence.js';
import type { Condition } from './conditions.js';

/** A database of several that does not answer. */
export interface SilentShard {
  /** Its number and place, fit to show. */
  readonly title: string;
  /** When it first did not answer, by this process's clock. */
  readonly since: EpochMs;
  readonly problem: string;
}

/**
 * What lies on a shard that does not answer is unknown: whether a parent there is active, or a child there emits, decides
 * whether an execution elsewhere is safe to cancel.
 */
export function shardDown(gaps: readonly SilentShard[], now: EpochMs): Condition | null {
  const [first] = gaps;
  if (!first) return null;
  const said = gaps.map(
    ({ title, since, problem }) => `${title} does not answer, first ${ago(since, now)}: ${problem}`,
  );
  return {
    code: 'shard-down',
    sentence: `${said.join('; ')}. What lies there is missing`,
    remedy: 'bring the database up; what lies on the other shards is shown, and can be cancelled by id',
    since: Math.min(...gaps.map(({ since }) => since)),
    until: null,
    count: gaps.length,
    names: gaps.map(({ title }) => title),
  };
}

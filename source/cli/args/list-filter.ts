import { DEFAULT_STALE_AFTER_MS } from '../../domain/execution-status.js';
import type { ListFilter } from '../../service/list.js';
import { readId } from './ids.js';
import type { Flags } from './parsed-flags.js';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 100_000;

/**
 * What `list` is asked for by its flags.
 * @throws UsageError
 */
export function listFilter(flags: Flags, now: number): ListFilter {
  const parent = flags.text('parent');
  const path = flags.text('path');
  const since = flags.moment('since', now);
  return {
    status: flags.text('status') ?? 'all',
    path,
    ...(parent === undefined ? {} : { parent: readId(parent) }),
    since,
    limit: flags.integer('limit', { least: 1, most: MAX_LIMIT }) ?? DEFAULT_LIMIT,
    staleAfterMs: flags.duration('older-than') ?? DEFAULT_STALE_AFTER_MS,
  };
}
